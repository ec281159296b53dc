"""Plain facts of a cluster, from a case small enough to count by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from forensics.link.linkage import link_accounts
from forensics.link.material import collect
from forensics.score.facts import collect_facts
from tests.platforms import DAY, Platform, at, stored, write_case

THURSDAY, SATURDAY = 0.0, 2.0 * DAY  # 2026-01-01 is a Thursday
FIRM = ("firm-1", "firm-2", "firm-3", "firm-4")
PAIR = ("pair-1", "pair-2")


def build() -> Platform:
    platform = Platform()
    for n, account in enumerate(FIRM):
        platform.join(
            account, (n * 5 - 15) * DAY, email=f"{account}@firm.example", country="DE",
            plan="team" if n < 3 else "free", organisation="Firm", status="active",
        )  # fmt: skip
        platform.add("declared", account_id=account, group_id="firm", kind="organisation")
    platform.rows["signups"][3]["email"] = "someone@gmail.com"
    platform.rows["declared"].pop()
    platform.rows["signups"][2]["status"] = None
    platform.rows["signups"][3]["status"] = "deleted"
    platform.rows["signups"][0] |= {"status": "suspended", "status_at": at(-6 * DAY)}
    for account in FIRM[:3]:
        platform.pay(account, "tok-firm", issuer_country="DE")
    platform.pay(FIRM[3], "tok-2", kind="virtual", issuer_country="PL")
    platform.pay(FIRM[3], "tok-3", kind="prepaid", issuer_country="PL")
    platform.use(FIRM[0], "laptop")
    platform.use(FIRM[1], "laptop")
    platform.use(FIRM[2], "phone")
    platform.add("networks", cidr="192.0.2.0/24", kind="corporate", name="Firm")
    platform.add("networks", cidr="198.51.100.0/24", kind="vpn", name="Exits")
    # Eight events: four at 10 h and four at 15 h, two of them on a Saturday.
    for hour in (10, 15):
        platform.connect(FIRM[0], "192.0.2.1", THURSDAY + 60 * hour)
        platform.connect(FIRM[1], "192.0.2.2", THURSDAY + 60 * hour)
        platform.connect(FIRM[1], "198.51.100.1", THURSDAY + DAY + 60 * hour)
        platform.connect(FIRM[2], "203.0.113.1", SATURDAY + 60 * hour)
    platform.connect(FIRM[3], "203.0.113.9", THURSDAY, until=THURSDAY + 20 * DAY)  # no event
    platform.connect(FIRM[1], "203.0.113.1", SATURDAY - 21 * DAY)  # before the sign-up
    for account in PAIR:
        platform.pay(account, "tok-pair", 5.0)
    platform.join("outsider", 0, email="a@firm2.example")
    platform.join("other", 0, email="b@gmail.com")
    return platform


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    case = write_case(tmp_path_factory.mktemp("facts") / "case", build().rows)
    collected = collect(case)
    linkage = link_accounts(collected.material, top=40)
    ids = collected.accounts["account_id"].to_pylist()
    members = pa.table(
        {
            "cluster": [0] * len(FIRM) + [1] * len(PAIR),
            "account": [ids.index(a) for a in (*FIRM, *PAIR)],
        }
    )
    found: list[dict[str, Any]] = collect_facts(case, collected, linkage, members).to_pylist()
    return found


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("accounts", 4),
        ("suspended", 1),
        ("deleted", 1),
        ("without_status", 1),
        ("active", 2),  # what is not recorded counts as active
        ("first_seen", at(-19 * DAY)),
        ("last_seen", at(20 * DAY)),
        ("signup_days", 15.0),
        ("team_plan", 0.75),
        ("throw_away_mail", 0.0),
        ("domain", "firm.example"),
        ("domain_share", 0.75),
        ("domain_inside", 1.0),
        ("organisation", "Firm"),
        ("organisation_share", 1.0),
        ("declared_kind", "organisation"),
        ("declared_share", 0.75),
        ("payer_share", 0.75),
        ("instruments", 3),
        ("shared_devices", 2 / 3),  # of the three that have one
        ("devices", 2),
        ("on_corporate", 0.5),
        ("on_vpn", 0.25),
        ("on_mobile", 0.0),
        ("events", 8),
        ("evenness", math.log(2) / math.log(24)),
        ("weekend", 0.25),
        ("parallel", 1 / 3),  # of the three days with any use, one has two accounts in use
        ("replaced", 1),  # on the ninth day; firm-3 follows on the tenth
    ],
)
def test_facts_of_a_company(facts: list[dict[str, Any]], fact: str, value: Any) -> None:
    expected = pytest.approx(value) if isinstance(value, float) else value
    assert facts[0][fact] == expected


def test_what_there_is_no_data_on_is_null_not_zero(facts: list[dict[str, Any]]) -> None:
    pair = facts[1]
    for fact in (
        "signup_days", "team_plan", "throw_away_mail", "domain", "domain_inside", "organisation",
        "shared_devices", "on_vpn", "own_prompt_share", "own_senders", "evenness", "weekend",
        "parallel", "country_differs",
    ):  # fmt: skip
        assert pair[fact] is None, fact
    assert (pair["accounts"], pair["payer_share"]) == (2, 1.0)


def test_clusters_come_in_the_order_of_their_numbers(facts: list[dict[str, Any]]) -> None:
    assert [row["cluster"] for row in facts] == [0, 1]


def test_cards_are_counted_as_instruments(facts: list[dict[str, Any]]) -> None:
    """Three instruments: two are virtual or prepaid, and of another country than declared."""
    assert facts[0]["concealed_cards"] == pytest.approx(2 / 3)
    assert facts[0]["country_differs"] == pytest.approx(2 / 3)
    assert facts[0]["instruments_per_account"] == 1.25
    counts = ("instruments", "cards_of_kind", "cards_concealed", "cards_of_country", "cards_abroad")
    assert [facts[0][name] for name in counts] == [3, 3, 2, 3, 2]
    assert (facts[1]["instruments"], facts[1]["cards_of_country"]) == (1, 0)  # of no known country


LAB, CROWD = tuple(f"lab-{n}" for n in range(6)), tuple(f"crowd-{n}" for n in range(8))


def prompt(n: int, centre: int) -> bytes:
    """Return one of eight directions, a little aside in a way of its own."""
    vector = np.zeros((1, 24))
    vector[0, centre], vector[0, 8 + n % 16] = 1.0, 0.3
    return stored(vector)[0]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return lab_that_joined(-10, tmp_path_factory.mktemp("lab"))


def lab_that_joined(day: float, folder: Path) -> dict[str, Any]:
    """A lab of six accounts with ten prompts each; from the release on they use the new model.

    One prompt to it is dated long before its account's sign-up: that makes the model no older.
    """
    platform = Platform()
    platform.join("odd", 0)
    platform.add("prompts", prompt_id="odd", account_id="odd", at=at(-90 * DAY),
                 embedding=prompt(0, 7), model="atlas")  # fmt: skip
    platform.add("events", name="atlas released", at=at(10 * DAY), kind="model_release")
    platform.add("references", name="chess", kind="capability", embedding=prompt(0, 0))
    number = 0
    for who, account in enumerate((*LAB, *CROWD)):
        mine = account in LAB
        if mine:
            platform.join(account, day * DAY)
        for turn in range(10 if mine else 4 + 6 * (who % 3)):
            after = turn % 2 == 1
            platform.add(
                "prompts", prompt_id=f"p{number:04}", account_id=account,
                at=at((10.5 if after else 2) * DAY + number),
                embedding=prompt(number, 0 if mine else 1 + number % 7),
                tokens_out=800 if mine else 200,
                model="atlas" if after and (mine or number % 8 == 0) else "old",
            )  # fmt: skip
            number += 1
    case = write_case(folder / "case", platform.rows)
    collected = collect(case)
    ids = collected.accounts["account_id"].to_pylist()
    members = pa.table({"cluster": [0] * len(LAB), "account": [ids.index(a) for a in LAB]})
    linkage = link_accounts(collected.material, top=40)
    found: dict[str, Any] = collect_facts(case, collected, linkage, members).to_pylist()[0]
    return found


def test_what_a_lab_does(lab: dict[str, Any]) -> None:
    assert (lab["prompts"], lab["with_prompts"]) == (60, 6)
    assert lab["output_ratio"] == pytest.approx(4.0)
    # All of its 30 prompts after the release go to the new model, few of the others' do.
    assert 0.5 < lab["pivoted"] < 1.0
    # Ten prompts each, where others send four to sixteen.
    assert lab["even_load"] > 2


def test_who_joins_after_a_release_turns_to_nothing(tmp_path: Path) -> None:
    assert lab_that_joined(10.2, tmp_path)["pivoted"] is None


def test_templates_about_a_capability_are_told(lab: dict[str, Any]) -> None:
    assert lab["own_prompt_share"] == pytest.approx(1.0)
    assert lab["capability_share"] == pytest.approx(1.0)


def test_what_no_column_tells_of_behaviour_is_null(facts: list[dict[str, Any]]) -> None:
    for fact in ("capability_share", "output_ratio", "pivoted", "even_load"):
        assert facts[0][fact] is None, fact
    assert (facts[0]["sharing"], facts[1]["sharing"]) == (0.75, 1.0)
