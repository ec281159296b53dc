"""A cluster without links: the bundle leads from what its members fit by to files and rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.bundle import report, tables
from forensics.bundle.create import create_bundle
from forensics.bundle.draw import draw_cluster
from forensics.bundle.evidence import Evidence
from forensics.bundle.many import create_bundles
from forensics.bundle.reader import load_evidence
from forensics.bundle.redact import redact
from forensics.bundle.stix import stix_bundle
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from tests.bundle.test_create import tree
from tests.bundle.test_draw import texts
from tests.bundle.test_report import words
from tests.bundle.test_verify import edited
from tests.factory import NORTH

NETWORK, CARDS, PROMPTS = "prefix:203.0.113.0/24", "bin:411111", "template:t-north"
#: What the ring has in common and nobody else: comparison, key, who has it, bits of 20 accounts.
COMMON = (
    ("prefix", NETWORK, NORTH, 5.0),
    ("card_range", CARDS, NORTH[:4], 4.585),
    ("template", PROMPTS, NORTH, 5.0),
)


@pytest.fixture
def fitting(small_case: Case) -> Case:
    """The small case, but no two of the north ring are linked: they fit each other as a whole."""
    fits = []
    for account in NORTH:
        fits.append(fit(account, "prior", None, None, -2.322))
        for comparison, key, held_by, bits in COMMON:
            if account in held_by:
                fits.append(fit(account, comparison, key, len(held_by) - 1, bits))
            else:
                fits.append(fit(account, comparison, None, None, -0.6))
    change(small_case, "fits", lambda rows: fits)
    members = set(NORTH)
    for name in ("links", "reasons"):
        change(small_case, name, lambda rows: [r for r in rows if r["account_a"] not in members])
    rests = {
        "evidence_kinds": ["ip", "prompt", "payment"],
        "reasons": ["addresses", "templates", "cards"],
    }
    change(
        small_case,
        "clusters",
        lambda rows: [mended(row, links=0, fitting=5, **rests) for row in rows],
    )
    change(small_case, "members", lambda rows: [mended(row, joined_by=NETWORK) for row in rows])
    mean = {"payment": 3.548, "ip": 5.0, "prompt": 5.0}
    change(
        small_case,
        "evidence",
        lambda rows: [mended(r, links=0, bits=mean.get(r["kind"], 0.0)) for r in rows],
    )
    return small_case


def fit(account: str, comparison: str, key: str | None, users: int | None, bits: float) -> Any:
    others = None if users is None else 0
    values = {"comparison": comparison, "key": key, "users": users, "others": others, "bits": bits}
    return {"cluster_id": "C-north", "account_id": account, "members": 4, **values}


def mended(row: dict[str, Any], **changed: object) -> dict[str, Any]:
    return row | changed if row["cluster_id"] == "C-north" else row


def change(case: Case, name: str, to: Callable[[list[Any]], list[Any]]) -> None:
    run = Run.current(case)
    table = run.read(name)
    changed = pa.Table.from_pylist(to(table.to_pylist()), table.schema)
    pq.write_table(changed, run.folder / f"{name}.parquet")


@pytest.fixture
def told(fitting: Case) -> Evidence:
    return load_evidence(fitting, Run.current(fitting), "C-north")


@pytest.fixture
def bundle(fitting: Case, tmp_path: Path) -> Path:
    return create_bundle(fitting, Run.current(fitting), "C-north", tmp_path / "C-north")


def read(bundle: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((bundle / "data" / name).read_text().splitlines()))


def test_every_value_leads_to_the_rows_of_all_who_have_it(bundle: Path) -> None:
    assert verify_bundle(bundle).arithmetic
    sources = read(bundle, "sources.csv")
    for key, file, row_numbers in (
        (NETWORK, "ips.csv", ["1", "2", "3", "4", "5"]),
        (CARDS, "payments.csv", ["1", "2", "3", "4"]),
        (PROMPTS, "prompts.jsonl", [str(n) for n in range(1, 16)]),
    ):
        found = [row for row in sources if row["key"] == key]
        assert {row["file"] for row in found} == {file}
        assert sorted((row["row"] for row in found), key=int) == row_numbers


def test_each_line_of_a_member_names_its_own_rows(bundle: Path) -> None:
    sources = read(bundle, "sources.csv")

    def rows_of(line: dict[str, str]) -> list[tuple[str, str, str]]:
        first, last = int(line["first_source"]), int(line["last_source"])
        return [(r["account_id"], r["file"], r["row"]) for r in sources[first - 1 : last]]

    lines = {(f["account_id"], f["comparison"]): f for f in read(bundle, "fits.csv")}
    assert len(lines) == 4 * len(NORTH)
    assert rows_of(lines["north-3", "prefix"]) == [("north-3", "ips.csv", "3")]
    assert rows_of(lines["north-3", "template"]) == [
        ("north-3", "prompts.jsonl", n) for n in ("7", "8", "9")
    ]
    other = lines["north-5", "card_range"]  # a card of another range, which speaks against it
    assert (other["key"], other["bits"]) == ("", "-0.600")
    assert rows_of(other) == [("north-5", "payments.csv", "5")]
    prior = lines["north-5", "prior"]
    assert (prior["first_source"], prior["last_source"]) == ("", "")


def test_shared_values_say_who_fits_by_them(bundle: Path) -> None:
    shared = {row["key"]: row for row in read(bundle, "shared.csv")}
    names = ("class", "kind", "value", "accounts", "members", "links", "bits", "fits", "fit_bits")

    def told_of(key: str) -> list[str]:
        return [shared[key][name] for name in names]

    assert told_of(NETWORK) == [
        *("IpAddress", "prefix", "203.0.113.0/24", "5", "5", "0", "0.000", "5", "25.000"),
    ]  # fmt: skip
    assert told_of(CARDS)[:5] == ["PaymentInstrument", "bin", "411111", "4", "4"]
    assert told_of("email_domain:mail.example")[5:] == ["0", "0.000", "0", "0.000"]


def test_many_bundles_at_once_have_the_same_rows(
    fitting: Case, bundle: Path, tmp_path: Path
) -> None:
    run = Run.current(fitting)
    create_bundles(fitting, run, ["C-north", "C-south"], tmp_path / "many")
    assert tree(tmp_path / "many" / "C-north") == tree(bundle)
    south = create_bundle(fitting, run, "C-south", tmp_path / "C-south")
    assert tree(tmp_path / "many" / "C-south") == tree(south)


def test_what_speaks_against_a_fit_follows_from_its_counts(bundle: Path) -> None:
    """None of the 4 others has as few card ranges in common: p = 1/5 weighs log2(-e p ln p)."""
    line = "north-5,card_range,,4,,,-0.600"
    edited(bundle, "fits.csv", lambda text: text.replace(line, "north-5,card_range,,4,0,,-0.193"))
    edited(bundle, "cluster.json", lambda text: text.replace('"bits":3.548', '"bits":3.629'))
    assert verify_bundle(bundle).arithmetic
    edited(bundle, "fits.csv", lambda text: text.replace("-0.193", "-0.600"))
    said = (
        "north-5 fits by card_range with -0.6 bits, but that 0 of 4 members have as few in common "
        "gives another number"
    )
    assert said in verify_bundle(bundle).problems


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("fits.csv", "north-1,prefix,prefix:203.0.113.0/24,4,4,0",
         "north-1,prefix,prefix:203.0.113.0/24,4,3,0",
         "north-1 fits by prefix, prefix:203.0.113.0/24, which 3 of 4 other members have by "
         "fits.csv, 4 by sources.csv"),
        ("fits.csv", "north-1,prefix,prefix:203.0.113.0/24,4,4,0",
         "north-1,prefix,prefix:203.0.113.0/24,4,4,1",
         "prefix:203.0.113.0/24 has 6 accounts by fits.csv, 5 by shared.csv"),
        ("sources.csv", "north-4,card_range,bin:411111", "north-4,card_range,bin:422222",
         "north-4 fits by card_range, bin:411111: the source rows named in fits.csv are not its "
         "own in sources.csv"),
        ("sources.csv", "north-2,prefix,prefix:203.0.113.0/24", "north-9,prefix,prefix:203.0",
         "north-1 fits by prefix, prefix:203.0.113.0/24, which 4 of 4 other members have by "
         "fits.csv, 3 by sources.csv"),
    ],
)  # fmt: skip
def test_counts_that_no_rows_bear_out_are_found(
    bundle: Path, name: str, old: str, new: str, problem: str
) -> None:
    edited(bundle, name, lambda text: text.replace(old, new, 1))
    found = verify_bundle(bundle)
    assert (found.intact, found.arithmetic) == (True, False)
    assert problem in found.problems


def test_a_partner_can_check_the_rows_as_well(told: Evidence) -> None:
    partner = redact(told, "partner", bytes(32))
    fits = tables.fits_of(partner).to_pylist()
    sources = partner.sources.to_pylist()
    for row in (row for row in fits if row["comparison"] != "prior"):
        for source in sources[row["first_source"] - 1 : row["last_source"]]:
            assert (source["account_id"], source["key"]) == (row["account_id"], row["key"])
    assert not {"203.0.113.0/24", "411111"} & {str(v) for r in fits for v in r.values()}


def test_the_report_shows_fits_where_others_show_links(told: Evidence) -> None:
    shown = words(report.report_html(told).decode()).replace("\N{EN DASH}", "-")
    said = "No link holds any of the 5 members to another, but each fits the others as a whole"
    assert said in shown
    assert "prefix:203.0.113.0/24 4 of 4 0 +5.00 ips.csv row 5" in shown
    assert "another card range - - -0.60 payments.csv row 5" in shown
    assert "Kind Mean bits of a member One operator without it Card ranges +3.55" in shown
    assert "Mean of how 5 members fit" in shown
    mean = "Prior -2.32 Card ranges +3.55 Addresses +5.00 Prompt templates +5.00 In all +11.23"
    assert mean in shown
    heads = "Value Members with it Others with it Operators Members that fit by it Bits of fits"
    assert f"{heads} prefix:203.0.113.0/24 5 0 - 5 +25.00 template:t-north 5 0 1.0 5" in shown
    for nothing in ("0 links", "0 of 0", "Links with it", "Down to the source rows"):
        assert nothing not in shown


def test_a_report_on_few_links_shows_both(evidence: Evidence) -> None:
    few = {"links": 1, "fitting": 4}
    partly = replace(
        evidence, cluster={**evidence.cluster, **few}, links=evidence.links.slice(0, 1)
    )
    shown = words(report.report_html(partly).decode())
    assert (
        "5 accounts hold together by 1 link, pairs whose shared evidence makes one operator more "
        "likely than two, and as a whole: no link ties 4 of them to the largest part, but each has "
        "so much in common with the others that it fits."
    ) in shown
    assert "No link holds 4 members to the largest part of the cluster, but each fits it" in shown
    assert "Few members are linked: what each pair has in common is too little" in shown
    assert "Kind Mean bits of a member One operator without it" in shown
    assert "Mean of how 4 members fit" in shown
    assert "Strongest link: north-1 and north-2" in shown
    assert "north-5 prior - - -2.32 - template:t-north 4 of 4 0 +5.00" in shown.replace(
        "\N{EN DASH}", "-"
    )
    assert "in all - - +2.08 -" in shown.replace("\N{EN DASH}", "-")


def test_a_public_report_has_no_picture_of_fits(told: Evidence) -> None:
    shown = words(report.report_html(redact(told, "public")).decode())
    assert "Mean bits of a member" in shown
    assert "Mean of how" not in shown
    assert "203.0.113" not in shown


def test_the_picture_ties_each_value_to_all_who_have_it(fitting: Case, told: Evidence) -> None:
    drawn = draw_cluster(Run.current(fitting), "C-north")
    assert {NETWORK, CARDS, "5 here, 0 elsewhere", "4 here, 0 elsewhere"} <= set(texts(drawn))
    assert "Drawn: 5 accounts and 3 of 3 shared values." in " ".join(texts(drawn))
    assert drawn.split("<desc", 1)[1] in report.report_html(told).decode()


def test_stix_has_an_indicator_for_each_value_that_members_fit_by(told: Evidence) -> None:
    named = {o["name"] for o in stix_bundle(told)["objects"] if o["type"] == "indicator"}
    assert named == {NETWORK, CARDS, PROMPTS}


def test_cluster_json_names_the_claim_and_no_link(bundle: Path) -> None:
    told = json.loads((bundle / "data" / "cluster.json").read_text())
    assert told["links"] == 0
    assert "no two of them are linked" in told["claims"][0]["text"]
