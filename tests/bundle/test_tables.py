from __future__ import annotations

import csv
import io
import json
import re
from math import log2
from pathlib import Path

import igraph
import pyarrow as pa
import pytest

from forensics.bundle import tables
from forensics.bundle.cluster_json import cluster_json
from forensics.bundle.create import create_bundle
from forensics.bundle.evidence import Evidence
from forensics.bundle.graphml import graph_graphml
from forensics.bundle.reader import load_evidence, load_network
from forensics.bundle.verify import verify_bundle
from forensics.bundle.why import why_jsonl
from forensics.case.run import Run
from forensics.case.store import Case
from tests.bundle.test_fits import change
from tests.bundle.test_verify import edited


def rows(chunks: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode())))  # type: ignore[call-overload]


def test_members_come_with_what_is_known_of_them(evidence: Evidence) -> None:
    members = rows(tables.accounts_csv(evidence))
    assert [row["account_id"] for row in members] == [f"north-{n}" for n in range(1, 6)]
    assert members[4] | {"membership": "0.800000", "bridge": "true"} == members[4]
    assert members[1]["status_at"] == "2026-01-19T18:00:00Z"
    assert members[0]["status_at"] == ""


def test_bits_have_three_decimals_and_probabilities_nine(evidence: Evidence) -> None:
    link = rows(tables.links_csv(evidence))[3]
    assert (link["account_a"], link["account_b"]) == ("north-1", "north-5")
    assert (link["match_weight"], link["match_probability"]) == ("1.551", "0.745560000")
    assert (link["payment_bits"], link["device_bits"]) == ("-2.170", "0.000")


def test_the_timeline_is_in_order(evidence: Evidence) -> None:
    events = rows(tables.timeline_csv(evidence))
    assert [row["at"] for row in events] == sorted(row["at"] for row in events)
    assert sum(row["event"] == "signup" for row in events) == 5
    (stopped,) = [row for row in events if row["event"] == "suspended"]
    assert (stopped["account_id"], stopped["at"]) == ("north-2", "2026-01-19T18:00:00Z")
    shared = [row for row in events if row["key"] == "payment:tok-north"]
    assert [row["account_id"] for row in shared] == ["north-1", "north-2", "north-3", "north-4"]


def test_sources_name_file_digest_and_row(evidence: Evidence) -> None:
    sources = rows(tables.sources_csv(evidence))
    assert [int(row["source"]) for row in sources] == list(range(1, len(sources) + 1))
    digests = {file["file"]: file["sha256"] for file in evidence.files}
    assert all(row["sha256"] == digests[row["file"]] for row in sources)
    (card,) = [
        r for r in sources if (r["account_id"], r["key"]) == ("north-3", "payment:tok-north")
    ]
    assert (card["file"], card["row"], card["table"]) == ("payments.csv", "3", "payments")


def test_shared_values_say_who_else_has_them(evidence: Evidence) -> None:
    shared = {row["key"]: row for row in rows(tables.shared_csv(evidence))}
    device = shared["device:dev-north"]
    assert (device["members"], device["accounts"], device["links"]) == ("2", "3", "1")
    assert shared["email_domain:mail.example"]["bits"] == "0.000"


NETWORK, CARDS = "prefix:203.0.113.0/24", "bin:411111"


@pytest.fixture
def on_ranges(small_case: Case) -> Case:
    """The small case, but one link alone rests on the network of its accounts and their cards."""
    ranges = {"instrument": (CARDS, 4), "address": (NETWORK, 5)}

    def coarse(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        for row in rows:
            pair = (row["account_a"], row["account_b"])
            if pair == ("north-1", "north-2") and row["comparison"] in ranges:
                row["key"], row["accounts"] = ranges[str(row["comparison"])]
        return rows

    change(small_case, "reasons", coarse)
    return small_case


def test_a_network_counts_all_members_with_an_address_in_it(on_ranges: Case) -> None:
    run = Run.current(on_ranges)
    of_case = load_evidence(on_ranges, run, "C-north")
    of_run = load_network(run, "C-north")["shared"]
    for shared in (of_case.shared, of_run):
        found = {row["key"]: row for row in shared.to_pylist()}
        for key, count in ((NETWORK, 5), (CARDS, 4)):
            row = found[key]
            assert (row["members"], row["accounts"], row["links"]) == (count, count, 1)


def test_fewer_members_than_have_rows_of_a_value_are_found(on_ranges: Case, tmp_path: Path) -> None:
    bundle = create_bundle(on_ranges, Run.current(on_ranges), "C-north", tmp_path / "C-north")
    assert verify_bundle(bundle).arithmetic
    counted = re.compile(f"^({NETWORK},.*),5,1,", re.MULTILINE)
    edited(bundle, "shared.csv", lambda text: counted.sub(r"\1,1,1,", text))
    problem = f"{NETWORK} has 1 members by shared.csv, rows of 5 by sources.csv"
    assert problem in verify_bundle(bundle).problems


def test_why_adds_up_to_each_link(evidence: Evidence) -> None:
    lines = [json.loads(line) for line in b"".join(why_jsonl(evidence)).splitlines()]
    totals: dict[tuple[str, str], float] = {}
    for line in lines:
        assert line["bits"] == pytest.approx(
            log2(line["m"] / line["u"]) + line["adjustment"], abs=1e-3
        )
        pair = (line["account_a"], line["account_b"])
        totals[pair] = totals.get(pair, line["prior"]) + line["bits"]
    for link in evidence.links.to_pylist():
        assert totals[link["account_a"], link["account_b"]] == pytest.approx(link["match_weight"])


def test_why_leads_to_the_source_rows_of_both(evidence: Evidence) -> None:
    lines = [json.loads(line) for line in b"".join(why_jsonl(evidence)).splitlines()]
    sources = evidence.sources.to_pylist()
    for line in lines:
        for side in ("a", "b"):
            first, last = line[f"sources_{side}"]
            for row in sources[first - 1 : last]:
                assert row["account_id"] == line[f"account_{side}"]
                assert (row["comparison"], row["key"]) == (line["comparison"], line["key"])


def test_the_lines_of_fits_in_the_documents_are_real(evidence: Evidence) -> None:
    described = (Path(__file__).parents[2] / "docs" / "bundle.md").read_text()
    written = b"".join(tables.fits_csv(evidence)).decode()
    assert f"```csv\n{written}```" in described
    assert written.endswith("north-5,template,template:t-north,4,4,0,5.000,39,41\n")


def test_cluster_json_says_what_is_claimed_and_on_what(evidence: Evidence) -> None:
    told = json.loads(cluster_json(evidence))
    assert [claim["claimed"] for claim in told["claims"]] == [True, True, True, False]
    assert told["scores"] == {
        "coordination": 0.99,
        "abuse": 0.9,
        "q_value": 0.001,
        "stability": 0.95,
        "verdict": "abusive",
        "explanation": None,
    }
    assert told["versions"] == {"account-forensics": "0.1.0", "bundle": 1}
    assert told["settings"]["score"]["max_q"] == 0.05
    assert told["seed"] == 1
    assert told["data"]["missing"] == ["events", "references"]


def test_igraph_reads_the_graph(
    evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("graph") / "graph.graphml"
    path.write_bytes(b"".join(graph_graphml(evidence)))
    graph = igraph.Graph.Read_GraphML(str(path))
    assert graph.vcount() == 5 + evidence.shared.num_rows
    relations = graph.es["relation"]
    assert relations.count("LINKED_TO") == 9
    assert relations.count("PAID_WITH") == 4
    assert relations.count("SENT") == 5
    assert graph.es.select(relation="LINKED_TO")[0]["match_probability"] > 0.99


def test_a_csv_reads_back_with_commas_quotes_and_nothing_at_all() -> None:
    texts = ["plain", 'says "so", twice', "", None, "a\nb", "=1,2"]
    table = pa.table({"text": texts, "bits": [1.0, None, -0.0001, 2.0, 0.5, 3.25]})
    found = rows(tables.write_csv(table))
    shown = ["plain", 'says "so", twice', "", "", "a\\u000ab", "'=1,2"]
    assert [row["text"] for row in found] == shown
    assert [row["bits"] for row in found] == ["1.000", "", "0.000", "2.000", "0.500", "3.250"]
