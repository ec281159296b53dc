"""Settings: what is meant, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics.case.settings import Settings, load_settings, parse_settings
from forensics.errors import UsageError


def wrong(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_settings(text.encode(), "s.toml")
    return str(caught.value)


def test_nothing_set_is_the_default() -> None:
    assert parse_settings(b"", "s.toml") == Settings()


def test_what_is_set_is_set() -> None:
    text = b'seed = 7\n[ingest]\nmax_bad = 1\n[columns.ips]\nip = "addr"\n[files]\nx = "ips"\n'
    settings = parse_settings(text, "s.toml")
    assert settings.seed == 7
    assert settings.ingest.max_bad == 1.0
    assert settings.columns == {"ips": {"ip": "addr"}}
    assert settings.files == {"x": "ips"}
    assert settings.digest != Settings().digest
    assert settings.digest == parse_settings(b"# the same\n" + text, "s.toml").digest


def test_a_wrong_name_is_told_the_nearest() -> None:
    assert wrong("sed = 1").startswith("s.toml: unknown setting 'sed'; did you mean 'seed'?")
    assert "unknown setting 'max_bat'; did you mean 'max_bad'?" in wrong("[ingest]\nmax_bat = 1")
    assert "no table 'ip'; did you mean 'ips'?" in wrong('[files]\nx = "ip"')
    assert "columns.signup: no such table; did you mean 'signups'?" in wrong(
        '[columns.signup]\naccount_id = "id"'
    )
    assert "the table has no column 'account'; did you mean 'account_id'?" in wrong(
        '[columns.ips]\naccount = "id"'
    )


def test_a_wrong_type_is_told_the_right_one() -> None:
    assert wrong("seed = true") == "s.toml: seed: expected int, found True"
    assert (
        wrong("[ingest]\nmax_bad = 'half'")
        == "s.toml: ingest: max_bad: expected float, found 'half'"
    )
    huge = "9" * 400
    assert wrong(f"[score]\nmax_q = {huge}") == (
        f"s.toml: score: max_q: expected float, found {huge}"
    )
    assert wrong("ingest = 1") == "s.toml: ingest: expected a section of settings, found 1"
    assert wrong("[files]\nx = 5") == "s.toml: files.x: expected a table name, found 5"
    assert wrong("[columns]\nips = 'x'") == (
        's.toml: columns.ips: expected our name = "their name" pairs'
    )


@pytest.mark.parametrize(
    ("section", "key", "found", "bounds"),
    [
        ("", "seed", "-1", "of at least 0"),
        ("score", "max_q", "0.0", "above 0 and at most 1"),
        ("score", "max_q", "nan", "above 0 and at most 1"),
        ("score", "min_accounts", "1", "of at least 2"),
        ("score", "min_abuse", "1.5", "of at least 0 and at most 1"),
        ("cluster", "runs", "0", "of at least 1"),
        ("ingest", "max_bad", "-0.1", "of at least 0 and at most 1"),
    ],
)
def test_a_value_out_of_bounds_is_told_them(
    section: str, key: str, found: str, bounds: str
) -> None:
    head, where = (f"[{section}]\n", f"{section}: {key}") if section else ("", key)
    said = f"s.toml: {where}: expected a number {bounds}, found {found}"
    assert wrong(f"{head}{key} = {found}") == said


def test_what_is_not_toml(tmp_path: Path) -> None:
    assert wrong("seed =").startswith("s.toml: not a TOML file: ")
    with pytest.raises(UsageError, match="No such file"):
        load_settings(tmp_path / "missing.toml")
