"""What somebody says in a bundle whose manifests he mends, and which its own files contradict."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forensics.bundle.create import create_bundle
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.ingest.forget import forget
from tests.bundle.test_verify import edited

Rows = list[dict[str, str]]


def problems_of(bundle: Path) -> tuple[str, ...]:
    found = verify_bundle(bundle)
    assert found.intact
    assert found.arithmetic is False
    return found.problems


def statement(bundle: Path, name: str, change: Callable[[Any], object]) -> Path:
    def changed(text: str) -> str:
        told = json.loads(text)
        change(told)
        return json.dumps(told, sort_keys=True, separators=(",", ":")) + "\n"

    return edited(bundle, name, changed)


def table(bundle: Path, name: str, change: Callable[[Rows], object]) -> Path:
    def changed(text: str) -> str:
        rows = list(csv.DictReader(io.StringIO(text)))
        names = list(rows[0])
        change(rows)
        written = io.StringIO()
        writer = csv.DictWriter(written, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return written.getvalue()

    return edited(bundle, name, changed)


def every(**values: str) -> Callable[[Rows], object]:
    return lambda rows: [row.update(values) for row in rows]


def first(**values: str) -> Callable[[Rows], object]:
    return lambda rows: rows[0].update(values)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t["scores"].update(verdict="legitimate"),
         "the verdict is legitimate by cluster.json, abusive by alternatives.json"),
        (lambda t: t["scores"].update(q_value=0.9),
         "the verdict is abusive, but by its scores, its explanations and the cut-offs in the "
         "settings it is unclear (possibly chance)"),
        (lambda t: t["scores"].update(stability=0.1), "in the settings it is unclear (unstable)"),
        (lambda t: t["scores"].update(explanation="household"),
         "the verdict is abusive, explained by 'household', but by its scores"),
        (lambda t: t["settings"]["score"].update(min_abuse=0.95), "in the settings it is coordin"),
        (lambda t: t["settings"]["score"].update(min_abuse=0.6),
         "cluster.json and provenance.json have other settings"),
        (lambda t: t.update(reasons=["cards", "proven fraud"]), "the verdict's reasons, cards, p"),
        (lambda t: t["claims"][3].update(claimed=True),
         "cluster.json makes the claim 'attribution', which a verdict of abusive does not make"),
        (lambda t: t.update(evidence_kinds=["timing"]), "it rests on timing of evidence by clus"),
        (lambda t: t["coordination_from"]["measures"][0].update(value=50),
         "the measure devices is 50: not from 0 to 1"),
        (lambda t: t.update(active=0, suspended=5), "cluster.json says 0 active, the tables hold"),
        (lambda t: t.update(fitting=7), "cluster.json says 7 fitting, the tables hold 1"),
        (lambda t: t.update(bridges=7), "cluster.json says 7 bridges, the tables hold 1"),
        (lambda t: t.update(links=99), "cluster.json says 99 links, the tables hold 9"),
        (lambda t: [e.update(bits=e["bits"] * 10) for e in t["evidence"]],
         "cluster.json says of ip: 6 links, 37.43 bits in the mean; the tables give 6 and 3.743"),
        (lambda t: [e.update(links=99_999) for e in t["evidence"]],
         "cluster.json says of ip: 99999 links, 3.743 bits in the mean; the tables give 6 and"),
        (lambda t: t["data"]["sources"][0].update(rows=9),
         "cluster.json and provenance.json have other source files"),
    ],
)  # fmt: skip
def test_what_cluster_json_says_follows_from_the_rest(
    north: Path, change: Callable[[Any], object], problem: str
) -> None:
    told = problems_of(statement(north, "cluster.json", change))
    assert any(problem in text for text in told), told


def test_a_verdict_changed_in_both_statements_is_found(north: Path) -> None:
    statement(north, "alternatives.json", lambda told: told.update(verdict="coordinated"))
    statement(north, "cluster.json", lambda told: told["scores"].update(verdict="coordinated"))
    assert "the verdict is coordinated, but by its scores" in problems_of(north)[1]


def test_an_explanation_that_is_made_to_hold_is_found(north: Path) -> None:
    def hold(told: Any) -> None:
        for row in told["alternatives"]:
            row.update(holds=True, strength=1.0)

    told = problems_of(statement(north, "alternatives.json", hold))
    assert any("it is unclear, explained by" in text for text in told), told


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("accounts.csv", lambda rows: rows.append({**rows[0], "account_id": "victim"}),
         "victim is a member, but no link or fit holds it"),
        ("accounts.csv", every(joined_by="ip:8.8.8.8"), "north-1 joined by ip:8.8.8.8, which is"),
        ("accounts.csv", every(status="suspended"), "cluster.json says 1 suspended, the tables "),
        ("accounts.csv", first(bridge="true"), "cluster.json says 1 bridges, the tables hold 2"),
        ("sources.csv", first(file="other.csv"), "other.csv (ips, "),
        ("sources.csv", first(sha256="0" * 64), "ips.csv (ips, 00000000) in sources.csv is none"),
        ("sources.csv", first(row="999"), "source 1 is row 999 of ips.csv, which has "),
        ("sources.csv", first(row="2"), "row 2 of ips.csv is of 2 accounts, with 2 digests"),
        ("shared.csv", first(operators="1.5"), " has 1.5 operators by shared.csv, "),
        ("shared.csv", every(links="9999"), ": 9999 links with "),
        ("shared.csv", every(fits="7"), ": 7 members fit by it with "),
        ("shared.csv", every(accounts="9", members="9"), "has 9 members by shared.csv, rows of "),
        ("shared.csv", lambda rows: rows.pop(0), ": 0 links with 0.0 bits rest on it by shared"),
        ("timeline.csv", lambda rows: rows.__delitem__(slice(3, None)), "has signup at 2026-01-0"),
        ("timeline.csv", every(at="2020-01-01T00:00:00Z"), " from 2020-01-01T00:00:00Z to "),
    ],
)  # fmt: skip
def test_tables_agree_with_each_other(
    north: Path, name: str, change: Callable[[Rows], object], problem: str
) -> None:
    told = problems_of(table(north, name, change))
    assert any(problem in text for text in told), told


def test_a_bundle_made_after_an_account_was_forgotten_agrees_with_itself(
    small_case: Case, tmp_path: Path
) -> None:
    forget(small_case, "north-4")
    made = create_bundle(small_case, Run.current(small_case), "C-north", tmp_path / "C-north")
    found = verify_bundle(made)
    assert found.arithmetic, found.problems
    assert found.notes == (
        "can't be checked: what holds each member, and the kinds of evidence named: accounts were "
        "forgotten, and may have had a part in it",
    )
    told = json.loads((made / "data" / "cluster.json").read_bytes())
    payment = next(row for row in told["evidence"] if row["kind"] == "payment")
    assert (told["accounts"], told["links"], payment["links"]) == (4, 6, 3)
