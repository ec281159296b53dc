from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forensics.bundle.custody import attest
from forensics.case.store import Case
from tests.bundle.test_create import tree
from tests.bundle.test_mutations import MINE
from tests.platforms import write_case
from tests.test_analyse import rings

Cli = Callable[..., Any]


def test_bundles_are_written_below_the_folder(cli: Cli, small_case: Case, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("bundle", "create", "C-north", "C-acme", "-o", out, "--case", small_case.root)
    assert ran.code == 0
    assert sorted(path.name for path in out.iterdir()) == ["C-acme", "C-north"]
    assert "report.html" in ran.err


def test_an_existing_bundle_needs_force(cli: Cli, small_case: Case, north: Path) -> None:
    create = ("bundle", "create", "C-north", "-o", north.parent, "--case", small_case.root)
    ran = cli(*create)
    assert ran.code == 1
    assert "--force" in ran.err
    assert cli(*create, "--force").code == 0


def test_an_unknown_cluster_is_wrong_usage(cli: Cli, small_case: Case, tmp_path: Path) -> None:
    ran = cli("bundle", "create", "C-nort", "-o", tmp_path / "out", "--case", small_case.root)
    assert ran.code == 2
    assert "did you mean 'C-north'" in ran.err


def test_an_unsigned_bundle_fails_unless_that_is_allowed(cli: Cli, north: Path) -> None:
    ran = cli("bundle", "verify", north)
    assert ran.code == 1
    assert "UNTRUSTED" in ran.err
    assert cli("bundle", "verify", north, "--allow-untrusted").code == 0


def test_why_nobody_is_trusted_fits_the_screen(cli: Cli, north: Path) -> None:
    attest(north, "created", MINE)
    ran = cli("bundle", "verify", north)
    said = ran.err.partition("  signed with key")[2].splitlines()
    assert max(map(len, said)) <= 80
    told = f"{MINE.public.fingerprint}: say with --trust KEY.pub that you trust that key"
    assert " ".join(" ".join(said).split()) == told


def test_machines_get_five_columns(cli: Cli, north: Path) -> None:
    ran = cli("bundle", "verify", north, "--allow-untrusted", "--format", "csv")
    assert ran.out == f"path,intact,trusted,arithmetic,valid\n{north},true,false,true,true\n"
    ran = cli("bundle", "verify", north, "--format", "csv")
    assert ran.out == f"path,intact,trusted,arithmetic,valid\n{north},true,false,true,false\n"


def test_what_is_no_bundle_is_not_called_a_changed_one(cli: Cli, north: Path) -> None:
    above, missing = north.parent, north.parent / "C-none"
    ran = cli("bundle", "verify", above, missing, "--format", "csv")
    assert ran.code == 1
    assert ran.out == (
        "path,intact,trusted,arithmetic,valid\n"
        f"{above},false,false,false,false\n{missing},false,false,false,false\n"
    )
    assert ran.err == (
        f"{above}  NO BUNDLE\n"
        "  this is no bundle: it holds none of the files that make a bundle\n"
        f"{missing}  NO BUNDLE\n  this is no bundle: there is no such file or folder\n"
    )


def test_a_bundle_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "C-none"
    ran = cli("bundle", "reproduce", missing, "--sources", tmp_path)
    assert (ran.code, ran.err) == (1, f"Error: {missing}: there is no such file or folder\n")


def test_one_bad_bundle_among_good_ones_fails_all(
    cli: Cli, made_bundles: Path, north: Path
) -> None:
    (north / "data" / "links.csv").unlink()
    ran = cli(
        "bundle", "verify", made_bundles / "C-acme", north, "--allow-untrusted", "--format", "json"
    )
    assert ran.code == 1
    rows = json.loads(ran.out)
    assert [row["valid"] for row in rows] == [True, False]
    assert rows[1]["problems"][0].startswith("data/links.csv is missing")


def test_to_analyse_again_keeps_what_people_attested(cli: Cli, tmp_path: Path) -> None:
    write_case(tmp_path / "case", rings().rows)
    case, folder = ("--case", tmp_path / "case"), tmp_path / "case" / "bundles"
    assert cli("analyse", *case).code == 0
    first, second = sorted(folder.iterdir())[:2]
    for path in (first, second):
        note = ("--action", "exported", "--note", "to court")
        assert cli("bundle", "attest", path, *note).code == 0
    before = {path.name: tree(path) for path in folder.iterdir()}

    assert cli("analyse", *case).code == 0
    assert {path.name: tree(path) for path in folder.iterdir()} == before

    assert cli("label", "add", first.name, "--verdict", "abusive", *case).code == 0
    ran = cli("analyse", *case)
    kept = {path.name.partition(".")[0]: path for path in folder.iterdir() if "." in path.name}
    assert {name: tree(path) for name, path in kept.items()} == {
        path.name: before[path.name] for path in (first, second)
    }
    assert "2 bundles with custody kept beside what replaces them:" in ran.err
    assert all(f"  {path}\n" in ran.err for path in kept.values())
    assert cli("bundle", "verify", *folder.iterdir(), "--allow-untrusted").code == 0
    accounts = (first / "data" / "accounts.csv").read_text().splitlines()
    member = next(csv.DictReader(accounts))["account_id"]
    told = json.loads(cli("account", "forget", member, *case, "--format", "json").out)
    assert told["bundles"] == [str(first), str(kept[first.name])]
    names = json.loads(cli("status", *case, "--format", "json").out)["bundles"]
    assert names == sorted(path.name for path in folder.iterdir())
