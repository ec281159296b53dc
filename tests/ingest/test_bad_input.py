"""Input that can't be loaded: a clear sentence, and a case as it was before."""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.store import Case
from forensics.errors import CaseError, CaseLocked, CaseTooNew, ForensicsError, InputError
from forensics.ingest import combine, sources, stage
from tests.ingest.conftest import SIGNUPS, Workbench

PROMPTS = "prompt_id,account_id,at,embedding\n"
IPS = "account_id,ip\n1,192.0.2.1\n"


@pytest.fixture
def filled(bench: Workbench) -> Workbench:
    """A case that holds something, so that a change would show."""
    path = bench.write("signups.csv", SIGNUPS + "003,never\n")
    prompts = bench.write("prompts.csv", PROMPTS + 'p,001,1700000000,"[1,2]"\n')
    bench.load()
    path.unlink()
    prompts.unlink()
    return bench


def refused(bench: Workbench, *paths: Path, **options: Any) -> str:
    """Load, expect a refusal that changes nothing, and return what it says."""
    before = bench.everything()
    with pytest.raises(ForensicsError) as caught:
        bench.load(*paths, **options)
    assert bench.everything() == before
    assert Case.open(bench.case.root).manifest == bench.case.manifest
    return str(caught.value)


def truncated_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"account_id": ["1"] * 999, "ip": ["192.0.2.1"] * 999}), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data[:-20]


def damaged_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    names = [f"account {n}" for n in range(9999)]
    table = pa.table({"account_id": names, "ip": names})
    pq.write_table(table, sink, use_dictionary=False)
    data: bytearray = bytearray(sink.getvalue().to_pybytes())
    data[200:20_000] = bytes(19_800)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ips.csv", b"", "ips.csv: the file is empty"),
        ("ips.jsonl", b"  \n\n", "ips.jsonl: the file is empty"),
        ("ips.csv.gz", gzip.compress(b"", mtime=0), "ips.csv.gz: the file is empty"),
        (
            "ips.csv.gz",
            gzip.compress(IPS.encode() + os.urandom(9_999).hex().encode())[:5_000],
            "ips.csv.gz: this gzip file is truncated or damaged: fetch it again",
        ),
        (
            "ips.csv.gz",
            gzip.compress(IPS.encode() * 9_999)[:-9],
            "ips.csv.gz: this gzip file is truncated or damaged: fetch it again",
        ),
        (
            "ips.parquet",
            truncated_parquet(),
            "ips.parquet: this Parquet file is truncated or damaged: fetch it again",
        ),
        (
            "ips.parquet",
            damaged_parquet(),
            "ips.parquet: this Parquet file is truncated or damaged: fetch it again",
        ),
        (
            "ips.csv",
            IPS.encode("utf-16"),
            "ips.csv: this is UTF-16 text; expected UTF-8 text (CSV or JSON Lines, also gzipped) "
            "or Parquet",
        ),
        (
            "ips.csv",
            b"PK\x03\x04\0\0",
            "ips.csv: the format is not known; expected UTF-8 text (CSV or JSON Lines, also "
            "gzipped) or Parquet",
        ),
        (
            "ips.json",
            b'[{"account_id": 1}]',
            "ips.json: this is a JSON array; expected JSON Lines: one object per line",
        ),
        (
            "ips.csv",
            b"account_id,\xfe\n1,2\n",
            "ips.csv: the column names are not UTF-8 text; expected a file saved as UTF-8",
        ),
        (
            "ips.csv",
            b'account_id,ip\n1,192.0.2.1\n2,"192.0.2.2\n3,192.0.2.3\n',
            "ips.csv, row 2: a quotation mark is opened here and never closed, or the record is "
            "longer than 16 MiB: close it, or double it if it belongs to the value",
        ),
    ],
)
def test_files_that_cannot_be_read(
    filled: Workbench, name: str, content: bytes, message: str
) -> None:
    filled.write(name, content)
    assert refused(filled) == message


def test_no_such_file_or_folder(filled: Workbench) -> None:
    path = filled.sources / "missing"
    assert refused(filled, path) == f"{path}: no such file or folder"


def test_a_folder_without_data(filled: Workbench) -> None:
    filled.write("notes.txt", "nothing")
    message = refused(filled)
    assert message.startswith(
        f"{filled.sources}: the folder holds no data files; expected files named after tables "
        "(signups, payments, "
    )


@pytest.mark.parametrize("what", ["folder", "file"])
def test_no_permission_to_read(
    filled: Workbench, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = filled.write("ips.csv", IPS)

    def denied(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    method = "iterdir" if what == "folder" else "open"
    monkeypatch.setattr(sources.Path, method, denied)
    with pytest.raises(InputError) as caught:
        sources.find_sources([filled.sources], filled.case.settings)
    where = str(filled.sources) if what == "folder" else path.name
    assert str(caught.value) == f"{where}: can't be read: Permission denied"


def test_one_bad_file_keeps_all_others_out(filled: Workbench) -> None:
    filled.write("devices.csv", "account_id,device_id\n1,d\n")
    filled.write("ips.csv", "account_id,ip\n1,192.0.2.1\n" + "2,x\n" * 9)
    refused(filled)
    assert filled.rows("devices") == []


def test_a_file_with_more_than_half_of_its_rows_bad(filled: Workbench) -> None:
    rows = ["1,192.0.2.1", "2,x", "3,y", ",192.0.2.4"]
    filled.write("ips.csv", "account_id,ip\n" + "\n".join(rows) + "\n")
    assert refused(filled) == (
        "ips.csv, row 2: 3 of 4 rows are bad, so most likely a column is mapped wrongly; most "
        "common (2 rows): ip: not an IPv4 or IPv6 address; found 'x'; expected at most 50% bad "
        "rows; --max-bad 1 loads the good rows all the same"
    )
    assert filled.load(max_bad=1).tables[0].stored == 1
    assert [row for _, row, _ in filled.quarantine("ips")] == [2, 3, 4]


def test_one_bad_row_is_one_row(filled: Workbench) -> None:
    filled.write("ips.csv", "account_id,ip\n1,x\n")
    assert "most common (1 row): ip: not an IPv4" in refused(filled)


def test_exactly_half_of_the_rows_bad_is_let_in(filled: Workbench) -> None:
    filled.write("ips.csv", "account_id,ip\n1,192.0.2.1\n2,x\n")
    assert filled.load().tables[0].stored == 1


def test_ids_that_are_none(filled: Workbench) -> None:
    rows = "".join(f"DE,2026-01-{day:02}Z\n" for day in range(1, 9))
    filled.write("signups.csv", "country,created_at\n" + rows)
    message = refused(filled, settings=b'[columns.signups]\naccount_id = "country"\n')
    assert "7 of 8 rows are bad" in message
    assert "account_id: 'DE' disagrees with signups.csv row 1, which is kept" in message


@pytest.mark.parametrize(
    "make",
    [
        lambda b: b.write("prompts.csv", PROMPTS + 'q,1,1700000000,"[1,2,3]"\n'),
        lambda b: b.json_lines(
            "prompts.jsonl", {"prompt_id": 1, "account_id": 1, "at": 1, "embedding": [1, 2, 3]}
        ),
        lambda b: b.parquet(
            "prompts.parquet",
            pa.table(
                {
                    "prompt_id": ["q"],
                    "account_id": ["1"],
                    "at": ["2026-01-01Z"],
                    "embedding": pa.array([[1, 2, 3]], pa.list_(pa.float32(), 3)),
                }
            ),
        ),
    ],
    ids=["csv", "jsonl", "parquet"],
)
def test_embeddings_of_another_dimension(
    filled: Workbench, make: Callable[[Workbench], Path]
) -> None:
    path = make(filled)
    assert refused(filled) == (
        f"{path.name}, column 'embedding': embeddings of another dimension; "
        "found 3 numbers each; expected 2, as in the rest of the case"
    )


def test_two_files_of_different_dimension(bench: Workbench) -> None:
    bench.write("prompts-1.csv", PROMPTS + 'p,1,1700000000,"[1,2]"\n')
    bench.write("prompts-2.csv", PROMPTS + 'q,1,1700000000,"[1,2,3]"\n')
    assert refused(bench).endswith("found 3 numbers each; expected 2, as in prompts-1.csv")


def test_a_disk_that_is_too_small(filled: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.write("ips.csv", IPS)
    monkeypatch.setattr(
        "forensics.ingest.load.shutil.disk_usage", lambda _: SimpleNamespace(free=0)
    )
    monkeypatch.setattr("forensics.ingest.load._LEAST_STORED", 1e9)
    assert "0 MB free, and these sources need about 26,000 MB" in refused(filled)


@pytest.mark.parametrize("place", [(stage, "open_part"), (combine, "sha256_file")])
def test_a_disk_that_fills_up(
    filled: Workbench, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]
) -> None:
    filled.write("ips.csv", IPS)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*place, full)
    assert refused(filled) == (
        f"the disk that holds {filled.case.root} is full: make room and try again; "
        "the case is as it was before"
    )


def test_a_file_that_changes_while_it_is_read(
    filled: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.write("ips.csv", IPS)
    build = stage.RowBuilder.build

    def meanwhile(self: stage.RowBuilder, batch: Any) -> Any:
        path.write_text(IPS + "2,192.0.2.2\n")
        return build(self, batch)

    monkeypatch.setattr(stage.RowBuilder, "build", meanwhile)
    assert refused(filled) == "ips.csv: the file changed while it was read: load it again"


def test_a_case_made_by_a_newer_version(filled: Workbench) -> None:
    filled.write("ips.csv", IPS)
    manifest = filled.case.root / "case.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    before = filled.everything()
    with pytest.raises(CaseTooNew, match="has case format 99; this version reads up to"):
        filled.load()
    assert filled.everything() == before


def test_two_writers(filled: Workbench) -> None:
    filled.write("ips.csv", IPS)
    with Case.open(filled.case.root).writing("analyse"), pytest.raises(CaseLocked) as caught:
        filled.load()
    assert str(caught.value).startswith(
        f"{filled.case.root} is being written to by process {os.getpid()} (analyse)"
    )


def test_a_damaged_quarantine(filled: Workbench) -> None:
    path = filled.case.root / "quarantine" / "signups.csv"
    path.write_text("nothing of ours\n")
    filled.write("signups.csv", "account_id,created_at\n9,2026-01-01Z\n8,never\n")
    assert refused(filled) == f"{path} is damaged: restore it from a copy, or remove it"


def test_a_crash_before_the_manifest_leaves_the_old_state(
    filled: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.write("ips.csv", IPS)
    manifest = filled.case.manifest

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("forensics.case.store.write_atomic", killed)
        with pytest.raises(KeyboardInterrupt):
            filled.load()
    assert Case.open(filled.case.root).manifest == manifest
    assert filled.load().tables[0].stored == 1
    parts = {part.file for parts in filled.case.manifest.tables.values() for part in parts}
    assert {path.name for path in (filled.case.root / "tables").iterdir()} == parts


def test_a_damaged_table_of_the_case(filled: Workbench) -> None:
    part = next((filled.case.root / "tables").glob("signups-*"))
    part.write_bytes(b"PAR1 not really PAR1")
    filled.write("signups.csv", "account_id,created_at\n9,2026-01-01Z\n")
    with pytest.raises(
        CaseError, match=r"a stored table can't be read \(.*\): restore the case from a copy"
    ):
        filled.load()
