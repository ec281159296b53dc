"""`forensics label`: people's verdicts only ever accumulate."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.labels import Label, account_labels, latest, read_labels
from forensics.case.lock import writer_lock
from forensics.case.store import Case
from tests.conftest import Ran

Cli = Callable[..., Ran]


def test_labels_accumulate_and_the_later_one_counts(cli: Cli, small_case: Case) -> None:
    for verdict in ("abusive", "legitimate"):
        ran = cli(
            *("label", "add", "solo-1", "C-home", "--verdict", verdict, "--by", "dana"),
            *("--at", "2026-02-03T12:00+02:00", "--case", small_case.root),
        )
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "2 labels added, on 1 account and 1 cluster\n"
    labels = read_labels(small_case)
    assert labels[:2] == (
        Label("abusive", "2026-02-03T10:00:00Z", "solo-1", None, by="dana", run_id="r-0002"),
        Label("abusive", "2026-02-03T10:00:00Z", None, "C-home", by="dana", run_id="r-0002"),
    )
    assert [label.verdict for label in labels] == ["abusive"] * 2 + ["legitimate"] * 2
    assert latest(labels, "account_id")["solo-1"].verdict == "legitimate"
    assert latest(labels, "cluster_id")["C-home"].verdict == "legitimate"


def test_list_has_loaded_and_added_labels(cli: Cli, small_case: Case) -> None:
    cli(
        *("label", "add", "C-north", "--verdict", "abusive", "--reason", 'sold "it"'),
        *("--at", "2026-02-03", "--case", small_case.root),
    )
    ran = cli("label", "list", "--case", small_case.root, "--format", "csv")
    assert ran.out == (
        "account_id,cluster_id,verdict,operator,reason,by,at,source\n"
        "acme-1,,legitimate,,known customer,analyst-1,2026-02-01T00:00:00Z,labels.csv row 3\n"
        "north-1,,abusive,,resold access,analyst-1,2026-02-01T00:00:00Z,labels.csv row 1\n"
        "south-4,,legitimate,,spoke on the phone,analyst-1,2026-02-01T00:00:00Z,labels.csv row 2\n"
        ',C-north,abusive,,"sold ""it""",,2026-02-03T00:00:00Z,labels.jsonl\n'
    )


def test_importing_twice_adds_nothing(cli: Cli, small_case: Case, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text("account_id,verdict,at\nsolo-1,legitimate,2026-02-01\nx-9,abusive,2026-02-02\n")
    first = cli("label", "import", file, "--case", small_case.root)
    assert first.err == ("2 labels added, on 2 accounts\nWithout rows in this case: 1 account\n")
    again = cli("label", "import", file, "--case", small_case.root)
    assert again.err.startswith("0 labels added, on 2 accounts (2 labels already there)\n")
    assert len(read_labels(small_case)) == 2


def test_import_reads_json_lines(cli: Cli, small_case: Case, tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    row = {"cluster_id": "C-acme", "verdict": "legitimate", "at": "2026-02-01", "by": "lee"}
    file.write_text(json.dumps(row) + "\n")
    assert cli("label", "import", file, "--case", small_case.root).code == 0
    assert read_labels(small_case) == (
        Label("legitimate", "2026-02-01T00:00:00Z", cluster_id="C-acme", by="lee"),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("solo-1,guilty,2026-02-01", "row 2: verdict 'guilty': expected abusive or legitimate"),
        ("solo-1,abusive,yesterday", "row 2, column 'at': not a time (ISO 8601, "),
        ("solo-1,abusive,", "row 2, column 'at': a label needs a time; expected ISO 8601"),
        (",abusive,2026-02-01", "row 2: a label is about one account or one cluster"),
    ],
)
def test_a_bad_row_names_file_and_row_and_adds_nothing(
    cli: Cli, small_case: Case, tmp_path: Path, line: str, message: str
) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text(f"account_id,verdict,at\nsolo-2,legitimate,2026-02-01\n{line}\n")
    ran = cli("label", "import", file, "--case", small_case.root)
    assert ran.code == 1
    assert ran.err.startswith(f"Error: decisions.csv, {message}")
    assert read_labels(small_case) == ()


def test_ids_stay_text_whatever_their_type_in_the_file(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    lines = tmp_path / "decisions.jsonl"
    lines.write_text('{"account_id": 123, "verdict": "abusive", "at": "2026-02-01"}\n')
    table = tmp_path / "decisions.parquet"
    pq.write_table(
        pa.table({"account_id": [124], "verdict": ["abusive"], "at": [datetime(2026, 2, 1)]}), table
    )
    for file in (lines, table):
        assert cli("label", "import", file, "--case", small_case.root).code == 0
    assert [label.account_id for label in read_labels(small_case)] == ["123", "124"]
    assert set(account_labels(small_case, read_labels(small_case))) >= {"123", "124"}


def test_a_time_without_an_offset_is_in_utc_wherever_one_sits(
    cli: Cli, small_case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "decisions.parquet"
    rows = {"account_id": ["solo-1"], "verdict": ["abusive"], "at": [datetime(2026, 2, 1, 12)]}
    pq.write_table(pa.table(rows), file)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        cli("label", "import", file, "--case", small_case.root)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [label.at for label in read_labels(small_case)] == ["2026-02-01T12:00:00Z"]


GOOD = b'{"account_id": "solo-1", "verdict": "abusive", "at": "2026-02-01"}\n'


@pytest.mark.parametrize("line", [b"[1,2]", b'{"account_id": ', b'{"account_id": "\xff"}'])
def test_a_line_that_is_no_object_is_named(
    cli: Cli, small_case: Case, tmp_path: Path, line: bytes
) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_bytes(GOOD + line + b"\n" + GOOD)
    ran = cli("label", "import", file, "--case", small_case.root)
    assert ran.code == 1
    assert ran.err == "Error: decisions.jsonl, row 2: not a JSON object in UTF-8\n"
    assert read_labels(small_case) == ()


def test_a_line_separator_inside_a_text_ends_no_line(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(GOOD.decode().replace("}", ', "reason": "sold\u2028twice"}'))
    assert cli("label", "import", file, "--case", small_case.root).code == 0
    assert [label.reason for label in read_labels(small_case)] == ["sold\u2028twice"]


def test_a_cluster_that_the_run_does_not_have_is_told(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text(
        "cluster_id,verdict,at\nC-north,abusive,2026-02-01\nC-nroth,abusive,2026-02-01\n"
    )
    ran = cli("label", "import", file, "--case", small_case.root)
    assert ran.err == "2 labels added, on 2 clusters\nNot in the current run: 1 cluster\n"


def test_an_unknown_id_is_wrong_usage(cli: Cli, small_case: Case) -> None:
    ran = cli("label", "add", "solo-11", "--verdict", "abusive", "--case", small_case.root)
    assert ran.code == 2
    assert ran.err == "Error: no account 'solo-11'; did you mean 'solo-1'?\n"


def test_a_second_writer_is_told_who_writes(cli: Cli, small_case: Case) -> None:
    with writer_lock(small_case.root, "analyse"):
        ran = cli("label", "add", "solo-1", "--verdict", "abusive", "--case", small_case.root)
    assert ran.code == 1
    assert "is being written to by process" in ran.err
    assert "(analyse)" in ran.err


def test_a_damaged_line_is_named(cli: Cli, small_case: Case) -> None:
    (small_case.root / "labels.jsonl").write_text('{"verdict": "abusive"\n')
    ran = cli("label", "list", "--case", small_case.root)
    assert ran.code == 1
    assert "labels.jsonl, line 1: not a label" in ran.err
