from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forensics.bundle.keys import default_key_file, load_signing_key
from forensics.case.store import Case

Cli = Callable[..., Any]


@pytest.fixture
def empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "account-forensics" / "signing.pem"


def test_a_key_is_made_on_first_use_and_it_is_said_where(
    cli: Cli, small_case: Case, tmp_path: Path, empty_home: Path
) -> None:
    create = ("bundle", "create", "C-north", "--case", small_case.root)
    ran = cli(*create, "-o", tmp_path / "one")
    assert str(empty_home) in ran.err
    fingerprint = load_signing_key(empty_home).public.fingerprint
    ran = cli(*create, "-o", tmp_path / "two")
    assert str(empty_home) not in ran.err
    ran = cli("bundle", "verify", tmp_path / "two" / "C-north", "--format", "json")
    (row,) = json.loads(ran.out)
    assert [entry["fingerprint"] for entry in row["custody"]] == [fingerprint]


def test_what_key_show_prints_is_what_trust_takes(
    cli: Cli, small_case: Case, tmp_path: Path, empty_home: Path
) -> None:
    assert cli("key", "new").code == 0
    shown = cli("key", "show")
    assert shown.out.startswith("-----BEGIN PUBLIC KEY-----\n")
    (tmp_path / "mine.pub").write_text(shown.out)
    cli("bundle", "create", "C-north", "-o", tmp_path / "out", "--case", small_case.root)
    bundle = tmp_path / "out" / "C-north"
    assert cli("bundle", "verify", bundle).code == 1
    ran = cli("bundle", "verify", bundle, "--trust", tmp_path / "mine.pub", "--format", "csv")
    assert (ran.code, ran.out.splitlines()[1]) == (0, f"{bundle},true,true,true,true")
    assert "created" in ran.err


def test_custody_begins_with_the_maker(cli: Cli, north: Path, empty_home: Path) -> None:
    ran = cli("bundle", "attest", north, "--action", "received")
    assert ran.code == 1
    assert "is not signed: a chain of custody begins with" in " ".join(ran.err.split())


def test_an_unsigned_bundle_needs_no_key(
    cli: Cli, small_case: Case, tmp_path: Path, empty_home: Path
) -> None:
    ran = cli(
        "bundle", "create", "C-north", "--unsigned", "-o", tmp_path, "--case", small_case.root
    )
    assert ran.code == 0
    assert not empty_home.exists()
    assert not (tmp_path / "C-north" / "attestations").exists()


def test_an_existing_key_stays(cli: Cli, empty_home: Path) -> None:
    cli("key", "new")
    before = empty_home.read_bytes()
    ran = cli("key", "new")
    assert ran.code == 2
    assert "a key is never overwritten" in ran.err
    assert empty_home.read_bytes() == before


def test_the_passphrase_comes_from_the_environment(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORENSICS_KEY_PASSPHRASE", "secret")
    path = tmp_path / "key.pem"
    assert cli("key", "new", "--passphrase", "-o", path).code == 0
    assert cli("key", "show", path).code == 0
    monkeypatch.delenv("FORENSICS_KEY_PASSPHRASE")
    ran = cli("key", "show", path)
    assert ran.code == 1
    assert "needs a passphrase (FORENSICS_KEY_PASSPHRASE)" in ran.err


def test_a_share_key_wants_a_file_of_its_own(cli: Cli, tmp_path: Path) -> None:
    assert cli("key", "new", "--kind", "share").code == 2
    assert cli("key", "new", "--kind", "share", "-o", tmp_path / "p.share").code == 0
    assert (tmp_path / "p.share").stat().st_mode & 0o777 == 0o600


def test_trust_takes_public_keys_only(cli: Cli, north: Path, tmp_path: Path) -> None:
    cli("key", "new", "-o", tmp_path / "key.pem")
    ran = cli("bundle", "verify", north, "--trust", tmp_path / "key.pem")
    assert ran.code == 2
    assert "not a public key in PEM; 'forensics key show' prints one" in " ".join(ran.err.split())
    assert cli("bundle", "verify", north, "--trust", tmp_path / "none").code == 2


def test_forensics_key_names_another_key_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FORENSICS_KEY", str(tmp_path / "other.pem"))
    assert default_key_file() == tmp_path / "other.pem"
