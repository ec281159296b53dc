"""The figures: how well findings and clusters agree with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forensics.evaluate.bootstrap import Reals, Resamples, estimate
from forensics.evaluate.truth import Truth

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
FINDINGS = ("abusive", "coordinated")
#: A cluster is one operator when so many of its accounts belong to it.
PURE = 0.9
#: Honest operators of this size and more should be found, and be called legitimate.
HONEST_SIZE = 5
EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Clustering:
    """Clusters over the accounts of a truth file, in its order.

    `cluster` numbers each account's cluster, -1 for none. Per cluster: is it a finding, is it
    called legitimate, and how sure is it one operator (NaN where that is not said).
    """

    cluster: Ints
    finding: Flags
    legitimate: Flags
    coordination: Reals


@dataclass(frozen=True)
class Figure:
    """One measured value with its 95 % interval.

    `count` is what the value is a share of; `predicted` is there for `reliability` only.
    """

    measure: str
    group: str
    value: float | None
    low: float | None
    high: float | None
    count: int
    predicted: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """All figures; `unknown_accounts` are in clusters but not in the truth, and left out."""

    figures: tuple[Figure, ...]
    unknown_accounts: int = 0

    def value(self, measure: str, group: str = "") -> float | None:
        """Return one value; None where it is not defined or not measured."""
        found = [f.value for f in self.figures if (f.measure, f.group) == (measure, group)]
        return found[0] if found else None


def evaluate(
    members: pa.Table, clusters: pa.Table, truth: Truth, *, samples: int = 1_000, seed: int = 0
) -> Evaluation:
    """Hold a run's clusters (of two accounts or more) against the truth.

    Args:
        members: cluster_id, account_id.
        clusters: cluster_id, verdict, coordination.
        truth: who runs which account.
        samples: how many bootstrap samples.
        seed: of the bootstrap.
    """
    place = pc.index_in(members["account_id"], truth.account_id)
    known = pc.is_valid(place)
    row = np.asarray(place.filter(known), dtype=np.int64)
    cluster = np.full(len(truth), -1, np.int64)
    code = pc.index_in(members["cluster_id"], clusters["cluster_id"].combine_chunks())
    cluster[row] = np.asarray(code.filter(known), dtype=np.int64)
    found = Clustering(
        cluster,
        np.asarray(pc.is_in(clusters["verdict"], pa.array(FINDINGS))),
        np.asarray(pc.fill_null(pc.equal(clusters["verdict"], "legitimate"), False)),
        np.asarray(pc.fill_null(clusters["coordination"].cast(pa.float64()), np.nan)),
    )
    figures = measure(found, truth, samples=samples, seed=seed)
    return Evaluation(figures, members.num_rows - len(row))


def measure(
    found: Clustering, truth: Truth, *, samples: int = 1_000, seed: int = 0
) -> tuple[Figure, ...]:
    """Return the figures of any method's clusters; what the truth doesn't tell is not measured."""
    counts = _Counts(found, truth)
    resamples = Resamples(counts.operators, samples, seed)
    figures: list[Figure] = []
    if truth.abusive is not None:
        figures += _accounts(counts, resamples)
    if truth.operator is not None:
        figures += [*_pairs(counts, resamples), *_honest(counts, resamples)]
        figures += _calibration(counts, resamples)
    return (*figures, *_kinds(counts, resamples))


class _Counts:
    """The contingency table of clusters and operators, and sums over it."""

    def __init__(self, found: Clustering, truth: Truth) -> None:
        self.found, self.truth = found, truth
        own = np.arange(len(truth))
        self.operator = own if truth.operator is None else truth.operator
        self.operators = int(self.operator.max()) + 1
        self.clustered = found.cluster >= 0
        self.in_finding = np.zeros(len(truth), bool)
        self.in_finding[self.clustered] = found.finding[found.cluster[self.clustered]]
        pairs = np.stack([found.cluster[self.clustered], self.operator[self.clustered]])
        cells, self.cell_size = np.unique(pairs, axis=1, return_counts=True)
        self.cell_cluster, self.cell_operator = cells
        self.size = np.bincount(found.cluster[self.clustered], minlength=len(found.finding))
        self.operator_size = np.bincount(self.operator)
        # The operator with most accounts of each cluster; the smaller number where two are equal.
        order = np.lexsort((self.cell_operator, -self.cell_size, self.cell_cluster))
        first = np.unique(self.cell_cluster[order], return_index=True)[1]
        self.main = order[first]

    def per_operator(self, which: Flags) -> Reals:
        """Return how many accounts each operator has among those of `which`."""
        return np.bincount(self.operator[which], minlength=self.operators).astype(float)

    def from_cells(self, values: Reals) -> Reals:
        """Add up the values of cells by operator."""
        return np.bincount(self.cell_operator, values, self.operators).astype(float)


def _share(name: str, group: str, above: Reals, below: Reals, resamples: Resamples) -> Figure:
    """A figure that is a ratio of two sums over operators."""
    value = estimate(resamples, above, below)
    return Figure(name, group, *value, count=round(float(below.sum())))


def _accounts(c: _Counts, resamples: Resamples) -> Iterator[Figure]:
    abusive = c.truth.abusive
    assert abusive is not None
    hit = c.per_operator(abusive & c.in_finding)
    yield _share("account_precision", "", hit, c.per_operator(c.in_finding), resamples)
    yield _share("account_recall", "", hit, c.per_operator(abusive), resamples)
    innocent = c.per_operator(~abusive & c.in_finding)
    yield _share("innocent_in_findings", "", innocent, c.per_operator(~abusive), resamples)


def _pairs(c: _Counts, resamples: Resamples) -> Iterator[Figure]:
    """Pairs of accounts, counted from the contingency table (Hubert and Arabie 1985)."""
    inside = c.from_cells(_choose_two(c.cell_size))
    # A pair of two operators counts half for each, so that the halves add up to all pairs.
    across = c.from_cells(c.cell_size * (c.size[c.cell_cluster] - c.cell_size) / 2)
    same = _choose_two(c.operator_size)
    yield _share("pair_precision", "", inside, inside + across, resamples)
    yield _share("pair_recall", "", inside, same, resamples)
    value = estimate(resamples, 2 * inside, inside + across + same)
    yield Figure("pair_f1", "", *value, count=round(float(same.sum())))


def _honest(c: _Counts, resamples: Resamples) -> Iterator[Figure]:
    """Honest operators of some size: found as one cluster, and called legitimate."""
    if c.truth.abusive is None:
        return
    honest = c.per_operator(c.truth.abusive) == 0
    asked = honest & (c.operator_size >= HONEST_SIZE)
    whole = 2 * c.cell_size >= c.operator_size[c.cell_operator]
    pure = 5 * c.cell_size >= 4 * c.size[c.cell_cluster]
    good = whole & pure & asked[c.cell_operator]
    one = np.minimum(c.from_cells(good.astype(float)), 1)
    called = good & c.found.legitimate[c.cell_cluster]
    yield _share("honest_found_as_one", "", one, asked.astype(float), resamples)
    said = np.minimum(c.from_cells(called.astype(float)), 1)
    yield _share("honest_called_legitimate", "", said, one, resamples)


def _calibration(c: _Counts, resamples: Resamples) -> Iterator[Figure]:
    """Brier score (1950) and reliability table of `coordination`; a cluster counts for its main
    operator, and those with fewer than two accounts in the truth are left out.
    """
    cluster, operator = c.cell_cluster[c.main], c.cell_operator[c.main]
    said = c.found.coordination[cluster]
    asked = (c.size[cluster] >= 2) & np.isfinite(said)
    one = c.cell_size[c.main] >= PURE * c.size[cluster]

    def sums(which: Flags, values: Reals) -> Reals:
        return np.bincount(operator[which], values[which], c.operators).astype(float)

    ones = np.ones(len(said))
    brier = sums(asked, (said - one) ** 2)
    yield _share("brier", "", brier, sums(asked, ones), resamples)
    for low, high in pairwise(EDGES):
        inside = asked & (said >= low) & ((said < high) | (high == EDGES[-1]))
        if inside.any():
            name = f"{low:.2f} to {high:.2f}"
            figure = _share(
                "reliability", name, sums(inside, one.astype(float)), sums(inside, ones), resamples
            )
            yield Figure(
                *(figure.measure, figure.group, figure.value, figure.low, figure.high),
                count=figure.count,
                predicted=float(said[inside].mean()),
            )


def _kinds(c: _Counts, resamples: Resamples) -> Iterator[Figure]:
    """By kind of operator: the share of accounts in findings, and of pairs in one cluster."""
    inside = c.from_cells(_choose_two(c.cell_size))
    same = _choose_two(c.operator_size)
    for number, kind in enumerate(c.truth.kinds):
        mine = c.truth.kind == number
        hit, every = c.per_operator(mine & c.in_finding), c.per_operator(mine)
        yield _share("in_findings", kind, hit, every, resamples)
        theirs = every > 0
        if c.truth.operator is not None and same[theirs].any():
            yield _share("pair_recall", kind, inside * theirs, same * theirs, resamples)


def _choose_two(count: Ints) -> Reals:
    return np.asarray(count * (count - 1) / 2, dtype=float)
