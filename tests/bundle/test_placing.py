"""What stands under a bundle's name when another is to have it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forensics.bundle.custody import attest
from forensics.bundle.keys import SigningKey, new_signing_key
from forensics.bundle.placing import Placed, put_in_place
from tests.bundle.test_create import tree
from tests.bundle.test_verify import edited

CREATED = "attestations/0001-created.dsse.json"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return new_signing_key(tmp_path / "key.pem")


@pytest.fixture
def target(north: Path, key: SigningKey) -> Path:
    """A signed bundle that stands."""
    attest(north, "created", key)
    return north


@pytest.fixture
def new(made_bundles: Path, tmp_path: Path, key: SigningKey) -> Path:
    """The same bundle, made anew."""
    made = Path(shutil.copytree(made_bundles / "C-north", tmp_path / ".new-C-north"))
    attest(made, "created", key)
    return made


def names(target: Path) -> set[str]:
    return {path.name for path in target.parent.glob("*C-north*")}


def test_one_that_says_the_same_stays_with_all_that_people_attested(
    target: Path, new: Path, key: SigningKey
) -> None:
    attest(target, "exported", key, note="to court")
    before = tree(target)
    assert put_in_place(new, target, update=True) == Placed(target)
    assert tree(target) == before


def test_one_that_says_something_else_is_kept_under_the_name_of_its_run(
    target: Path, new: Path, key: SigningKey
) -> None:
    attest(target, "exported", key, note="to court")
    edited(new, "timeline.csv", lambda text: text + "x\n")
    old, made = tree(target), tree(new)
    kept = target.with_name("C-north.r-0002")
    assert put_in_place(new, target, update=True) == Placed(target, kept)
    assert (tree(kept), tree(target)) == (old, made)
    assert names(target) == {"C-north", "C-north.r-0002"}


def test_a_second_one_of_that_run_is_kept_as_well(
    target: Path, new: Path, key: SigningKey, tmp_path: Path
) -> None:
    attest(target, "received", key)
    again = Path(shutil.copytree(target, tmp_path / ".new-C-north-2"))
    assert put_in_place(new, target) == Placed(target, target.with_name("C-north.r-0002"))
    attest(target, "exported", key)
    assert put_in_place(again, target) == Placed(target, target.with_name("C-north.r-0002-2"))


def test_one_that_was_only_made_and_signed_is_replaced(target: Path, new: Path) -> None:
    edited(new, "timeline.csv", lambda text: text + "x\n")
    made = tree(new)
    assert put_in_place(new, target, update=True) == Placed(target)
    assert tree(target) == made
    assert names(target) == {"C-north"}


def test_one_that_nobody_signed_gets_the_signature_of_the_new_one(target: Path, new: Path) -> None:
    shutil.rmtree(target / "attestations")
    assert put_in_place(new, target, update=True) == Placed(target)
    assert CREATED in tree(target)


def test_a_file_that_was_changed_is_mended_though_the_manifests_agree(
    target: Path, new: Path
) -> None:
    (target / "data" / "links.csv").write_text("changed\n")
    made = tree(new)
    put_in_place(new, target, update=True)
    assert tree(target) == made


def test_a_damaged_one_with_custody_is_kept_too(target: Path, new: Path, key: SigningKey) -> None:
    attest(target, "exported", key)
    (target / "data" / "cluster.json").write_text("{")
    assert put_in_place(new, target, update=True).kept == target.with_name("C-north.kept")


def test_a_crash_between_the_steps_leaves_the_one_with_custody(
    target: Path, new: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    attest(target, "exported", key)
    edited(new, "timeline.csv", lambda text: text + "x\n")
    old, made, rename = tree(target), tree(new), Path.rename

    def dies(path: Path, to: Path) -> Path:
        if path == new:
            raise KeyboardInterrupt
        return rename(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            put_in_place(new, target, update=True)
    assert tree(target.with_name("C-north.r-0002")) == old
    assert put_in_place(new, target, update=True) == Placed(target)
    assert tree(target) == made
