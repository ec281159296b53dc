"""The case: a change is seen whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.manifest import Manifest, Part, Source
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import CaseError, CaseTooNew

SOURCE = Source("ips", "ips.csv", "0" * 64, rows=3, stored=1, quarantined=2, naive_times=1)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def publish(case: Case, name: str, account: str, **files: bytes) -> None:
    """Publish a table `ips` of one row."""
    row = {field.name: [None] for field in TABLES["ips"].schema()} | {"account_id": [account]}
    with case.writing("test") as writer:
        pq.write_table(pa.table(row, TABLES["ips"].schema()), case.root / "tables" / name)
        parts = {"ips": (Part(name, 1),)}
        writer.publish_tables(replace(case.manifest, tables=parts, sources=(SOURCE,)), files)


def test_a_new_case_is_empty_and_private(case: Case) -> None:
    assert case.manifest == Manifest()
    assert case.root.stat().st_mode & 0o777 == 0o700
    assert case.read("ips").num_rows == 0
    assert case.read("ips").schema == TABLES["ips"].schema()
    assert case.current is None


def test_what_is_published_is_read_back(case: Case) -> None:
    publish(case, "one.parquet", "a", **{"settings.toml": b"seed = 7\n"})
    again = Case.open(case.root)
    assert again.manifest == case.manifest
    assert again.manifest.sources == (SOURCE,)
    assert again.manifest.rows("ips") == 1
    assert again.settings.seed == case.settings.seed == 7
    assert again.read("ips", ["account_id"]).to_pylist() == [{"account_id": "a"}]


def test_create_opens_a_case_that_is_there(case: Case) -> None:
    publish(case, "one.parquet", "a")
    assert Case.create(case.root).manifest == case.manifest


def test_a_reader_sees_the_state_it_opened(case: Case) -> None:
    publish(case, "one.parquet", "a")
    reader = Case.open(case.root)
    publish(case, "two.parquet", "b")
    assert reader.read("ips", ["account_id"]).to_pylist() == [{"account_id": "a"}]
    assert Case.open(case.root).read("ips", ["account_id"]).to_pylist() == [{"account_id": "b"}]


def test_a_writer_starts_from_the_newest_state(case: Case) -> None:
    stale = Case.open(case.root)
    publish(case, "one.parquet", "a")
    with stale.writing("test"):
        assert stale.manifest == case.manifest


def test_leftovers_are_removed_by_the_next_writer(case: Case) -> None:
    publish(case, "one.parquet", "a")
    publish(case, "two.parquet", "b")
    (case.root / "tables" / "stray.parquet").write_bytes(b"")
    (case.root / ".new-file").write_bytes(b"")
    (case.root / "runs" / ".new-r-1").mkdir()
    with case.writing("test"):
        pass
    assert [path.name for path in (case.root / "tables").iterdir()] == ["two.parquet"]
    assert not list(case.root.rglob(".new-*"))


KILLED = """
import os, sys
from dataclasses import replace
from pathlib import Path
from forensics.case import store
from forensics.case.manifest import Part

steps = int(sys.argv[2])
write = store.write_atomic

def dying(path, data):
    global steps
    if steps == 0:
        os._exit(9)
    steps -= 1
    write(path, data)

store.write_atomic = dying
case = store.Case.open(Path(sys.argv[1]))
with case.writing("test") as writer:
    (case.root / "tables" / "two.parquet").write_bytes(b"half")
    manifest = replace(case.manifest, tables={"ips": (Part("two.parquet", 1),)})
    writer.publish_tables(manifest, {"quarantine/ips.csv": b"file,row,reason\\n"})
"""


@pytest.mark.parametrize("steps", [0, 1])
def test_a_killed_writer_leaves_the_old_state(case: Case, steps: int) -> None:
    publish(case, "one.parquet", "a")
    command = [sys.executable, "-c", KILLED, str(case.root), str(steps)]
    assert subprocess.run(command, check=False).returncode == 9
    again = Case.open(case.root)
    assert again.manifest == case.manifest
    assert again.read("ips", ["account_id"]).to_pylist() == [{"account_id": "a"}]
    publish(again, "three.parquet", "c")
    assert not (case.root / "tables" / "two.parquet").exists()


def test_a_run_is_published_whole(case: Case) -> None:
    with case.writing("test") as writer:
        (writer.run_folder("r-1") / "run.json").write_text("{}")
        assert case.current is None
        writer.publish_run("r-1")
    assert case.current == "r-1"
    assert [path.name for path in (case.root / "runs").iterdir()] == ["r-1"]


def test_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="holds no case; make one with: forensics run"):
        Case.open(tmp_path)


def test_a_damaged_case(case: Case) -> None:
    (case.root / "case.json").write_text("{")
    with pytest.raises(CaseError, match=r"case.json is damaged: restore it from a copy"):
        Case.open(case.root)


def test_a_case_of_a_newer_version(case: Case) -> None:
    (case.root / "case.json").write_text(json.dumps({"format": 2, "anything": []}))
    with pytest.raises(CaseTooNew, match="has case format 2; this version reads up to 1"):
        Case.open(case.root)


def test_a_folder_that_holds_other_things_is_not_made_a_case(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    with pytest.raises(CaseError, match=r"is not a case and not empty \(it holds letters\)"):
        Case.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
