"""Calibration by labels: what people decided, set against what the scores said.

Cox (1958) fits logit(truth) = shift + slope * logit(score) to labelled clusters: 0 and 1 say that
the score needs none. All clusters of a run share one calibration, so a label moves the verdict on
its own cluster only as far as it moves all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forensics.case.labels import Label

#: Standard deviations of shift and slope from 0 and 1 before any label is seen: so much they
#: differ between generated platforms (`docs/choices.md`), so a few labels change little.
START, SPREAD = np.array([0.0, 1.0]), np.array([1.0, 0.3])
#: People err, or know what nobody recorded: one label against a score that is sure tells little.
WRONG = 0.05
EDGE = 0.005  # scores nearer to 0 and 1 say no more than this
LEAST_SLOPE = 0.1  # more of a score is never less
PURE = 0.9  # of the labelled members that one operator runs, in a cluster that is one operator's
#: Labelled members that speak for a whole cluster, however large: fewer speak for less of it.
SPEAK = 5


@dataclass(frozen=True)
class Calibration:
    """How one score is to be read, by so many labelled clusters."""

    clusters: int = 0
    shift: float = 0.0
    slope: float = 1.0

    def __call__(self, said: float) -> float:
        """Return the calibrated score; 0 and 1 stay what they are."""
        if self.clusters == 0:
            return said
        odds_for = np.exp(self.shift) * said**self.slope
        return float(odds_for / (odds_for + (1 - said) ** self.slope))


@dataclass(frozen=True)
class Calibrations:
    """How `coordination` and `abuse` are to be read."""

    coordination: Calibration = Calibration()
    abuse: Calibration = Calibration()

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `run.json` has them."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Mapping[str, Any]]) -> Calibrations:
        """Return what `as_dict` told."""
        return cls(**{name: Calibration(**figures) for name, figures in told.items()})


def calibrate(
    labels: Sequence[Sequence[Label]],
    accounts: Sequence[int],
    coordination: Sequence[float],
    abuse: Sequence[float | None],
) -> Calibrations:
    """Return the calibrations that the labels of each cluster's members call for.

    Whether one operator runs a cluster is told by two members or more whose operator is known;
    whether it is abusive, by the share of its labelled members that are. `accounts` are its
    members: a cluster of which few are labelled counts for less.
    """
    one = [_one_operator(*of) for of in zip(labels, accounts, strict=True)]
    bad = [_abusive(*of) for of in zip(labels, accounts, strict=True)]
    return Calibrations(_fitted(coordination, one), _fitted(abuse, bad))


def _one_operator(labels: Sequence[Label], accounts: int) -> tuple[float, float] | None:
    """Return whether one operator runs a cluster, and how much that counts; None if not known."""
    known = [label.operator for label in labels if label.operator]
    if len(known) < 2:
        return None
    most = max(known.count(name) for name in set(known))
    return float(most >= PURE * len(known)), _weight(len(known), accounts)


def _abusive(labels: Sequence[Label], accounts: int) -> tuple[float, float] | None:
    """Return how much of a cluster is abusive, and how much that counts; None if not known."""
    known = [label.verdict == "abusive" for label in labels]
    return (sum(known) / len(known), _weight(len(known), accounts)) if known else None


def _weight(labelled: int, accounts: int) -> float:
    return min(1.0, labelled / min(SPEAK, accounts))


def _fitted(
    said: Sequence[float | None], truth: Sequence[tuple[float, float] | None]
) -> Calibration:
    """Fit shift and slope, drawn to 0 and 1 by a normal prior; a share `WRONG` of labels errs."""
    from scipy.optimize import minimize  # only now: it loads slowly, and looks at a run need none

    known = [(s, *t) for s, t in zip(said, truth, strict=True) if s is not None and t is not None]
    if not known:
        return Calibration()
    score, share, weight = np.array(known).T
    score = np.clip(score, EDGE, 1 - EDGE)
    logit = np.log(score / (1 - score))

    def loss(x: np.ndarray) -> float:
        told = WRONG + (1 - 2 * WRONG) / (1 + np.exp(-(x[0] + x[1] * logit)))
        likelihood = (weight * (share * np.log(told) + (1 - share) * np.log(1 - told))).sum()
        return float((((x - START) / SPREAD) ** 2).sum() / 2 - likelihood)

    found = minimize(loss, START, bounds=[(None, None), (LEAST_SLOPE, None)])
    # Rounded: the last digits of a sum depend on the machine.
    shift, slope = (round(float(x), 3) for x in found.x)
    return Calibration(len(known), shift, slope)
