from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import bagit
import pytest

from forensics.bundle import create
from forensics.bundle.create import create_bundle, write_bundle
from forensics.bundle.evidence import Evidence
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError, UsageError

PAYLOAD = {
    "accounts.csv",
    "alternatives.json",
    "cluster.json",
    "graph.graphml",
    "links.csv",
    "provenance.json",
    "redactions.json",
    "report.html",
    "fits.csv",
    "shared.csv",
    "sources.csv",
    "stix.json",
    "timeline.csv",
    "why.jsonl",
}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_library_of_congress_accepts_the_bag(north: Path) -> None:
    assert bagit.Bag(str(north)).validate() is True


def test_the_payload_is_all_there(north: Path) -> None:
    files = tree(north)
    data = {name.removeprefix("data/") for name in files if name.startswith("data/")}
    queries = {name for name in data if name.startswith("queries/")}
    assert data - queries == PAYLOAD
    assert "queries/cluster_members.cypher" in queries
    assert {"bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"} == {
        name for name in files if "/" not in name
    }


def test_queries_ask_about_this_cluster(north: Path) -> None:
    for path in (north / "data" / "queries").iterdir():
        assert '// parameter: cluster_id string = "C-north": ' in path.read_text()


def test_the_same_input_gives_the_same_bytes(north: Path, small_case: Case, tmp_path: Path) -> None:
    again = create_bundle(small_case, Run.current(small_case), "C-north", tmp_path / "again")
    assert tree(again) == tree(north)


def test_only_the_owner_may_read_it(north: Path) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in north.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_target_that_exists_is_left_alone(north: Path, small_case: Case) -> None:
    before = tree(north)
    with pytest.raises(BundleError, match=r"C-north exists: .*--force"):
        create_bundle(small_case, Run.current(small_case), "C-acme", north)
    assert tree(north) == before


def test_force_replaces_it_and_leaves_nothing_else(north: Path, small_case: Case) -> None:
    create_bundle(small_case, Run.current(small_case), "C-acme", north, force=True)
    assert b"External-Identifier: C-acme\n" in (north / "bag-info.txt").read_bytes()
    assert [p.name for p in north.parent.iterdir() if "C-north" in p.name] == ["C-north"]


def test_a_cluster_that_does_not_exist_names_the_nearest(small_case: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no cluster 'C-nort'; did you mean 'C-north'"):
        create_bundle(small_case, Run.current(small_case), "C-nort", tmp_path / "out" / "C-nort")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing_behind(
    small_case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("forensics.bundle.bag.os.fsync", full)
    target = tmp_path / "out" / "C-north"
    with pytest.raises(BundleError, match="No space left on device; nothing stands under that"):
        create_bundle(small_case, Run.current(small_case), "C-north", target)
    assert list(target.parent.iterdir()) == []


def test_the_old_bundle_stays_when_the_new_one_fails(
    north: Path, small_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(north)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(create, "write_bag", killed)
    with pytest.raises(KeyboardInterrupt):
        create_bundle(small_case, Run.current(small_case), "C-acme", north, force=True)
    assert tree(north) == before
    assert [p.name for p in north.parent.iterdir() if "C-north" in p.name] == ["C-north"]


def test_a_bundle_outlives_its_case(north: Path, small_case: Case) -> None:
    shutil.rmtree(small_case.root)
    assert bagit.Bag(str(north)).is_valid()


def test_a_cluster_without_links_has_a_bundle_too(evidence: Evidence, tmp_path: Path) -> None:
    names = ("links", "reasons", "fits", "shared", "uses", "sources", "neighbours", "activity")
    bare = {name: getattr(evidence, name).slice(0, 0) for name in (*names, "evidence")}
    cluster = {**evidence.cluster, "links": 0}
    made = write_bundle(replace(evidence, cluster=cluster, **bare), tmp_path / "bare")
    found = verify_bundle(made)
    assert found.intact
    assert "north-1 is a member, but no link or fit holds it" in found.problems
    assert "5 accounts without a line" in (made / "data" / "report.html").read_text()


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    for name in (".new-C-1-killed", ".new-C-1-writes", ".new-C-10-killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bagit.txt").touch()
    held = os.open(tmp_path / ".new-C-1-writes", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    with create.unfinished(tmp_path / "C-1") as folder:
        left = {path.name for path in tmp_path.iterdir()}
    assert left == {".new-C-1-writes", ".new-C-10-killed", folder.name}
    os.close(held)
