"""The Cypher of docs/neo4j.md, and the style beside it."""

from __future__ import annotations

import re
from pathlib import Path

import neo4j

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.graph.address import Address
from forensics.graph.push import push
from forensics.graph.schema import NODES

DOCS = Path(__file__).parent.parent.parent / "docs"
REMOVE, LOOK = re.findall(r"```text\n(MATCH .*?)```", (DOCS / "neo4j.md").read_text(), re.S)


def test_a_cluster_can_be_looked_at_and_everything_taken_out_again(
    small_case: Case, empty: Address, driver: neo4j.Driver
) -> None:
    driver.execute_query("CREATE (:Person {name: 'p'})", database_=empty.database)
    push(Run.current(small_case), empty)
    with driver.session(database=empty.database) as session:
        records = list(session.run(LOOK.replace("C-ojlu", "C-north")))
        assert {record["a"]["account_id"] for record in records} == {
            f"north-{n}" for n in range(1, 6)
        }
        assert all(record["v"]["accounts"] > 1 for record in records)
        session.run(REMOVE.rstrip().rstrip(";")).consume()
        assert [record["n"]["name"] for record in session.run("MATCH (n) RETURN n")] == ["p"]


def test_every_label_has_a_style_with_a_caption_that_it_has() -> None:
    style = (DOCS / "neo4j-style.grass").read_text()
    captions = dict(re.findall(r'node\.(\w+) \{[^}]*caption: "\{(\w+)\}"', style))
    assert captions.keys() == {table.label for table in NODES}
    for table in NODES:
        assert captions[table.label] in table.properties
