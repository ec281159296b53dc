"""`forensics query`, as a person or a script uses it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from forensics.case.store import Case
from forensics.cli.main import run_command


@pytest.fixture
def case(small_case: Case, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(small_case.root.parent)  # so that ./case is the case
    return small_case.root


Captured = pytest.CaptureFixture[str]


def test_list_names_all_queries_with_what_they_take(capsys: Captured) -> None:
    assert run_command(["query", "list", "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["cluster_frontier"]["parameters"][1] == "min_probability=0.5"
    assert rows["cluster_frontier"]["columns"][0] == "account_id"
    assert run_command(["query", "list"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_show_prints_the_text_as_it_ships(capsys: Captured) -> None:
    assert run_command(["query", "show", "pair_paths"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("// title: Paths between two accounts\n// question: ")
    assert text.endswith("ORDER BY weight_a + weight_b DESC, via\n")


@pytest.mark.usefixtures("case")
def test_a_shipped_query_takes_typed_parameters(capsys: Captured) -> None:
    arguments = ["--param", "account_a=north-5", "--param", "account_b=south-4", "--format", "csv"]
    assert run_command(["query", "run", "pair_shared", *arguments]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["key"] for row in rows] == ["payment:tok-lent", "email_domain:mail.example"]


@pytest.mark.usefixtures("case")
def test_defaults_fill_what_is_not_given_and_limit_cuts(capsys: Captured) -> None:
    assert run_command(["query", "run", "clusters", "--limit", "1", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert [row["cluster_id"] for row in json.loads(captured.out)] == ["C-north"]
    assert "1 of 4 rows" in captured.err


@pytest.mark.usefixtures("case")
def test_what_nobody_chose_is_said_and_that_there_is_no_such_cluster(capsys: Captured) -> None:
    assert run_command(["query", "run", "cluster_frontier", "--format", "csv"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1  # the head alone
    said = " ".join(captured.err.split())
    assert (
        'By default: cluster_id = "C-7tt6", min_probability = 0.5; --param NAME=VALUE says '
        "otherwise No rows: there is no cluster 'C-7tt6'."
    ) in said
    chosen = ["-p", "cluster_id=C-north", "-p", "min_probability=0.999999"]
    assert run_command(["query", "run", "cluster_frontier", *chosen]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "No rows."
    neither = ["-p", "account_a=nobody", "-p", "account_b=north-1"]
    assert run_command(["query", "run", "pair_shared", *neither]) == 0
    assert "No rows: there is no account 'nobody'." in capsys.readouterr().err


@pytest.mark.usefixtures("case")
def test_a_query_of_ones_own_from_a_file(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "mine.cypher"
    file.write_text(
        "MATCH (a:Account) WHERE a.country IN $countries AND a.requests > $least\n"
        "RETURN a.account_id AS id ORDER BY id"
    )
    given = ["--param", 'countries=["FR", "GB"]', "--param", "least=15", "--format", "csv"]
    assert run_command(["query", "run", str(file), *given]) == 0
    assert capsys.readouterr().out.split() == [
        "id",
        "north-2",
        "solo-1",
        "solo-2",
        "solo-3",
        "solo-4",
    ]


@pytest.mark.usefixtures("case")
def test_a_file_with_a_head_is_typed_by_it(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "mine.cypher"
    file.write_text(
        '// title: One\n// question: Who?\n// parameter: id string = "solo-1": the account\n'
        "// column: plan: its plan\n"
        "MATCH (a:Account) WHERE a.account_id = $id RETURN a.plan AS plan ORDER BY plan"
    )
    assert run_command(["query", "run", str(file), "--format", "csv"]) == 0
    assert capsys.readouterr().out == "plan\npro\n"


@pytest.mark.usefixtures("case")
def test_a_query_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    text = "MATCH (a:Account) WHERE a.account_id = 'nobody' RETURN a.plan AS plan"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run_command(["query", "run", "-"]) == 0
    assert "No rows." in capsys.readouterr().err


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["clusterz"], 2, "no query 'clusterz'; did you mean 'clusters'?"),
        (["clusters", "-p", "minimum=1"], 2, "has no parameter 'minimum'"),
        (["clusters", "-p", "min_coordination=high"], 2, "is of type float, found 'high'"),
        (["clusters", "-p", "min_coordination"], 2, "expected NAME=VALUE"),
        (["clusters", "--limit", "0"], 2, "--limit"),
        (["clusters", "--engine", "other"], 2, "--engine"),
        (["none.cypher"], 1, "none.cypher: No such file or directory"),
        (["own.cypher"], 2, "needs a value for 'who' (it uses: who)"),
        (["own.cypher", "-p", "whom=x"], 2, "no parameter 'whom'; did you mean 'who'?"),
        (["bad.cypher"], 1, "LOAD is refused"),
        (["latin.cypher"], 2, "latin.cypher: not a text file in UTF-8"),
        (["clusters", "--case", "elsewhere"], 1, "elsewhere holds no case"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    case: Path, arguments: list[str], code: int, message: str, capsys: Captured
) -> None:
    (case.parent / "own.cypher").write_text("MATCH (a {account_id: $who}) RETURN a.plan AS plan")
    (case.parent / "bad.cypher").write_text("MATCH (a) LOAD FROM '/etc/passwd' RETURN *")
    (case.parent / "latin.cypher").write_bytes(b"RETURN '\xe9' AS x")
    assert run_command(["query", "run", *arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in " ".join(captured.err.split())


def test_labels_newer_than_the_graph_are_told(case: Path, capsys: Captured) -> None:
    assert run_command(["analyse"]) == 0
    asked = ["query", "run", "labels_against_verdicts"]
    assert run_command(asked) == 0
    assert "have changed" not in capsys.readouterr().err
    assert run_command(["label", "add", "north-3", "--verdict", "legitimate"]) == 0
    assert run_command(asked) == 0
    told = "! the labels have changed since the run; the graph has them after: forensics analyse"
    assert told in " ".join(capsys.readouterr().err.split())
