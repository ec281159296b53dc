"""The small case is what its docstring says, and its tables agree with each other."""

from __future__ import annotations

import hashlib

import pytest

from forensics.case.database import connect
from forensics.case.run import KINDS, SCHEMAS, Run
from forensics.case.store import Case
from tests.factory import CLUSTERS


def test_every_table_has_its_schema(small_case: Case) -> None:
    run = Run.current(small_case)
    for name, schema in SCHEMAS.items():
        assert run.read(name).schema.equals(schema), name


def test_reasons_add_up_to_the_links(small_case: Case) -> None:
    run = Run.current(small_case)
    reasons = run.read("reasons").to_pylist()
    for link in run.read("links").to_pylist():
        mine = [
            r
            for r in reasons
            if (r["account_a"], r["account_b"]) == (link["account_a"], link["account_b"])
        ]
        for kind in KINDS:
            bits = sum(r["bits"] for r in mine if r["kind"] == kind)
            assert link[f"{kind}_bits"] == pytest.approx(bits, abs=1e-9)
        total = link["prior_bits"] + sum(link[f"{kind}_bits"] for kind in KINDS)
        assert link["match_weight"] == pytest.approx(total, abs=1e-9)


def test_links_outside_the_clusters_are_the_three_of_the_story(small_case: Case) -> None:
    links = Run.current(small_case).read("links").to_pylist()
    strays = [(r["account_a"], r["account_b"]) for r in links if r["cluster_id"] is None]
    assert strays == [("north-1", "solo-4"), ("north-2", "solo-4"), ("north-5", "south-4")]
    assert {r["cluster_id"] for r in links} - {None} == set(CLUSTERS)


def test_stored_rows_name_their_source(small_case: Case) -> None:
    files = {s.sha256: s.file for s in small_case.manifest.sources}
    for digest, file in files.items():
        data = (small_case.root.parent / "sources" / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
    card = connect(small_case).sql(
        "SELECT source_sha256, source_row FROM payments WHERE account_id = 'north-2'"
    )
    (source, row) = card.fetchall()[0]
    lines = (small_case.root.parent / "sources" / files[source]).read_text().splitlines()
    assert lines[row].startswith("north-2,tok-north,card,411111,BR")
