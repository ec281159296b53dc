"""The JSON files keep to their schemas, and other people's libraries read what is theirs."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import networkx
import pytest
import stix2
from jsonschema import Draft202012Validator

from forensics.bundle.canonical import canonical
from forensics.bundle.create import contents
from forensics.bundle.evidence import Evidence
from forensics.bundle.redact import redact
from forensics.bundle.stix import stix_bundle

SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "schemas"
KEY = bytes(32)
PROFILES = ("internal", "partner", "public")


@pytest.fixture(scope="module", params=PROFILES)
def files(request: pytest.FixtureRequest, evidence: Evidence) -> dict[str, str]:
    redacted = redact(evidence, request.param, KEY)
    return {name: b"".join(chunks).decode() for name, chunks in contents(redacted).items()}


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["cluster", "alternatives", "provenance", "redactions"])
def test_json_files_keep_to_their_schemas(files: dict[str, str], name: str) -> None:
    validator(name).validate(json.loads(files[f"{name}.json"]))


def test_every_line_of_why_keeps_to_its_schema(evidence: Evidence) -> None:
    lines = b"".join(contents(evidence)["why.jsonl"]).decode().splitlines()
    check = validator("why")
    assert len(lines) == evidence.reasons.num_rows
    for line in lines:
        check.validate(json.loads(line))


def test_json_files_are_canonical(files: dict[str, str]) -> None:
    for name in [name for name in files if name.endswith(".json")]:
        assert canonical(json.loads(files[name])).decode() + "\n" == files[name]


def test_the_stix_library_accepts_the_bundle(files: dict[str, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        bundle = stix2.parse(files["stix.json"], allow_custom=False)
    kinds = {item["type"] for item in bundle.objects}
    assert {"grouping", "identity", "marking-definition"} <= kinds


def test_stix_holds_accounts_addresses_and_indicators(evidence: Evidence) -> None:
    objects: list[dict[str, Any]] = stix_bundle(evidence)["objects"]
    of = {kind: [o for o in objects if o["type"] == kind] for kind in {o["type"] for o in objects}}
    assert {o["user_id"] for o in of["user-account"]} == {f"north-{n}" for n in range(1, 6)}
    assert [o["value"] for o in of["ipv4-addr"]] == ["203.0.113.7"]
    assert {o["pattern"] for o in of["indicator"]} == {
        "[ipv4-addr:value = '203.0.113.7']",
        "payment:tok-north",
        "template:t-north",
        "device:dev-north",
    }
    assert len(of["relationship"]) == 4
    (grouping,) = of["grouping"]
    ids = {o["id"] for o in objects}
    assert set(grouping["object_refs"]) <= ids
    assert len(ids) == len(objects)


def test_observables_have_the_ids_that_stix_prescribes(evidence: Evidence) -> None:
    ids = {o["id"] for o in stix_bundle(evidence)["objects"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert stix2.IPv4Address(value="203.0.113.7").id in ids
        assert stix2.UserAccount(user_id="north-1").id in ids


def test_networkx_reads_the_graph(evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    path.write_bytes(b"".join(contents(evidence)["graph.graphml"]))
    graph = networkx.read_graphml(path)
    assert graph.number_of_nodes() == 5 + evidence.shared.num_rows
    labels = networkx.get_node_attributes(graph, "label")
    assert set(labels.values()) >= {"north-1", "payment:tok-north"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_strict_parser_finds_nothing_wrong_with_the_report(
    evidence: Evidence, profile: str
) -> None:
    page = b"".join(contents(redact(evidence, profile, KEY))["report.html"]).decode()
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page)
    assert parser.errors == []


def test_hostile_reports_parse_strictly_too(hostile_evidence: Evidence) -> None:
    page = b"".join(contents(replace(hostile_evidence))["report.html"]).decode()
    html5lib.HTMLParser(strict=True).parse(page)
