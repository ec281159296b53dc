"""A company whose accounts no pair links, from rows to screen and bundle: nothing claims a link."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

STAFF, STRANGERS = 9, 400


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine accounts with one mail domain and one address, among strangers with neither."""
    rows = ["account_id,created_at,email,signup_ip"]
    for n in range(STAFF):
        rows.append(f"staff-{n},2026-01-{3 + 3 * n:02}T09:00:00Z,p{n}@acme.example,198.51.100.7")
    for n in range(STRANGERS):
        day, home = 1 + n % 28, f"203.0.{n // 200}.{n % 200}"
        rows.append(f"one-{n:03},2026-01-{day:02}T{n % 24:02}:30:00Z,q{n}@gmail.com,{home}")
    folder = tmp_path_factory.mktemp("office")
    (folder / "signups.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_a_cluster_without_a_link_says_so(
    cli: Callable[..., Ran], office: Path, tmp_path: Path
) -> None:
    case, out = tmp_path / "case", tmp_path / "bundles"
    assert cli("run", office, "--case", case).code == 0
    listed = json.loads(cli("cluster", "list", "--case", case, "--format", "json").out)
    assert [(c["accounts"], c["links"]) for c in listed] == [(STAFF, 0)]
    cluster_id = listed[0]["cluster_id"]

    shown = " ".join(cli("cluster", "show", cluster_id, "--case", case).out.split())
    assert f"{STAFF} accounts fit each other, though no two are linked;" in shown
    assert "no two are linked; they fit each other as a whole" in shown
    assert "no link ties them" not in shown  # there is no rest that the others are tied to
    assert listed[0]["evidence_kinds"] == ["ip", "identifier"]
    why = " ".join(cli("cluster", "why", cluster_id, "--case", case).out.split())
    assert "Strongest of 0 links" not in why
    assert f"email_domain:acme.example {STAFF} of {STAFF} 0 {STAFF}" in why

    assert cli("bundle", "create", cluster_id, "-o", out, "--case", case).code == 0
    bundle = out / cluster_id
    linked = json.loads((bundle / "data" / "cluster.json").read_text())["claims"][0]
    assert linked["text"] == (
        f"{STAFF} accounts have so much in common as a whole that each fits the others; no two of "
        "them are linked."
    )
    assert cli("bundle", "verify", bundle, "--allow-untrusted").code == 0
    assert cli("bundle", "reproduce", bundle, "--sources", office).code == 0
