"""The tables of a run that linking fills: every link adds up, and names what it rests on."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from forensics.case.run import KINDS, SCHEMAS
from forensics.link.linkage import Linkage, link_accounts
from forensics.link.material import Collected, collect
from forensics.link.observed import LEVELS
from forensics.link.results import (
    identifiers_table,
    links_table,
    reasons_parts,
    reasons_table,
    uses_table,
    weights_table,
)
from tests.platforms import Platform, write_case

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Collected, Linkage]:
    """200 strangers, and a ring of six on one card, one address and two templates."""
    platform = Platform(people=200)
    ring = platform.crew("ring", 6, card=False)
    for account in ring:
        platform.pay(account, "tok-ring", bin="411111", issuer_country="DE")
        platform.connect(account, "192.0.2.7", 50_000)
    platform.recite(ring, [1, 2], 4)
    platform.add("networks", cidr="192.0.2.0/24", kind="datacenter", asn=64500, name="Host")
    case = write_case(tmp_path_factory.mktemp("results") / "case", platform.rows)
    collected = collect(case)
    linkage = link_accounts(collected.material, top=40)
    kept = np.flatnonzero(linkage.probabilities >= 0.5)
    ids = collected.accounts["account_id"].to_pylist()
    clusters = pa.array(["C-1" if a.startswith("ring") else None for a in ids], pa.string())
    tables = {
        "uses": uses_table(collected),
        "identifiers": identifiers_table(
            collected, linkage, case.read("payments", ["instrument_id", "bin", "issuer_country"])
        ),
        "links": links_table(collected, linkage, kept, clusters),
        "reasons": reasons_table(collected, linkage, kept),
        "weights": weights_table(linkage),
    }
    return tables, collected, linkage


@pytest.fixture(scope="module")
def rows(made: tuple[Tables, Collected, Linkage]) -> dict[str, list[dict[str, Any]]]:
    return {name: table.to_pylist() for name, table in made[0].items()}


def test_every_table_has_the_schema_of_the_run(made: tuple[Tables, Collected, Linkage]) -> None:
    for name, table in made[0].items():
        assert table.schema.equals(SCHEMAS[name]), name


def test_the_whole_ring_is_linked_and_nobody_else(rows: Any) -> None:
    linked = {a for row in rows["links"] for a in (row["account_a"], row["account_b"])}
    assert linked == {f"ring-{n:04}" for n in range(6)}
    assert {row["cluster_id"] for row in rows["links"]} == {"C-1"}


def test_the_weight_of_a_link_is_its_prior_and_its_kinds_to_the_last_digit(rows: Any) -> None:
    for row in rows["links"]:
        parts = [row["prior_bits"], *(row[f"{kind}_bits"] for kind in KINDS)]
        total = sum(round(1000 * part) for part in parts)
        assert round(1000 * row["match_weight"]) == total
        assert row["match_probability"] == pytest.approx(
            1 / (1 + 2 ** -row["match_weight"]), abs=1e-6
        )
        assert row["evidence_kinds"] == sum(row[f"{kind}_bits"] >= 2 for kind in KINDS)


def test_the_reasons_of_a_link_add_up_to_its_kinds(rows: Any) -> None:
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows["reasons"]:
        sums[row["account_a"], row["account_b"], row["kind"]] += round(1000 * row["bits"])
    for row in rows["links"]:
        for kind in KINDS:
            pair = (row["account_a"], row["account_b"], kind)
            assert sums[pair] == round(1000 * row[f"{kind}_bits"])


def test_the_bits_of_a_reason_are_m_over_u_and_its_adjustment(rows: Any) -> None:
    for row in rows["reasons"]:
        told = np.log2(row["m"] / row["u"]) + row["adjustment"]
        assert told == pytest.approx(row["bits"], abs=1e-6)


def test_a_reason_names_the_value_shared_with_its_accounts_and_operators(rows: Any) -> None:
    card = [row for row in rows["reasons"] if row["comparison"] == "instrument"]
    assert card
    for row in card:
        assert (row["level"], row["key"], row["accounts"]) == (
            "same instrument",
            "payment:tok-ring",
            6,
        )
        assert 1 <= row["operators"] <= 6
    address = {row["key"] for row in rows["reasons"] if row["level"].startswith("same address")}
    assert address == {"ip:192.0.2.7"}
    timing = [row for row in rows["reasons"] if row["kind"] == "timing"]
    assert {row["key"] for row in timing} == {None}


def test_what_speaks_against_a_link_is_a_reason_as_well(rows: Any) -> None:
    device = [row for row in rows["reasons"] if row["comparison"] == "device"]
    assert {row["level"] for row in device} == {"different"}
    assert all(row["bits"] < 0 and row["key"] is None for row in device)


def test_links_and_reasons_are_in_one_order(rows: Any) -> None:
    pairs = [(row["account_a"], row["account_b"]) for row in rows["links"]]
    assert pairs == sorted(set(pairs))
    assert all(a < b for a, b in pairs)
    reasons = [
        (r["account_a"], r["account_b"], r["kind"], r["comparison"]) for r in rows["reasons"]
    ]
    assert reasons == sorted(set(reasons))


def test_identifiers_say_what_is_known_of_each_value(rows: Any) -> None:
    found = {row["key"]: row for row in rows["identifiers"]}
    card = found["payment:tok-ring"]
    assert (card["class"], card["kind"], card["value"]) == (
        "PaymentInstrument",
        "payment",
        "tok-ring",
    )
    assert (card["accounts"], card["bin"], card["issuer_country"]) == (6, "411111", "DE")
    address = found["ip:192.0.2.7"]
    assert (address["class"], address["prefix"]) == ("IpAddress", "192.0.2.0/24")
    assert (address["network_kind"], address["asn"], address["network_name"]) == (
        "datacenter", 64500, "Host",
    )  # fmt: skip
    assert found["device:dev-ring-0001"]["class"] == "Device"
    assert found["email_domain:gmail.com"]["class"] == "Identifier"
    templates = [row for row in rows["identifiers"] if row["class"] == "PromptTemplate"]
    assert {6} <= {row["accounts"] for row in templates}
    assert all(row["family"] and row["prompts"] >= row["accounts"] for row in templates)


def test_coarse_values_are_no_identifiers_and_each_key_is_one_row(rows: Any) -> None:
    keys = [row["key"] for row in rows["identifiers"]]
    assert keys == sorted(set(keys))
    assert not any(key.startswith(("bin:", "prefix:")) for key in keys)
    assert {row["key"] for row in rows["uses"]} == set(keys)


def test_weights_stand_beside_their_defaults(rows: Any) -> None:
    card = [row["level"] for row in rows["weights"] if row["comparison"] == "instrument"]
    assert card == list(LEVELS["instrument"])
    for comparison in {row["comparison"] for row in rows["weights"]}:
        mine = [row for row in rows["weights"] if row["comparison"] == comparison]
        assert sum(row["m"] for row in mine) == pytest.approx(1)
        assert sum(row["default_m"] for row in mine) == pytest.approx(1)


def test_reasons_in_parts_are_the_same_rows(
    made: tuple[Tables, Collected, Linkage], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, collected, linkage = made
    kept = np.flatnonzero(linkage.probabilities >= 0.5)
    monkeypatch.setattr("forensics.link.results.AT_ONCE", 4)
    parts = list(reasons_parts(collected, linkage, kept))
    assert len(parts) > 2
    assert pa.concat_tables(parts).equals(tables["reasons"])
