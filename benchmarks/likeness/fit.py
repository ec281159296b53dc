"""Fits the scorecard: a logistic regression on ranges, monotone, with a ridge.

The bits of an item may only rise (or only fall) with its value, as it was reasoned to speak before
the fit; the ridge holds what few groups tell near 0. Each generator counts alike, a group by the
root of its accounts. Copies of the groups without some tables are fitted as well, so that a case
that has no payments or no prompts is weighed by what it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from forensics.score.scorecard import PRIOR

Floats = npt.NDArray[np.float64]
RIDGE = 2.0
#: How much the copies without some tables count beside the groups as they are.
COPIES = 0.5
#: Bits that an item adds or takes at most: no single column is to carry a verdict.
MOST_BITS = 4.0


@dataclass(frozen=True)
class Ranges:
    """Where the ranges of an item begin, after the lowest.

    `rises` is whether its bits rise with its value; `base` whether the lowest range has bits of its
    own: of what accounts do, that it is little says something.
    `judged` is a last range, and its bits, of which the generators have next to nothing: who tests
    stolen cards has a dozen to an account, whatever else he does. `most` is how many bits the item
    adds or takes at most, by judgement: a ring on one card is the textbook's case, whatever few of
    them the generators have.
    """

    rises: bool
    at_least: tuple[float, ...]
    base: bool = True
    judged: tuple[float, float] | None = None
    most: float | None = None


RANGES = {
    "country_differs": Ranges(True, (0.1, 0.35, 0.7), base=False),
    "payer_share": Ranges(False, (0.35, 0.7), base=False, most=1.0),
    "instruments_per_account": Ranges(True, (2, 4), base=False, judged=(8, 6.0)),
    "devices": Ranges(True, (0.05, 0.35, 0.7), base=False),
    "capability_share": Ranges(True, (0.05, 0.15, 0.3, 0.5), base=False),
    "output_ratio": Ranges(True, (0.95, 1.1, 1.3, 1.6)),
    "pivoted": Ranges(True, (0.02, 0.1, 0.3)),
    "even_load": Ranges(True, (0.1, 0.4, 0.8, 1.5)),
    "own_prompt_share": Ranges(True, (0.05, 0.2, 0.35), base=False),
    "common_prompt_share": Ranges(False, (0.3, 0.6, 0.85), base=False),
    "evenness": Ranges(True, (0.8, 0.85, 0.92, 0.97)),
    "parallel": Ranges(True, (0.1, 0.2, 0.3, 0.5)),
    "same_hours": Ranges(True, (0.1, 0.2, 0.3, 0.5), base=False),
    "met_once": Ranges(False, (0.3, 0.6, 0.85), base=False),
    "on_vpn": Ranges(True, (0.1, 0.25, 0.7), base=False),
    "on_corporate": Ranges(False, (0.1, 0.5, 0.9), base=False),
    "on_education": Ranges(False, (0.1, 0.5, 0.9), base=False),
    "own_domains": Ranges(False, (0.2, 0.35, 0.7), base=False),
    "school_mail": Ranges(False, (0.1, 0.5, 0.9), base=False),
    "named": Ranges(False, (0.2, 0.35, 0.6, 0.9), base=False),
    "throw_away_mail": Ranges(True, (0.05, 0.2, 0.5), base=False),
    "declared_share": Ranges(False, (0.1, 0.5, 0.9), base=False),
    "suspended": Ranges(True, (0.01, 0.07, 0.15, 0.25), base=False),
    "replaced": Ranges(True, (0.1, 0.35, 0.9), base=False),
}
_PROMPTS = (
    *("capability_share", "output_ratio", "pivoted", "even_load"),
    *("own_prompt_share", "common_prompt_share"),
)
_TOKENS = ("output_ratio",)
_PAYMENTS = ("country_differs", "payer_share", "instruments_per_account")
_TIMING = ("evenness", "parallel", "same_hours")
_NETWORKS = ("on_vpn", "on_corporate", "on_education")
_WORDS = ("own_domains", "school_mail", "named", "declared_share", "throw_away_mail")
_STATUS = ("suspended", "replaced")
#: What the copies are without.
WITHOUT = (
    _PROMPTS,
    _TOKENS,
    _PAYMENTS,
    _NETWORKS,
    _WORDS,
    _STATUS,
    (*_PROMPTS, *_PAYMENTS),
    (*_NETWORKS, *_WORDS),
    (*_PAYMENTS, *_STATUS),
    (*_PROMPTS, *_TIMING),
    (*_PROMPTS, *_TIMING, *_NETWORKS, *_WORDS),
    (*_PROMPTS, *_TIMING, *_PAYMENTS, *_NETWORKS),
    (*_PROMPTS, *_NETWORKS, *_STATUS),
    (*_PAYMENTS, *_NETWORKS, *_WORDS, *_STATUS),
)


def design(groups: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return a column per step of the scale, shape (groups, steps), and the item of each."""
    columns, names = [], []
    for name, ranges in RANGES.items():
        value = groups[name].to_numpy(float)
        known = np.isfinite(value)
        steps = [known] if ranges.base else []
        steps += [known & (np.where(known, value, -np.inf) >= least) for least in ranges.at_least]
        columns += steps
        names += [name] * len(steps)
    return np.column_stack(columns).astype(float), names


def fit(groups: pd.DataFrame) -> Floats:
    """Return the prior and the steps of `design`, in bits to one digit."""
    steps, names = design(groups)
    abusive, weight = groups["abusive"].to_numpy(float), weights(groups)
    parts, counts = [steps], [weight]
    for without in WITHOUT:
        parts.append(steps * ~np.isin(names, without))
        counts.append(weight * COPIES / len(WITHOUT))
    every, weight = np.vstack(parts), np.concatenate(counts)
    abusive = np.tile(abusive, len(parts))

    def loss(found: Floats) -> tuple[float, Floats]:
        odds = every @ found[1:] + found[0]
        error = weight * (1 / (1 + np.exp(-odds)) - abusive)
        value = weight @ (np.logaddexp(0, odds) - abusive * odds)
        value += RIDGE * found[1:] @ found[1:] / 2
        return float(value), np.append(error.sum(), every.T @ error + RIDGE * found[1:])

    start = np.zeros(every.shape[1] + 1)
    bounds = [(None, None), *_bounds()]
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    found: Floats = np.round(result.x / np.log(2), 1)
    return found


def _bounds() -> list[tuple[float | None, float | None]]:
    found: list[tuple[float | None, float | None]] = []
    for ranges in RANGES.values():
        found += [(None, None)] * ranges.base
        most = ranges.most and ranges.most * np.log(2) / len(ranges.at_least)
        found += [(0, most) if ranges.rises else (most and -most, 0)] * len(ranges.at_least)
    return found


def weights(groups: pd.DataFrame) -> Floats:
    """Return how much each group counts: every generator alike, a group by the root of its size."""
    root = np.sqrt(groups["accounts"].to_numpy(float))
    of_generator = pd.Series(root).groupby(groups["generator"].to_numpy()).transform("sum")
    share: Floats = root / of_generator.to_numpy()
    return share * len(groups) / groups["generator"].nunique()


def probability(groups: pd.DataFrame, found: Floats) -> Floats:
    """Return the probability of a campaign of each group, by what was fitted."""
    steps, names = design(groups)
    total = np.full(len(groups), found[0])
    for name in RANGES:
        mine = np.array(names) == name
        total += np.clip(steps[:, mine] @ found[1:][mine], -MOST_BITS, MOST_BITS)
    said: Floats = 1 / (1 + np.exp2(-total))
    return said


def scale_rows(found: Floats) -> list[tuple[str, str, str]]:
    """Return the rows of `likeness.csv`: item, from which value on, and bits."""
    rows, at = [(PRIOR, "", f"{found[0]:.1f}")], 1
    for name, ranges in RANGES.items():
        bits = float(found[at]) if ranges.base else 0.0
        at += ranges.base
        rows.append((name, "", _written(bits)))
        for least in ranges.at_least:
            bits += float(found[at])
            rows.append((name, f"{least:g}", _written(bits)))
            at += 1
        if ranges.judged:
            rows.append((name, f"{ranges.judged[0]:g}", f"{ranges.judged[1]:.1f}"))
    return rows


def _written(bits: float) -> str:
    return f"{min(max(bits, -MOST_BITS), MOST_BITS) + 0:.1f}"
