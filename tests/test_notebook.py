"""`forensics.open_case`: a case as frames, as a graph, and in Cypher."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import forensics
from forensics.case.store import Case
from forensics.errors import CaseError, QueryError, UsageError
from forensics.notebook import Notebook
from tests.factory import BRIDGES, NORTH


@pytest.fixture
def case(small_case: Case) -> Iterator[Notebook]:
    with forensics.open_case(small_case.root) as case:
        yield case


def test_the_tables_are_frames_backed_by_arrow(case: Notebook) -> None:
    clusters = case.clusters()
    assert clusters["cluster_id"].tolist() == ["C-north", "C-acme", "C-south", "C-home"]
    assert clusters["reasons"][1] == ["cards", "addresses"]
    assert isinstance(clusters["accounts"].dtype, pd.ArrowDtype)
    assert len(case.accounts()) == 20
    assert case.members().query("bridge")["account_id"].tolist() == list(BRIDGES)
    assert case.links()["match_weight"].max() == 28.975


def test_uses_of_one_kind_say_who_else_has_the_value(case: Notebook) -> None:
    uses = case.uses("device")
    mine = uses[uses["account_id"] == "north-1"].iloc[0]
    assert (mine["key"], mine["accounts"], mine["operators"]) == ("device:dev-north", 3, 2.0)
    assert set(uses["kind"]) == {"device"}
    assert len(case.uses()) > len(uses)
    with pytest.raises(UsageError, match="no kind 'devices'; did you mean 'device'"):
        case.uses("devices")
    with pytest.raises(UsageError, match="no kind 'prompt'; did you mean 'template'"):
        case.uses("prompt")


def test_a_kind_that_the_case_has_no_value_of_is_an_empty_frame(case: Notebook) -> None:
    assert len(case.uses("phone")) == 0
    assert list(case.uses("phone").columns) == list(case.uses("device").columns)


def test_the_graph_of_a_cluster_has_its_members_and_their_links(case: Notebook) -> None:
    graph = case.graph("C-north")
    assert graph.vs["name"] == NORTH
    assert graph.vs["label"] == ["abusive", None, None, None, None]
    assert graph.vs.find("north-2")["status"] == "suspended"
    assert graph.ecount() == 9
    assert graph.es[graph.get_eid("north-1", "north-2")]["match_weight"] == 28.975


def test_the_whole_graph_has_every_linked_account(case: Notebook) -> None:
    graph = case.graph()
    assert graph.vcount() == 16  # fifteen members and solo-4
    assert graph.ecount() == len(case.links())
    assert graph.vs.find("solo-4")["cluster_id"] is None
    assert sorted(map(len, graph.connected_components())) == [2, 4, 10]


def test_cypher_gives_a_frame(case: Notebook) -> None:
    frame = case.query(
        "MATCH (a:Account) WHERE a.cluster_id = $id "
        "RETURN a.status AS status, count(*) AS n ORDER BY status",
        id="C-north",
    )
    assert frame.to_dict("list") == {"status": ["active", "suspended"], "n": [4, 1]}
    empty = case.query("MATCH (a:Account) WHERE a.plan = 'none' RETURN a.plan AS plan")
    assert (list(empty.columns), len(empty)) == (["plan"], 0)
    with pytest.raises(QueryError, match="SET would change the graph"):
        case.query("MATCH (a:Account) SET a.plan = 'x'")


def test_what_is_not_there_is_told(case: Notebook, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no cluster 'C-nort'; did you mean 'C-north'"):
        case.graph("C-nort")
    with pytest.raises(CaseError, match="holds no case"):
        forensics.open_case(tmp_path / "none")
    with pytest.raises(CaseError, match="has not been analysed"):
        forensics.open_case(Case.create(tmp_path / "new").root)


def test_importing_the_package_is_light() -> None:
    script = "import sys, forensics; print({'pandas', 'pyarrow', 'ladybug'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
