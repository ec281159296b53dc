from __future__ import annotations

import dataclasses
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.analyse import analyse
from forensics.bundle.create import create_bundle, write_bundle
from forensics.bundle.reader import load_evidence
from forensics.bundle.redact import redact
from forensics.bundle.reproduce import reproduce_bundle, settings_toml
from forensics.case.labels import Label, add_labels
from forensics.case.settings import Settings, parse_settings
from forensics.case.store import Case
from forensics.errors import BundleError
from forensics.ingest.forget import forget
from forensics.ingest.load import load
from tests.bundle.test_verify import edited

SETTINGS = b'seed = 5\n[cluster]\nruns = 3\n[columns.signups]\nname = "name"\n'


@pytest.fixture(scope="module")
def rebuilt(made_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `sources`, and in `bundle` the bundle of the north ring, really analysed.

    Somebody labelled it, and the case was analysed a second time.
    """
    folder = tmp_path_factory.mktemp("rebuilt")
    shutil.copytree(made_case / "sources", folder / "sources")
    case = Case.create(folder / "case")
    load(case, [folder / "sources"], settings=SETTINGS)
    case = Case.open(case.root)
    analyse(case)
    at = "2026-02-01T00:00:00Z"
    add_labels(case, [Label("abusive", at, account_id="north-2", by="dana")])
    run = analyse(case)
    members = run.read("members").to_pylist()
    (cluster_id,) = {m["cluster_id"] for m in members if m["account_id"] == "north-1"}
    create_bundle(case, run, cluster_id, folder / "bundle")
    write_bundle(
        redact(load_evidence(case, run, cluster_id), "partner", bytes(32)), folder / "partner"
    )
    shutil.rmtree(folder / "case")
    return folder


@pytest.fixture
def own(rebuilt: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rebuilt, tmp_path / "own"))


def test_the_sources_alone_give_the_same_bytes(own: Path) -> None:
    (own / "sources" / "events.csv").write_text("name,at\nnot of this bundle,2026-01-09\n")
    found = reproduce_bundle(own / "bundle", own / "sources")
    assert found.differences == ()
    assert found.files == sum(path.is_file() for path in (own / "bundle" / "data").rglob("*"))


def test_a_changed_number_is_named_by_file_and_line(own: Path) -> None:
    edited(own / "bundle", "links.csv", lambda text: text.replace("north-1,", "north-0,", 1))
    found = reproduce_bundle(own / "bundle", own / "sources")
    assert not found.equal
    assert found.differences == ("data/links.csv differs from line 2 on",)


def test_another_source_file_is_refused_by_name(own: Path) -> None:
    with (own / "sources" / "payments.csv").open("a") as file:
        file.write("x,y\n")
    with pytest.raises(BundleError, match=r"payments\.csv is another file than the bundle"):
        reproduce_bundle(own / "bundle", own / "sources")


def test_a_missing_source_file_is_named(own: Path) -> None:
    (own / "sources" / "ips.csv").unlink()
    with pytest.raises(BundleError, match=r"ips\.csv is not in .*sources: the bundle was made"):
        reproduce_bundle(own / "bundle", own / "sources")


def loaded_apart(made_case: Path, folder: Path) -> tuple[Case, dict[str, Path]]:
    """An empty case, and a copy of the sources of the small one in a folder, by table."""
    shutil.copytree(made_case / "sources", folder / "sources")
    tables = {path.stem: path for path in (folder / "sources").iterdir()}
    return Case.create(folder / "case"), tables


def bundle_of(case: Case, account_id: str, target: Path) -> Path:
    run = analyse(case)
    members = run.read("members").to_pylist()
    (cluster_id,) = {m["cluster_id"] for m in members if m["account_id"] == account_id}
    return create_bundle(case, run, cluster_id, target)


def halves(path: Path, folder: Path) -> list[Path]:
    """A file of CSV as two of the same name, in the folders one/data and two/data."""
    header, *rows = path.read_text().splitlines(keepends=True)
    half = len(rows) // 2
    made = []
    for name, part in (("one", rows[:half]), ("two", rows[half:])):
        made.append(folder / name / "data" / path.name)
        made[-1].parent.mkdir(parents=True, exist_ok=True)
        made[-1].write_text("".join([header, *part]))
    path.unlink()
    return made


def test_files_of_one_name_from_two_loads_are_told_apart(made_case: Path, tmp_path: Path) -> None:
    case, tables = loaded_apart(made_case, tmp_path)
    one, two = halves(tables["signups"], tmp_path / "sources")
    load(case, [one])
    for path in tables.values():
        if path.exists():
            load(case, [path])
    load(case, [two])
    assert [s.file for s in case.manifest.sources if s.table == "signups"] == ["signups.csv"] * 2
    made = bundle_of(case, "north-1", tmp_path / "bundle")
    assert reproduce_bundle(made, tmp_path / "sources").differences == ()


def test_files_from_folders_loaded_at_once_lie_anywhere(made_case: Path, tmp_path: Path) -> None:
    case, tables = loaded_apart(made_case, tmp_path)
    for path in (tables["signups"], tables["ips"]):
        halves(path, tmp_path / "sources" / "days")
    days = tmp_path / "sources" / "days"
    load(case, [tables["payments"], days / "one", days / "two"])
    odd = tables["devices"].rename(tmp_path / "sources" / "devices.txt")
    load(case, [odd])
    made = bundle_of(case, "north-1", tmp_path / "bundle")
    assert reproduce_bundle(made, tmp_path / "sources").differences == ()


def test_each_file_is_read_by_the_names_that_it_was_read_by(
    made_case: Path, tmp_path: Path
) -> None:
    case, tables = loaded_apart(made_case, tmp_path)
    one, two = halves(tables["signups"], tmp_path / "sources")
    two.write_text(two.read_text().replace("account_id", "user", 1))
    load(case, [one, *(path for path in tables.values() if path.exists())])
    load(case, [two], settings=b'[columns.signups]\naccount_id = "user"\n')
    made = bundle_of(case, "north-1", tmp_path / "bundle")
    assert reproduce_bundle(made, tmp_path / "sources").differences == ()


def test_rows_set_aside_load_by_load_are_noted(made_case: Path, tmp_path: Path) -> None:
    """Of two rows that are equal, and disagree with a third, one is set aside if they come at once,
    and both if each comes by itself.
    """
    case, tables = loaded_apart(made_case, tmp_path)
    load(case, list(tables.values()))
    for day in ("mon", "tue"):
        later = tmp_path / "sources" / f"signups-{day}.csv"
        later.write_text(f"account_id,created_at\nnorth-1,2030-01-01Z\n{day},2026-01-05Z\n")
        load(case, [later])
    made = bundle_of(case, "north-1", tmp_path / "bundle")
    found = reproduce_bundle(made, tmp_path / "sources")
    assert found.differences == ()
    assert found.notes == (
        "signups-tue.csv: 0 rows quarantined when all files are loaded at once; the bundle's "
        "number, 1, is taken as it stands",
    )


def test_accounts_that_were_forgotten_are_spoken_of(made_case: Path, tmp_path: Path) -> None:
    case, tables = loaded_apart(made_case, tmp_path)
    load(case, list(tables.values()))
    forget(case, "north-3")
    made = bundle_of(case, "north-1", tmp_path / "bundle")
    found = reproduce_bundle(made, tmp_path / "sources")
    assert found.differences == ("no cluster with these members came out",)
    assert found.notes == (
        "an account was forgotten in the case before the bundle was made; the sources still tell "
        "of it, so what follows from them is something else",
    )


def test_a_changed_bundle_is_not_even_tried(own: Path) -> None:
    (own / "bundle" / "data" / "why.jsonl").unlink()
    with pytest.raises(BundleError, match=r"is not as it was made: data/why\.jsonl is missing"):
        reproduce_bundle(own / "bundle", own / "sources")


def test_a_shared_profile_hides_its_sources(own: Path) -> None:
    with pytest.raises(BundleError, match="profile partner hides the names of its sources"):
        reproduce_bundle(own / "partner", own / "sources")


def test_the_command_names_what_differs(cli: Callable[..., Any], own: Path) -> None:
    edited(own / "bundle", "timeline.csv", lambda text: text + "x\n")
    ran = cli("bundle", "reproduce", own / "bundle", "--sources", own / "sources")
    assert ran.code == 1
    assert "Differs: data/timeline.csv" in ran.err


@given(
    st.dictionaries(st.text(min_size=1), st.sampled_from(["signups", "ips", "ignore"])),
    st.dictionaries(st.sampled_from(["name", "email"]), st.text()),
    st.integers(0, 99),
)
def test_settings_survive_the_way_through_toml(
    files: dict[str, str], columns: dict[str, str], seed: int
) -> None:
    given_ = Settings(files=files, columns={"signups": columns}, seed=seed)
    text = settings_toml(dataclasses.asdict(given_))
    assert tomllib.loads(text.decode())["seed"] == seed
    assert parse_settings(text, "settings") == given_
