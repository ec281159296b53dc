from __future__ import annotations

from pathlib import Path

import pytest

from forensics.bundle import keys, many
from forensics.bundle.create import create_bundle
from forensics.bundle.many import create_bundles
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError, UsageError
from tests.bundle.test_create import tree

IDS = ["C-north", "C-south", "C-acme", "C-home"]


def test_many_at_once_are_the_same_as_one_by_one(small_case: Case, tmp_path: Path) -> None:
    run = Run.current(small_case)
    made = create_bundles(small_case, run, IDS, tmp_path / "many")
    assert [placed.path.name for placed in made] == IDS
    for cluster_id in IDS[:2]:
        one = create_bundle(small_case, run, cluster_id, tmp_path / "one" / cluster_id)
        assert tree(tmp_path / "many" / cluster_id) == tree(one)


def test_other_processes_make_and_sign_the_same(
    small_case: Case, tmp_path: Path, made_bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "BATCH", 2)
    run = Run.current(small_case)
    key = keys.new_signing_key(tmp_path / "key.pem")
    made = create_bundles(small_case, run, IDS, tmp_path / "many", signer=key)
    assert all(verify_bundle(placed.path, [key.public]).valid for placed in made)
    unsigned = tree(made_bundles / "C-north")
    assert {name: tree(made[0].path)[name] for name in unsigned} == unsigned


def test_nothing_is_made_if_one_id_is_wrong_or_one_target_is_there(
    small_case: Case, tmp_path: Path
) -> None:
    run = Run.current(small_case)
    with pytest.raises(UsageError, match="did you mean 'C-acme'"):
        create_bundles(small_case, run, ["C-north", "C-akme"], tmp_path / "out")
    (tmp_path / "out" / "C-south").mkdir(parents=True)
    with pytest.raises(BundleError, match="C-south exists"):
        create_bundles(small_case, run, ["C-north", "C-south"], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["C-south"]
