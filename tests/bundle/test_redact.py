from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forensics.bundle.create import contents, write_bundle
from forensics.bundle.evidence import Evidence
from forensics.bundle.pseudonyms import Pseudonyms
from forensics.bundle.reader import load_evidence
from forensics.bundle.redact import redact
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from tests.bundle.conftest import HOSTILE

Cli = Callable[..., Any]
KEY, OTHER = bytes(range(32)), bytes(32)


def raw_values(evidence: Evidence) -> set[str]:
    """Everything that must not be found in a bundle that is shared."""
    info = evidence.info
    found: set[str] = {evidence.cluster_id, str(info["run_id"]), info["settings_digest"]}
    for table, columns in (
        (evidence.members, ("account_id", "name", "email", "email_domain", "organisation")),
        (evidence.shared, ("key", "value", "prefix", "network_name", "bin", "family")),
        (evidence.uses, ("account_id", "key")),
        (evidence.sources, ("account_id", "key", "file", "sha256", "row_sha256")),
        (evidence.labels, ("subject", "by", "reason")),
        (evidence.neighbours, ("cluster_id",)),
        (evidence.lent, ("other_cluster", "key")),
    ):
        for column in columns:
            found.update(text for text in table[column].to_pylist() if text)
    found |= {part for file in evidence.files for part in (file["file"], file["sha256"])}
    # STIX ids are unsalted hashes of values: the ids of the raw ones must not be there either.
    space = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
    for text in list(found):
        for name in ("value", "user_id"):
            naming = json.dumps({name: text}, separators=(",", ":"), ensure_ascii=False)
            found.add(str(uuid.uuid5(space, naming)))
    return found


@pytest.mark.parametrize("profile", ["partner", "public"])
def test_no_raw_value_is_in_any_byte_of_a_shared_bundle(
    small_case: Case, tmp_path: Path, profile: str
) -> None:
    evidence = load_evidence(small_case, Run.current(small_case), "C-north")
    made = write_bundle(redact(evidence, profile, KEY), tmp_path / "shared")
    files = [path for path in made.rglob("*") if path.is_file()]
    everything = b"\n".join(path.read_bytes() + str(path.name).encode() for path in files)
    assert len(files) > 8
    for raw in raw_values(evidence):
        assert raw.encode() not in everything, raw


def test_raw_values_do_hide_in_the_internal_bundle(evidence: Evidence) -> None:
    everything = b"".join(b"".join(chunks) for chunks in contents(evidence).values())
    assert sum(raw.encode() in everything for raw in raw_values(evidence)) > 40


def test_raw_values_in_free_text_are_taken_out(evidence: Evidence) -> None:
    signals = evidence.signals.set_column(
        2,
        "detail",
        [["north-1 and tok-north pivot", "seen at 203.0.113.7 by north-1@mail.example"]],
    )
    redacted = redact(replace(evidence, signals=signals), "partner", KEY)
    assert redacted.signals["detail"].to_pylist() == [
        "[removed] and [removed] pivot",
        "seen at [removed] by [removed]",
    ]


def rows(chunks: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode())))


def test_partners_with_one_key_get_the_same_hashes(evidence: Evidence) -> None:
    mine = rows(contents(redact(evidence, "partner", KEY))["shared.csv"])
    theirs = rows(contents(redact(evidence, "partner", OTHER))["shared.csv"])
    key = "payment:tok-north"
    assert Pseudonyms(KEY).value(key) in {row["key"] for row in mine}
    assert Pseudonyms(OTHER).value(key) in {row["key"] for row in theirs}
    assert not {row["key"] for row in mine} & {row["key"] for row in theirs}


def test_the_hash_is_hmac_sha_256(evidence: Evidence) -> None:
    import hashlib
    import hmac

    digest = hmac.new(KEY, b"account\0north-1", hashlib.sha256).hexdigest()
    assert Pseudonyms(KEY).account("north-1") == f"a-{digest[:32]}"


def test_the_same_text_in_two_roles_has_two_hashes() -> None:
    names = Pseudonyms(KEY)
    assert names.account("x")[2:] != names.of("value", "x")


def test_times_are_cut_to_the_day(evidence: Evidence) -> None:
    files = contents(redact(evidence, "partner", KEY))
    for name in ("accounts.csv", "timeline.csv", "sources.csv"):
        for row in rows(files[name]):
            for cell in row.values():
                if cell.endswith("Z") and cell[4:5] == "-":
                    assert cell.endswith("T00:00:00Z")


def test_the_order_of_rows_tells_nothing(evidence: Evidence) -> None:
    redacted = redact(evidence, "partner", KEY)
    ids = redacted.members["account_id"].to_pylist()
    assert ids == sorted(ids)
    for a, b in zip(
        *redacted.links.select(["account_a", "account_b"]).to_pydict().values(), strict=True
    ):
        assert a < b


@pytest.mark.parametrize("profile", ["internal", "partner"])
def test_a_partner_can_still_add_up_every_link(
    evidence: Evidence, tmp_path: Path, profile: str
) -> None:
    found = verify_bundle(write_bundle(redact(evidence, profile, KEY), tmp_path / "bundle"))
    assert (found.intact, found.arithmetic) == (True, True)


def test_a_public_bundle_says_that_there_is_nothing_to_add_up(
    evidence: Evidence, tmp_path: Path
) -> None:
    found = verify_bundle(write_bundle(redact(evidence, "public"), tmp_path / "bundle"))
    assert (found.intact, found.arithmetic) == (True, None)
    assert "can't be checked: the bits of links" in found.notes[0]
    files = {path.name for path in (tmp_path / "bundle" / "data").rglob("*")}
    assert files == {
        "alternatives.json", "cluster.json", "provenance.json", "redactions.json", "report.html",
        "stix.json",
    }  # fmt: skip


def test_redactions_say_what_was_done_and_why(evidence: Evidence) -> None:
    for profile, rules in (("internal", 1), ("partner", 5), ("public", 3)):
        redacted = redact(evidence, profile, KEY)
        told = json.loads(b"".join(contents(redacted)["redactions.json"]))
        assert told["profile"] == profile
        assert len(told["rules"]) == rules
        assert told["rules"][0]["what"] == "prompts and their embeddings"
        assert (told["share_key"] is not None) == (profile == "partner")


@pytest.mark.parametrize("profile", ["partner", "public"])
def test_the_digest_of_the_settings_is_said_to_be_removed(evidence: Evidence, profile: str) -> None:
    """It is of names that are not in the bundle: whoever guesses them could tell by it."""
    files = contents(redact(evidence, profile, KEY))
    told = {name: json.loads(b"".join(files[f"{name}.json"])) for name in ("cluster", "provenance")}
    assert told["cluster"]["settings_digest"] == "removed"
    assert told["provenance"]["from"]["settings_digest"] == "removed"
    assert b"the digest of the settings" in b"".join(files["redactions.json"])


def test_names_of_columns_leave_in_the_internal_profile_alone(evidence: Evidence) -> None:
    files = [{**file, "columns": {"device_id": "crm_dev"}} for file in evidence.files]
    mine = replace(evidence, files=files)
    for profile, told in (("internal", True), ("partner", False), ("public", False)):
        made = contents(redact(mine, profile, KEY))
        assert (b"crm_dev" in b"".join(b"".join(part) for part in made.values())) is told


def test_hostile_names_are_gone_from_a_shared_bundle(hostile_evidence: Evidence) -> None:
    files = contents(redact(hostile_evidence, "partner", KEY))
    everything = b"".join(b"".join(chunks) for chunks in files.values()).decode()
    for old, name in HOSTILE.items():
        if old.startswith(("north", "payment", "template", "device", "ips", "resold")):
            assert name not in everything


def test_sharing_takes_the_key_and_nothing_else_does(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    create = ("bundle", "create", "C-north", "-o", tmp_path / "out", "--case", small_case.root)
    assert cli(*create, "--profile", "partner").code == 2
    key = tmp_path / "p.share"
    assert cli("key", "new", "--kind", "share", "-o", key).code == 0
    assert cli(*create, "--share-key", key).code == 2
    assert cli(*create, "--profile", "partner", "--share-key", key).code == 0
    (made,) = (tmp_path / "out").iterdir()
    assert made.name != "C-north"
    assert [path.name for path in sorted((made / "attestations").iterdir())] == [
        "0001-created.dsse.json",
        "0002-redacted.dsse.json",
    ]
    assert b"C-north" not in b"".join(p.read_bytes() for p in made.rglob("*") if p.is_file())
