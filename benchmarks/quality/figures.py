"""Figures of one clustering on one platform, and its clusters one by one, as plain rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from forensics.case.run import Run
from forensics.evaluate.measure import PURE, Clustering, evaluate, measure
from forensics.evaluate.truth import Truth

Row = dict[str, Any]
#: What calls a cluster a finding where a method has no verdicts.
MIN_FINDING = 3
MOSTLY_ABUSIVE = 0.5


def tool_figures(run: Run, truth: Truth) -> list[Row]:
    """Return the figures of a run: measure, group, value and count."""
    found = evaluate(run.read("members"), run.read("clusters"), truth, samples=0)
    return [_row(f) for f in found.figures]


def peer_figures(label: np.ndarray, truth: Truth, *, oracle: bool) -> list[Row]:
    """Return the figures of labels (-1: in no cluster) by the peers' common rule.

    A finding is a cluster of three accounts or more; with `oracle`, of these only the ones of
    which most accounts are abusive, which nobody can know without the truth.
    """
    assert truth.abusive is not None
    inside = label >= 0
    sizes = np.bincount(label[inside], minlength=1)
    abusive = np.bincount(label[inside], weights=truth.abusive[inside], minlength=1)
    finding = sizes >= MIN_FINDING
    if oracle:
        finding &= abusive > MOSTLY_ABUSIVE * sizes
    nobody = np.zeros(len(sizes), dtype=bool)
    found = Clustering(label, finding, nobody, np.full(len(sizes), np.nan))
    return [_row(f) for f in measure(found, truth, samples=0)]


def cluster_rows(run: Run, truth: Truth) -> list[Row]:
    """Return every cluster of a run with who its accounts really belong to."""
    assert truth.operator is not None
    assert truth.abusive is not None
    names = {
        "account_id": truth.account_id.to_pylist(),
        "operator": truth.operator,
        "abusive": truth.abusive,
        "kind": [truth.kinds[k] for k in truth.kind],
    }
    members = run.read("members", ["cluster_id", "account_id"]).to_pandas()
    known = members.merge(pd.DataFrame(names), on="account_id")
    by_operator = known.groupby(["cluster_id", "operator", "kind"]).size().rename("n")
    main = by_operator.reset_index().sort_values(["cluster_id", "n", "operator"])
    main = main.drop_duplicates("cluster_id", keep="last").set_index("cluster_id")
    grouped = known.groupby("cluster_id")
    clusters = run.read("clusters").to_pandas().set_index("cluster_id")
    kept = ["accounts", "coordination", "abuse", "verdict", "q_value", "stability", "links"]
    clusters = clusters[kept]
    evidence = run.read("evidence", ["cluster_id", "kind", "bits"]).to_pandas()
    bits = evidence.pivot_table(index="cluster_id", columns="kind", values="bits")
    clusters = clusters.join(bits.add_suffix("_bits"))
    clusters["operators"] = grouped["operator"].nunique()
    clusters["purity"] = main["n"] / grouped.size()
    clusters["one_operator"] = clusters["purity"] >= PURE
    clusters["main_kind"] = main["kind"]
    clusters["abusive_share"] = grouped["abusive"].mean()
    return clusters.reset_index().to_dict("records")


def _row(figure: Any) -> Row:
    return {
        "measure": figure.measure,
        "group": figure.group,
        "value": figure.value,
        "count": figure.count,
    }
