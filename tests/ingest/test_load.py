"""A load as a whole: what is stored, merged and set aside, and that it adds up."""

from __future__ import annotations

import pytest

from forensics.case.files import sha256_file
from forensics.case.store import Case
from forensics.ingest.summary import TableLoad
from tests.ingest.conftest import SIGNUPS, Workbench

PROMPTS = "prompt_id,account_id,at,embedding\n"


def test_every_row_remembers_its_source(bench: Workbench) -> None:
    one = bench.write("ips-1.csv", "account_id,ip\n1,192.0.2.1\n")
    two = bench.write("ips-2.csv", "account_id,ip\nx,bad\n2,192.0.2.2\n")
    bench.load()
    assert bench.rows("ips", "account_id", "source_sha256", "source_row") == [
        ("1", sha256_file(one), 1),
        ("2", sha256_file(two), 2),
    ]


def test_the_stored_schema_is_that_of_the_table(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.write("prompts.csv", PROMPTS + 'p,001,1700000000,"[1,2]"\n')
    bench.load()
    from forensics.case.tables import TABLES

    for table in ("signups", "prompts"):
        assert bench.case.read(table).schema == TABLES[table].schema(2)
    assert bench.case.manifest.dimension == 2


def test_only_the_manifest_counts_after_a_load(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.load()
    assert [p.name for p in (bench.case.root / "tables").iterdir()] == [
        bench.case.manifest.tables["signups"][0].file
    ]
    assert not list(bench.case.root.glob(".new-*"))
    assert all(p.stat().st_mode & 0o077 == 0 for p in bench.case.root.rglob("*"))


def test_loading_twice_adds_nothing(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS + "003,never\n")
    bench.write("prompts.csv", PROMPTS + 'p,001,1700000000,"[1,2]"\n')
    bench.load()
    before = bench.everything()
    summary = bench.load()
    assert bench.everything() == before
    assert summary.skipped == ("signups.csv", "prompts.csv")
    assert summary.notes == (
        "signups.csv is already in the case: not loaded again",
        "prompts.csv is already in the case: not loaded again",
    )


def test_a_copy_under_another_name_adds_nothing(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip\n1,192.0.2.1\n")
    bench.write("ips-copy.csv", "account_id,ip\n1,192.0.2.1\n")
    assert bench.load().skipped == ("ips.csv",)
    assert [s.file for s in bench.case.manifest.sources] == ["ips-copy.csv"]


def test_loading_more_adds(bench: Workbench) -> None:
    bench.write("ips-1.csv", "account_id,ip\n1,192.0.2.1\n")
    bench.load()
    bench.write("ips-2.csv", "account_id,ip\n1,192.0.2.1\n2,192.0.2.2\n")
    summary = bench.load()
    assert bench.rows("ips", "account_id") == ["1", "2"]
    assert summary.tables == (TableLoad("ips", 1, rows=2, stored=1, quarantined=0, merged=1),)
    assert [(s.file, s.rows, s.stored) for s in bench.case.manifest.sources] == [
        ("ips-1.csv", 1, 1),
        ("ips-2.csv", 2, 1),
    ]
    assert Case.open(bench.case.root).manifest == bench.case.manifest


def test_equal_rows_keep_the_source_that_comes_first(bench: Workbench) -> None:
    bench.write("ips-b.csv", "account_id,ip\n1,192.0.2.1\n")
    bench.load()
    first = bench.write(
        "ips-a.csv", "account_id,ip\n2,192.0.2.2\n1,192.0.2.1\n1,::ffff:192.0.2.1\n"
    )
    bench.load()
    assert bench.rows("ips", "account_id", "source_sha256", "source_row") == [
        ("1", sha256_file(first), 2),
        ("2", sha256_file(first), 1),
    ]
    assert [(s.file, s.stored) for s in bench.case.manifest.sources] == [
        ("ips-a.csv", 2),
        ("ips-b.csv", 0),
    ]


def test_signups_that_disagree(bench: Workbench) -> None:
    header = "account_id,created_at,country\n"
    bench.write("signups-1.csv", header + "1,2026-01-02Z,DE\n1,2026-01-02Z,DE\n2,2026-01-01Z,\n")
    bench.load()
    bench.write("signups-2.csv", header + "1,2026-01-01Z,FR\n3,2026-01-01Z,\n2,2026-01-01Z,\n")
    summary = bench.load()
    assert bench.rows("signups", "account_id", "country") == [("1", "FR"), ("2", None), ("3", None)]
    assert bench.quarantine("signups") == [
        ("signups-1.csv", 1, "account_id: '1' disagrees with signups-2.csv row 1, which is kept")
    ]
    assert summary.tables == (TableLoad("signups", 1, rows=3, stored=1, quarantined=1, merged=1),)
    assert [(s.file, s.stored, s.quarantined) for s in bench.case.manifest.sources] == [
        ("signups-1.csv", 1, 1),
        ("signups-2.csv", 2, 0),
    ]


STATUS = "account_id,created_at,country,status,status_at\n"
ACTIVE = "1,2026-01-01Z,DE,active,\n2,2026-01-01Z,DE,active,\n3,2026-01-01Z,DE,active,\n"
LATER = "1,2026-01-01Z,DE,suspended,2026-02-01Z\n2,2026-01-01Z,DE,active,\n"


@pytest.mark.parametrize("loads", [("old", "new"), ("new", "old"), ("both",)])
def test_a_later_status_of_the_same_sign_up_counts(
    bench: Workbench, loads: tuple[str, ...]
) -> None:
    """Whichever was loaded first. Account 3 has moved as well, so one of its rows is set aside."""
    old = bench.write("signups-1.csv", STATUS + ACTIVE)
    new = bench.write("signups-2.csv", STATUS + LATER + "3,2026-01-01Z,FR,deleted,2026-02-01Z\n")
    files = {"old": [old], "new": [new], "both": [old, new]}
    loaded = [bench.load(*files[name]) for name in loads]
    assert bench.rows("signups", "account_id", "country", "status", "source_sha256") == [
        ("1", "DE", "suspended", sha256_file(new)),
        ("2", "DE", "active", sha256_file(old)),
        ("3", "FR", "deleted", sha256_file(new)),
    ]
    assert bench.quarantine("signups") == [
        ("signups-1.csv", 3, "account_id: '3' disagrees with signups-2.csv row 3, which is kept")
    ]
    (table,) = loaded[-1].tables
    assert (table.merged, table.outdated) == (1, 1)
    assert table.rows == table.stored + table.quarantined + 2
    assert "1 row of signups gave way to a newer status" in loaded[-1].notes


@pytest.mark.parametrize(
    ("statuses", "kept"),
    [
        (["suspended,2026-02-02Z", "active,2026-02-03Z", "deleted,2026-02-01Z"], "active"),
        (["suspended,", "active,2026-02-01Z"], "active"),
        (["suspended,2026-02-01Z", "deleted,2026-02-01Z"], "deleted"),
        (["active,", "suspended,"], "suspended"),
        (["suspended,", ","], "suspended"),
        (["suspended,", ",2026-02-01Z"], "suspended"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_which_status_counts(
    bench: Workbench, statuses: list[str], kept: str, elsewhere: bool
) -> None:
    """The latest; one without a time is the earliest; at equal times deleted outweighs suspended,
    and that active; a row without a status tells of none. So it is of sign-ups that disagree.
    """
    countries = ["DE", "DK", "FR"] if elsewhere else ["DE"] * 3
    rows = [f"1,2026-01-01Z,{c},{s}\n" for c, s in zip(countries, statuses, strict=False)]
    bench.write("signups.csv", STATUS + "".join(rows))
    (table,) = bench.load(max_bad=1).tables
    others = len(rows) - 1
    assert bench.rows("signups", "status") == [kept]
    assert (table.quarantined, table.outdated) == ((others, 0) if elsewhere else (0, others))


def test_prompts_that_are_there_already(bench: Workbench) -> None:
    rows = ['p1,a,1700000000,"[1,2]"\n', 'p2,a,1700000000,"[3,4]"\n', 'p3,a,1700000000,"[5,6]"\n']
    bench.write("prompts-1.csv", PROMPTS + "".join(rows))
    bench.load()
    more = [rows[0], rows[1].replace("a,", "b,"), 'p4,a,1700000000,"[7,8]"\n', rows[2]]
    again = ['p5,b,1700000000,"[1,1]"\n', 'p5,a,1700000000,"[1,1]"\n', 'p5,b,1700000000,"[1,1]"\n']
    bench.write("prompts-2.csv", PROMPTS + "".join([*more, *again]))
    summary = bench.load()
    assert bench.rows("prompts", "prompt_id", "account_id", "source_row") == [
        ("p1", "a", 1),
        ("p2", "a", 2),
        ("p3", "a", 3),
        ("p4", "a", 3),
        ("p5", "a", 6),
    ]
    assert bench.quarantine("prompts") == [
        ("prompts-2.csv", 2, "prompt_id: 'p2' disagrees with prompts-1.csv row 2, which is kept"),
        ("prompts-2.csv", 5, "prompt_id: 'p5' disagrees with prompts-2.csv row 6, which is kept"),
        ("prompts-2.csv", 7, "prompt_id: 'p5' disagrees with prompts-2.csv row 6, which is kept"),
    ]
    assert summary.tables == (TableLoad("prompts", 1, rows=7, stored=2, quarantined=3, merged=2),)
    assert len(bench.case.manifest.tables["prompts"]) == 2


def test_the_first_file_decides_the_dimension_and_odd_rows_are_set_aside(bench: Workbench) -> None:
    rows = ['p1,a,1700000000,"[1,2]"\n', 'p2,a,1700000000,"[3,4,5]"\n', 'p3,a,1700000000,"[5,6]"\n']
    bench.write("prompts.csv", PROMPTS + "".join(rows))
    bench.json_lines("references.jsonl", {"name": "r", "kind": "Benchmark", "embedding": [0, 1.5]})
    bench.load()
    assert bench.case.manifest.dimension == 2
    assert bench.rows("prompts", "prompt_id") == ["p1", "p3"]
    assert bench.rows("references", "kind", "embedding") == [("benchmark", b"\x00\x7f")]
    assert bench.quarantine("prompts") == [
        (
            "prompts.csv",
            2,
            "embedding: an embedding of another length than the case's 2; found '3'",
        )
    ]


def test_an_account_without_signup_is_kept(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.write("payments.csv", "account_id,instrument_id\n999,tok\n")
    bench.load()
    assert bench.rows("payments", "account_id") == ["999"]


def test_the_summary_says_what_a_person_should_know(bench: Workbench) -> None:
    rows = "003,2026-01-01\n003,2026-01-01\n004,nope\n"
    bench.write("signups.csv", SIGNUPS + rows)
    bench.write("ips.csv", "account_id,ip,colour\n")
    summary = bench.load()
    assert summary.naive_times == 2
    assert summary.notes == (
        "ips.csv has no rows",
        "1 row of signups merged into equal ones",
        "1 row of signups quarantined: see quarantine/signups.csv",
        "2 times without an offset taken as UTC",
        "ips.csv has columns that no table knows, not loaded: colour",
    )
