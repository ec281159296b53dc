"""The embedded graph: what it holds, that it is never stale, and that it only reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from forensics.case.files import canonical_json, write_parquet
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.errors import CaseError, QueryError
from forensics.graph import build
from forensics.graph.build import build_graph, graph_path
from forensics.graph.content import property_names
from forensics.graph.results import Graph
from forensics.graph.schema import NODES, RELATIONSHIPS
from forensics.graph.store import open_graph


def count(case: Case, pattern: str) -> int:
    with open_graph(case) as graph:
        (row,) = graph.query(f"MATCH {pattern} RETURN count(*) AS n").rows
    return int(row["n"])


def test_everything_of_the_run_is_in_the_graph(small_case: Case) -> None:
    run = Run.current(small_case)
    with open_graph(small_case) as graph:
        nodes = graph.query("MATCH (n) RETURN label(n) AS label, count(*) AS n ORDER BY label")
        ends = graph.query(
            "MATCH ()-[r]->() RETURN label(r) AS label, count(*) AS n ORDER BY label"
        )
    assert {r["label"]: r["n"] for r in nodes.rows} == {
        "Account": 20,
        "Cluster": 6,
        "Device": 9,
        "ForensicsCase": 1,
        "Identifier": 22,
        "IpAddress": 7,
        "PaymentInstrument": 7,
        "PromptTemplate": 3,
    }
    linked = {r["label"]: r["n"] for r in ends.rows}
    assert linked.pop("LINKED_TO") == run.count("links") == 25
    assert linked.pop("MEMBER_OF") == run.count("members") == 15
    assert linked.pop("CAME_FROM") == run.count("lineage") - 1 == 2  # one vanished
    assert sum(linked.values()) == run.count("uses")
    assert set(linked) == {"PAID_WITH", "USED_IP", "USED_DEVICE", "SENT", "HAS"}


def test_properties_have_their_types_and_are_null_where_absent(graph: Graph) -> None:
    rows = graph.query(
        "MATCH (a:Account) WHERE a.account_id IN ['north-2', 'solo-5'] "
        "RETURN a.created_at AS created_at, a.created_s AS created_s, a.status_s AS status_s, "
        "a.requests AS requests, a.cluster_id AS cluster_id ORDER BY a.account_id"
    ).rows
    use = graph.query(
        "MATCH (a:Account)-[u:USED_IP]->(i:IpAddress) WHERE a.account_id = 'north-2' "
        "RETURN u.role AS role, u.first_s AS first_s, u.last_seen AS last_seen, i.asn AS asn"
    ).rows
    assert [tuple(row.values()) for row in rows] == [
        ("2026-01-05T08:04:00Z", 1767600240, 1768845600, 41, "C-north"),
        (None, None, None, 1, None),
    ]
    assert [tuple(row.values()) for row in use] == [
        ("use", 1767693900, "2026-01-06T10:40:00Z", 64500)
    ]


def test_a_vanished_cluster_stays_as_the_origin_of_another(graph: Graph) -> None:
    rows = graph.query(
        "MATCH (c:Cluster)-[o:CAME_FROM]->(p:Cluster) "
        "RETURN c.cluster_id AS id, o.kind AS kind, o.accounts AS accounts, o.run_id AS run, "
        "p.cluster_id AS origin, p.run_id AS before, p.verdict AS verdict ORDER BY id"
    ).rows
    assert [tuple(row.values()) for row in rows] == [
        ("C-north", "grew", 4, "r-0002", "C-north", "r-0002", "abusive"),
        ("C-south", "split", 3, "r-0002", "C-gone", "r-0001", None),
    ]


def test_unknown_columns_become_properties_of_the_account(small_case: Case) -> None:
    run = Run.current(small_case)
    accounts = run.read("accounts").to_pylist()
    accounts[0]["extra"] = json.dumps(
        {
            "load": "a",
            "e-mail/2": "b~",
            "country": "c",
            'it\'s "x"': {"y": [1]},
            "asn": 7,
            "on": True,
        }
    )
    write_parquet(
        pa.Table.from_pylist(accounts, SCHEMAS["accounts"]), run.folder / "accounts.parquet"
    )
    with open_graph(small_case) as graph:
        (row,) = graph.query(
            "MATCH (a:Account) WHERE a.account_id = 'acme-1' RETURN a.load AS load, "
            "a.e_mail_2 AS e, a.country AS country, a.input_country AS given, a.it_s__x AS nested, "
            "a.input_asn AS asn, a.`on` AS flag, a.channel AS channel"
        ).rows
    assert tuple(row.values()) == ("a", "b~", "DE", "c", '{"y":[1]}', "7", "true", None)


def test_property_names_are_plain_and_unlike_each_other() -> None:
    given = ["a b", "a_b", "A B", "Country", "_ID", "1st", "é", "", "key"]
    assert list(property_names(given).values()) == [
        *("a_b", "a_b_2", "A_B_3", "input_Country", "ID", "input_1st"),
        *("input", "input_2", "input_key"),
    ]


def test_values_are_never_read_as_query_text(graph: Graph) -> None:
    hostile = "x'}) MATCH (n) DETACH DELETE n //\u202e\x00\\'\"\"`${a}"
    (row,) = graph.query("RETURN $value AS value", {"value": hostile}).rows
    none = graph.query("MATCH (a:Account) WHERE a.account_id = $value RETURN a", {"value": hostile})
    assert row["value"] == hostile
    assert none.rows == []


def test_nodes_and_paths_come_as_plain_values(graph: Graph) -> None:
    (row,) = graph.query(
        "MATCH p = (a:Account)-[m:MEMBER_OF]->(c:Cluster) WHERE a.account_id = 'home-1' "
        "RETURN p, m, [c.verdict] AS list, sum(a.requests) AS sum"
    ).rows
    assert row["m"] == {"_label": "MEMBER_OF", "membership": 1.0, "bridge": False}
    assert [node["_label"] for node in row["p"]["nodes"]] == ["Account", "Cluster"]
    assert row["p"]["relationships"] == [row["m"]]
    assert row["list"] == ["unclear"]
    assert row["sum"] == 15
    assert isinstance(row["sum"], int)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("MATCH (a:Acount) RETURN a", "rejects the query: Table Acount does not exist"),
        ("MATCH (a:Account) RETURN a.nme AS x", "Cannot find property nme for a"),
        ("MATCH (a:Account RETURN a", "rejects the query: "),
        ("COPY (MATCH (a:Account) RETURN a.account_id) TO 'out.csv'", "COPY is refused"),
        ("MATCH (a:Account) SET a.plan = 'x'", "SET would change the graph"),
    ],
)
def test_a_wrong_query_is_one_clear_sentence(graph: Graph, text: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        graph.query(text)


def test_the_graph_is_built_once_and_only_its_owner_may_read_it(small_case: Case) -> None:
    assert count(small_case, "(a:Account)") == 20
    path = graph_path(small_case, Run.current(small_case))
    before = path.stat()
    assert before.st_mode & 0o777 == 0o600
    assert count(small_case, "(a:Account)") == 20
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(p.name for p in path.parent.iterdir()) == [".lock", path.name]


def test_a_changed_run_is_shown_at_once(small_case: Case) -> None:
    assert count(small_case, "(a:Account)-[:LINKED_TO]->()") == 25
    run = Run.current(small_case)
    write_parquet(run.read("links").slice(0, 3), run.folder / "links.parquet")
    (run.folder / "run.json").write_bytes(canonical_json({**run.info, "seed": 2}))
    assert count(small_case, "(a:Account)-[:LINKED_TO]->()") == 3


def test_the_graph_of_another_run_goes_when_the_current_one_is_built(small_case: Case) -> None:
    build_graph(small_case, Run.current(small_case))
    folder = small_case.root / "graph"
    shutil.copytree(small_case.root / "runs" / "r-0002", small_case.root / "runs" / "r-0003")
    (small_case.root / "current").write_text("r-0003\n")
    assert count(small_case, "(m:ForensicsCase {run_id: 'r-0003'})") == 1
    assert [p.name for p in folder.glob("*.lbug")] == ["r-0003.lbug"]


@pytest.mark.parametrize("damage", ["empty", "cut", "junk", "old layout"])
def test_a_damaged_or_older_graph_is_built_again(small_case: Case, damage: str) -> None:
    path = build_graph(small_case, Run.current(small_case))
    if damage == "old layout":
        _build_with_schema(small_case, version=0)
    else:
        whole = path.read_bytes()
        broken = {"empty": b"", "cut": whole[: len(whole) // 2], "junk": b"junk" * 5000}
        path.write_bytes(broken[damage])
    assert count(small_case, "(a:Account)") == 20
    assert count(small_case, "(m:ForensicsCase {schema_version: 3})") == 1


def _build_with_schema(case: Case, version: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forensics.graph.content.SCHEMA_VERSION", version)
        build_graph(case, Run.current(case))


def test_a_build_that_was_interrupted_leaves_nothing_that_counts(small_case: Case) -> None:
    stray = small_case.root / "graph" / ".build-r-0002.lbug"
    stray.write_bytes(b"half a graph")
    assert count(small_case, "(a:Account)") == 20
    assert not stray.exists()


def test_processes_that_need_the_graph_at_once_all_get_it(small_case: Case) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom forensics.case.store import Case\n"
        "from forensics.graph.store import open_graph\n"
        "with open_graph(Case.open(Path(sys.argv[1]))) as graph:\n"
        "    print(graph.query('MATCH (a:Account) RETURN count(*) AS n').rows)"
    )
    command = [sys.executable, "-c", script, str(small_case.root)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [p.communicate()[0].strip() for p in processes] == ["[{'n': 20}]"] * 3


def test_a_reader_goes_on_while_the_graph_is_replaced(small_case: Case) -> None:
    with open_graph(small_case) as graph:
        build_graph(small_case, Run.current(small_case))
        assert graph.query("MATCH (a:Account) RETURN count(*) AS n").rows == [{"n": 20}]


def test_without_a_run_there_is_no_graph(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    with pytest.raises(CaseError, match="has not been analysed"):
        open_graph(case)


def test_a_folder_that_cannot_be_written_is_told(small_case: Case) -> None:
    (small_case.root / "graph").rmdir()
    (small_case.root / "graph").touch()
    with pytest.raises(CaseError, match="no graph of this run can be built: Not a directory"):
        open_graph(small_case)


def test_every_relationship_joins_labels_that_exist() -> None:
    labels = {table.label for table in NODES}
    assert all({table.source, table.target} <= labels for table in RELATIONSHIPS)


def test_a_full_disk_is_said_and_leaves_nothing_over(
    small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(path: Path, *_: object) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("IO exception: Cannot write to file. Error: No space left on device")

    monkeypatch.setattr(build, "_load", fill)
    with pytest.raises(CaseError, match="is full: make room and try again; the run is complete"):
        build.build_graph(small_case, Run.current(small_case))
    assert [path.name for path in (small_case.root / "graph").iterdir()] == [".lock"]
