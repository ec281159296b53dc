"""Loading a file again: with the settings that it was read by, and with others."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.analyse import analyse
from forensics.errors import InputError
from forensics.ingest.forget import forget
from forensics.ingest.summary import TableLoad
from tests.ingest.conftest import SIGNUPS, Workbench
from tests.ingest.test_properties import TABLES, source_files, stored

DEV = b'[columns.signups]\ndevice_id = "dev"\n'
DEVICES = "account_id,created_at,dev\n1,2026-01-01Z,d-1\n2,2026-01-02Z,d-2\n"
USER = b'[columns.ips]\naccount_id = "user"\n'
PROMPTS = "prompt_id,account_id,at,embedding,other\n"


def test_a_mended_name_of_a_column_is_read_and_other_files_are_left(bench: Workbench) -> None:
    bench.write("signups.csv", DEVICES)
    bench.write("ips.csv", "account_id,ip\n1,192.0.2.1\n")
    bench.load()
    summary = bench.load(settings=DEV)
    assert bench.rows("signups", "account_id", "device_id", "source_row") == [
        ("1", "d-1", 1),
        ("2", "d-2", 2),
    ]
    assert (summary.skipped, summary.again) == (("ips.csv",), ("signups.csv",))
    assert summary.tables == (TableLoad("signups", 1, rows=2, stored=2, quarantined=0, merged=0),)
    assert "signups.csv was loaded with other settings: read again" in summary.notes
    assert bench.load(settings=DEV).skipped == ("signups.csv", "ips.csv")


def test_rows_that_were_all_bad_leave_the_quarantine(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip,user\n,192.0.2.1,1\n,192.0.2.2,2\n")
    bench.load(max_bad=1)
    assert len(bench.quarantine("ips")) == 2
    bench.load(settings=USER)
    assert bench.rows("ips", "account_id") == ["1", "2"]
    assert bench.quarantine("ips") == []
    assert bench.case.manifest.quarantined == {"ips": 0}
    (source,) = bench.case.manifest.sources
    assert (source.rows, source.stored, source.quarantined) == (2, 2, 0)


def test_settings_that_change_nothing_of_a_file_do_not_read_it(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.load()
    bench.write("signups-2.csv", DEVICES)
    assert bench.load(settings=DEV).skipped == ("signups.csv",)
    assert bench.load(bench.sources / "signups.csv").skipped == ("signups.csv",)


def test_a_file_that_is_in_another_table_already_is_spoken_of(bench: Workbench) -> None:
    bench.write("visits.csv", "account_id,device_id,ip\n1,d-1,192.0.2.1\n")
    bench.load(settings=b'[files]\nvisits = "ips"\n')
    note = "visits.csv was loaded as ips before, and that stays: only a new case is without it"
    assert note in bench.load(settings=b'[files]\nvisits = "devices"\n').notes
    assert (bench.rows("ips", "ip"), bench.rows("devices", "device_id")) == (["192.0.2.1"], ["d-1"])


def test_longer_values_are_let_in(bench: Workbench) -> None:
    bench.write("signups.csv", f"account_id,created_at,name\n1,2026-01-01Z,{'n' * 5000}\n")
    bench.load(max_bad=1)
    assert bench.rows("signups", "account_id") == []
    bench.load(settings=b"[ingest]\nmax_value_bytes = 5000\n")
    assert bench.rows("signups", "account_id") == ["1"]
    assert bench.load(settings=b"[ingest]\nmax_value_bytes = 6000\n").skipped == ("signups.csv",)


def test_embeddings_are_read_from_another_column(bench: Workbench) -> None:
    row = 'p,a,1700000000,"[1,2]","[1,2,3]"\n'
    bench.write("prompts.csv", PROMPTS + row)
    bench.load()
    bench.load(settings=b'[columns.prompts]\nembedding = "other"\n')
    assert bench.case.manifest.dimension == 3
    assert [len(embedding) for embedding in bench.rows("prompts", "embedding")] == [3]


def test_what_one_file_gave_stays_when_another_is_read_again(bench: Workbench) -> None:
    bench.write("signups-1.csv", SIGNUPS + "bad,never\n")
    bench.load()
    second = bench.write("signups-2.csv", DEVICES)
    bench.load(second)
    bench.load(second, settings=DEV)
    assert bench.rows("signups", "account_id", "device_id") == [
        ("001", None),
        ("002", None),
        ("1", "d-1"),
        ("2", "d-2"),
    ]
    assert [row[:2] for row in bench.quarantine("signups")] == [("signups-1.csv", 3)]


@pytest.mark.parametrize("row", ["2,2026-01-02Z,d-2", "2,2026-01-03Z,d-3"])
def test_a_row_that_gave_way_to_the_file_is_not_lost(bench: Workbench, row: str) -> None:
    first = bench.write("signups-1.csv", DEVICES)
    bench.write("signups-2.csv", f"account_id,created_at,dev\n{row}\n3,2026-01-03Z,d-3\n")
    bench.load()
    before = bench.everything()
    with pytest.raises(InputError) as caught:
        bench.load(first, settings=DEV)
    assert str(caught.value) == (
        "signups-1.csv: the settings read this file otherwise than when it was loaded; to read it "
        "again without the others of signups could lose rows of theirs; found rows of "
        "signups-2.csv that were merged or set aside; expected signups-2.csv to be given with it, "
        "or a new case (--case DIR)"
    )
    assert bench.everything() == before
    assert bench.load(settings=DEV).again == ("signups-1.csv", "signups-2.csv")
    assert bench.rows("signups", "device_id") == ["d-1", "d-2", "d-3"]


def test_nobody_who_was_forgotten_comes_back(bench: Workbench) -> None:
    bench.write("signups.csv", DEVICES)
    bench.load()
    forget(bench.case, "1")
    with pytest.raises(InputError, match="would bring back what was forgotten since; found 1"):
        bench.load(settings=DEV)
    assert bench.rows("signups", "account_id") == ["2"]


def test_a_run_of_what_was_read_again_is_another(bench: Workbench) -> None:
    first = bench.write("signups-1.csv", DEVICES)
    bench.load(first)
    second = bench.write("signups-2.csv", "account_id,created_at,dev\n3,2026-01-03Z,d-3\n")
    bench.load(second, settings=DEV)
    run_id = analyse(bench.case).run_id
    assert bench.load(first).again == ("signups-1.csv",)
    assert analyse(bench.case).run_id != run_id


def held(files: dict[str, str], *loads: tuple[list[str], bytes]) -> tuple[Any, ...]:
    """What a case holds after loads of some files, each by names and settings."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        for name, content in files.items():
            bench.write(name, content)
        for names, given_ in loads:
            bench.load(*(bench.sources / name for name in names), settings=given_, max_bad=1)
        sources = [(s.file, s.rows, s.stored, s.columns) for s in bench.case.manifest.sources]
        return stored(bench), sources, {name: bench.quarantine(name) for name in TABLES}


def with_another_account(content: str) -> str:
    """Add a column that may be taken for the account as well; the other loses its name."""
    header, *rows = content.splitlines()
    rows = [f"{row},{'abc'[n % 3]}" for n, row in enumerate(rows)]
    return "\n".join([header.replace("account_id", "right") + ",wrong", *rows]) + "\n"


def accounts_in(column: str) -> bytes:
    return "".join(f'[columns.{table}]\naccount_id = "{column}"\n' for table in TABLES).encode()


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_reading_again_gives_what_one_load_would_have(data: st.DataObject) -> None:
    drawn = data.draw(source_files())
    files = {name: with_another_account(content) for name, content in drawn.items()}
    names = list(files)
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    once = held(files, (names, accounts_in("right")))
    assert held(files, (some, accounts_in("wrong")), (names, accounts_in("right"))) == once
