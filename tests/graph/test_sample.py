"""The queries that ship, with the defaults in their heads, on the sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.graph.library import NamedQuery, load_queries
from forensics.graph.results import Graph
from forensics.graph.store import open_graph

#: Nobody has labelled the sample.
WITHOUT_ROWS = {"labels_against_verdicts"}


@pytest.fixture(scope="module")
def sample_graph(sample_folder: Path) -> Iterator[Graph]:
    with open_graph(Case.open(sample_folder / "case")) as graph:
        yield graph


def test_the_default_cluster_is_the_largest_finding(sample_folder: Path) -> None:
    clusters = Run.current(Case.open(sample_folder / "case")).read("clusters").to_pylist()
    largest = min(
        (c for c in clusters if c["verdict"] in ("abusive", "coordinated")),
        key=lambda c: (-c["accounts"], c["cluster_id"]),
    )
    defaults = {p.default for q in load_queries().values() for p in q.parameters}
    assert largest["cluster_id"] in defaults, "put it into the heads of queries/*.cypher"


@pytest.mark.parametrize("query", load_queries().values(), ids=lambda q: q.name)
def test_the_defaults_give_rows(sample_graph: Graph, query: NamedQuery) -> None:
    result = sample_graph.query(query.text, query.values({}))
    assert bool(result.rows) is (query.name not in WITHOUT_ROWS)
