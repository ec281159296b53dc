"""An account that is forgotten leaves no trace in the case."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.bundle.create import create_bundle
from forensics.bundle.verify import verify_bundle
from forensics.case.labels import Label, add_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.graph.build import build_graph
from forensics.graph.store import open_graph
from forensics.ingest.forget import forget
from forensics.ingest.load import load
from tests.bundle.test_fits import change
from tests.conftest import Ran

NAME = "north-3"


@pytest.fixture(scope="module")
def told_of(made_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small case, with label, graph, quarantine and bundle that name the account."""
    root = Path(shutil.copytree(made_case / "case", tmp_path_factory.mktemp("told") / "case"))
    case = Case.open(root)
    again = root.parent / "signups-again.csv"
    again.write_text("account_id,created_at\nnorth-3,2030-01-01Z\nnew-1,2026-01-05Z\n")
    load(case, [again])
    at = "2026-02-03T00:00:00Z"
    names = (NAME, "north-30")
    add_labels(case, [Label("abusive", at, account_id=name) for name in names])
    build_graph(case, Run.current(case))
    for cluster in ("C-north", "C-south"):
        create_bundle(case, Run.current(case), cluster, root / "bundles" / cluster)
    return root


@pytest.fixture
def case(told_of: Path, tmp_path: Path) -> Case:
    return Case.open(Path(shutil.copytree(told_of, tmp_path / "case")))


def told(root: Path) -> str:
    """Everything that the files of a case say, bundles apart."""
    texts = []
    for path in sorted(root.rglob("*")):
        if path.suffix == ".parquet":
            texts.append(str(pq.read_table(path).to_pylist()))
        elif (
            path.is_file()
            and "bundles" not in path.parts
            and path.name not in ("lock", "log.jsonl")
        ):
            texts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(texts)


def test_no_file_of_the_case_names_it_any_more(case: Case) -> None:
    (signup,) = [r for r in case.read("signups").to_pylist() if r["account_id"] == NAME]
    traces = [f"'{NAME}'", f'"{NAME}"', signup["email"]]
    assert all(trace in told(case.root) for trace in traces)
    removed = forget(case, NAME)
    assert set(removed) >= {"labels added", "quarantine", "runs", "signups", "payments", "prompts"}
    assert (removed["signups"], removed["quarantine"], removed["labels added"]) == (1, 1, 1)
    assert [trace for trace in traces if trace in told(case.root)] == []
    assert "north-30" in told(case.root)
    assert forget(case, NAME) == {}


@pytest.mark.parametrize("name", ["north-5", "solo-1"])
def test_no_table_of_the_run_names_it_whatever_it_is_in(case: Case, name: str) -> None:
    """One fits its cluster as a whole, the other was let go by one."""
    forget(case, name)
    run = Run.current(Case.open(case.root))
    naming = {
        (table, column)
        for table, schema in SCHEMAS.items()
        for column in set(schema.names) & {"account_id", "account_a", "account_b"}
    }
    assert ("fits", "account_id") in naming
    left = [at for at in naming if name in run.read(at[0])[at[1]].to_pylist()]
    assert left == []


def test_what_is_left_adds_up(case: Case) -> None:
    before = {name: case.read(name).num_rows for name in case.manifest.tables}
    removed = forget(case, NAME)
    fresh = Case.open(case.root)
    for name, rows in before.items():
        assert fresh.read(name).num_rows == fresh.manifest.rows(name) == rows - removed.get(name, 0)
    stored = sum(source.stored for source in fresh.manifest.sources)
    assert stored == sum(fresh.manifest.rows(name) for name in fresh.manifest.tables)
    run = Run.current(fresh)
    assert all(run.read(name).schema.equals(schema) for name, schema in SCHEMAS.items())
    clusters = {row["cluster_id"]: row for row in run.read("clusters").to_pylist()}
    north = clusters["C-north"]
    members = [r for r in run.read("members").to_pylist() if r["cluster_id"] == "C-north"]
    links = [r for r in run.read("links").to_pylist() if r["cluster_id"] == "C-north"]
    assert (
        (north["accounts"], north["active"], north["suspended"], north["deleted"])
        == (len(members), 3, 1, 0)
        == (4, 3, 1, 0)
    )
    assert north["links"] == len(links)
    held = {row["key"] for row in run.read("uses").to_pylist()}
    assert {row["key"] for row in run.read("identifiers").to_pylist()} == held


def test_a_network_that_a_link_rests_on_has_one_account_less(case: Case) -> None:
    network = "prefix:203.0.113.0/24"
    path = Run.current(case).folder / "reasons.parquet"
    reasons = pq.read_table(path).to_pylist()
    for row in reasons:
        if (row["account_a"], row["account_b"], row["kind"]) == ("north-1", "north-2", "ip"):
            row["key"], row["accounts"] = network, 5
    pq.write_table(pa.Table.from_pylist(reasons, SCHEMAS["reasons"]), path)
    forget(case, NAME)
    left = {row["key"]: row["accounts"] for row in Run.current(case).read("reasons").to_pylist()}
    assert (left[network], left["payment:tok-north"], left["device:dev-north"]) == (4, 3, 3)


def test_an_earlier_run_that_is_damaged_is_removed(case: Case) -> None:
    (case.root / "runs" / "r-0001").mkdir()
    (case.root / "runs" / "r-0001" / "members.parquet").write_bytes(b"north-3")
    forget(case, NAME)
    assert [path.name for path in (case.root / "runs").iterdir()] == ["r-0002"]


def test_a_cluster_of_one_is_none(case: Case) -> None:
    forget(case, "home-1")
    run = Run.current(Case.open(case.root))
    for name in ("clusters", "members", "evidence", "signals", "explanations"):
        assert "C-home" not in run.read(name)["cluster_id"].to_pylist(), name


def test_the_graph_is_built_anew_without_it(case: Case) -> None:
    forget(case, NAME)
    assert list(case.root.glob("graph/*.lbug")) == []
    with open_graph(Case.open(case.root)) as graph:
        found = graph.query("MATCH (a:Account) RETURN a.account_id AS name").rows
    names = {row["name"] for row in found}
    assert NAME not in names
    assert "north-1" in names


def test_the_command_lists_the_bundles_that_hold_it(
    case: Case, cli: Callable[..., Ran], tmp_path: Path
) -> None:
    with contextlib.chdir(case.root.parent):
        ran = cli("account", "forget", NAME, "--case", "case", "--format", "json")
        assert ran.code == 0
        answer = json.loads(ran.out)
        assert answer["account_id"] == NAME
        assert answer["bundles"] == ["case/bundles/C-north"]
        assert answer["removed"]["signups"] == 1
        assert "1 bundle of this case still holds the account" in ran.err
        assert "the tables have changed since the run" in cli("status", "--case", "case").out


def test_an_account_that_is_not_there_is_said(case: Case, cli: Callable[..., Ran]) -> None:
    before = told(case.root)
    ran = cli("account", "forget", "north", "--case", case.root)
    assert ran.code == 1
    assert "holds nothing of an account 'north'" in ran.err.replace("\n", " ")
    assert told(case.root) == before


@pytest.mark.parametrize(
    ("name", "left"),
    [  # who fits, another member, and a stranger
        ("north-5", []),
        ("north-1", [(-2.663, 3, None, None), (-0.6, 3, None, None), (4.833, 3, 3, 0)]),
        (
            "solo-4",
            [(-2.248, 4, None, None), (-0.6, 4, None, None), (4.926, 4, 4, 0)],
        ),
    ],
)
def test_how_others_fit_is_counted_again_and_the_next_bundle_adds_up(
    case: Case, tmp_path: Path, name: str, left: list[tuple[float, int, int | None, int | None]]
) -> None:
    forget(case, name)
    run = Run.current(case)
    columns = ("bits", "members", "users", "others")
    fits = run.read("fits").to_pylist()
    assert [tuple(row[column] for column in columns) for row in fits] == left
    assert run.rows("clusters", "C-north")["fitting"].to_pylist() == [len(left) > 0]
    bundle = create_bundle(case, run, "C-north", tmp_path / "C-north")
    assert verify_bundle(bundle).problems == ("nobody vouches for it: it is not signed",)


def test_what_speaks_against_a_fit_is_counted_again(case: Case, tmp_path: Path) -> None:
    """None of 4 others has as few addresses in common; then none of 3."""
    none_of_four = {"users": 0, "bits": -0.193}
    change(case, "fits", lambda rows: [r if r["bits"] != -0.6 else r | none_of_four for r in rows])
    forget(case, "north-1")
    run = Run.current(case)
    against = [r for r in run.read("fits").to_pylist() if r["users"] == 0]
    assert [(r["members"], r["bits"]) for r in against] == [(3, -0.086)]
    bundle = create_bundle(case, run, "C-north", tmp_path / "C-north")
    assert verify_bundle(bundle).problems == ("nobody vouches for it: it is not signed",)
