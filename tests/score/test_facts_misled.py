"""What makes no fact: one account, a placeholder, growth, an empty column, an order of rows."""

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
from tests.platforms import DAY, Platform, at, write_case

NOT_KNOWN = "00000000-0000-0000-0000-000000000000"


def crowd(members: int = 10, others: int = 60) -> tuple[Platform, list[str]]:
    """Members that signed up a day apart, and others, who have a card each."""
    platform = Platform()
    group = [f"m{n:02}" for n in range(members)]
    for n, account in enumerate(group):
        platform.join(account, n * DAY, country="DE")
    for n in range(others):
        platform.join(f"o{n:02}", n * 500, country="DE")
        platform.pay(f"o{n:02}", f"tok-o{n}", issuer_country="DE")
    return platform, group


def facts_of(platform: Platform, group: list[str], root: Path) -> dict[str, Any]:
    collected = collect(case := write_case(root / "case", platform.rows))
    linkage = link_accounts(collected.material, top=40)
    ids = collected.accounts["account_id"].to_pylist()
    members = {"cluster": [0] * len(group), "account": [ids.index(a) for a in group]}
    return dict(collect_facts(case, collected, linkage, pa.table(members)).to_pylist()[0])


def ask(
    platform: Platform,
    account: str,
    prompts: int,
    *,
    tokens: int | None = None,
    model: str | None = None,
    day: float | None = None,
) -> None:
    """Let an account send prompts, a minute apart, by default a day after its sign-up."""
    start = platform.joined[account] + DAY if day is None else day * DAY
    for minute in range(prompts):
        vector = platform.geometry.points(np.array([len(platform.rows.get("prompts", ()))]))[0]
        platform.ask(account, vector, start + minute)
        platform.rows["prompts"][-1] |= {"tokens_out": tokens, "model": model}


def test_where_all_send_as_many_prompts_no_load_is_evener_than_another(tmp_path: Path) -> None:
    platform, group = crowd()
    for account in platform.joined:
        ask(platform, account, 5)
    facts = facts_of(platform, group, tmp_path)
    assert facts["even_load"] is None
    assert all(math.isfinite(value) for value in facts.values() if isinstance(value, float))


@pytest.mark.parametrize("prompts", [40, 400])
def test_one_outsider_does_not_make_answers_longer(tmp_path: Path, prompts: int) -> None:
    platform, group = crowd(8)
    for account in platform.joined:
        ask(platform, account, 5, tokens=300)
    ask(platform, "o00", prompts, tokens=1)
    assert 1.0 < facts_of(platform, group, tmp_path)["output_ratio"] < 1.15


def test_answers_are_not_longer_for_one_member(tmp_path: Path) -> None:
    platform, group = crowd(8)
    for account in platform.joined:
        ask(platform, account, 5, tokens=200)
    ask(platform, group[0], 200, tokens=8000)
    assert facts_of(platform, group, tmp_path / "one")["output_ratio"] == pytest.approx(1.0)
    for account in group[1:4]:
        ask(platform, account, 20, tokens=8000)
    assert facts_of(platform, group, tmp_path / "four")["output_ratio"] > 1.6


def released(platform: Platform, releases: int) -> None:
    """Release a model every ten days; before that all use an old one."""
    for number in range(releases):
        when = at((20 + 10 * number) * DAY)
        platform.add("events", name=f"m{number}", at=when, kind="model_release")
    ask(platform, "o00", 1, model="old", day=15)


@pytest.mark.parametrize("releases", [1, 6])
def test_many_releases_are_no_turn_to_new_models(tmp_path: Path, releases: int) -> None:
    """Of four members two use the new model alone, others each time; elsewhere three in ten do."""
    platform, group = crowd(4)
    released(platform, releases)
    for number in range(releases):
        for n, account in enumerate(platform.joined):
            mine = account in group
            new = (n + number) % 4 < 2 if mine else (n + number) % 10 < 3
            ask(platform, account, 4, model=f"m{number}" if new else "old", day=21 + 10 * number)
    pivoted = facts_of(platform, group, tmp_path)["pivoted"]
    assert pivoted == pytest.approx(0.15, abs=0.01) if releases == 1 else pivoted < 0


def test_who_turns_to_one_release_of_six_turns_to_a_new_model(tmp_path: Path) -> None:
    platform, group = crowd(12)
    released(platform, 6)
    for number in range(6):
        for n, account in enumerate(platform.joined):
            new = number == 3 if account in group else (n + number) % 10 < 3
            ask(platform, account, 4, model=f"m{number}" if new else "old", day=21 + 10 * number)
    assert facts_of(platform, group, tmp_path)["pivoted"] > 0.3


def test_a_release_that_two_rows_tell_of_is_one(tmp_path: Path) -> None:
    platform, group = crowd(4)
    for _ in range(2):
        released(platform, 1)
    for n, account in enumerate(platform.joined):
        ask(platform, account, 1, model="m0" if n % 2 else "old", day=21)
    assert facts_of(platform, group, tmp_path)["pivoted"] is None  # four prompts, not eight


def grown(waits: list[float], *, every: float = 2.0) -> tuple[Platform, list[str]]:
    """Twenty sign-ups, one `every` so many days; one is suspended so long before each fifth."""
    platform, _ = crowd(0)
    for n in range(20):
        platform.join(f"g{n:02}", (1 + every * n) * DAY, status="active")
    for n, wait in enumerate(waits):
        joins = 1 + every * (5 * n + 5)
        row = next(r for r in platform.rows["signups"] if r["account_id"] == f"g{n:02}")
        row |= {"status": "suspended", "status_at": at((joins - wait) * DAY)}
    return platform, [f"g{n:02}" for n in range(20)]


def test_what_chance_makes_of_replacement_is_told_beside_it(tmp_path: Path) -> None:
    """Where a sign-up comes every other day one follows any suspension; of six days three count."""
    platform, group = grown([0.5, 1.0, 1.5])
    facts = facts_of(platform, group, tmp_path)
    assert (facts["replaced"], facts["replaced_by_chance"]) == (3, 3.0)

    platform, group = grown([1.0, 5.0], every=6.0)
    facts = facts_of(platform, group, tmp_path / "slower")
    assert (facts["replaced"], facts["replaced_by_chance"]) == (1, 1.0)


def test_a_device_that_is_not_known_is_no_device(tmp_path: Path) -> None:
    platform, group = crowd()
    for n in range(60):
        platform.use(f"o{n:02}", f"laptop-{n}")
    for account in group:
        platform.use(account, NOT_KNOWN)
    facts = facts_of(platform, group, tmp_path)
    for fact in ("shared_devices", "devices", "lives_apart", "days_together"):
        assert facts[fact] is None, fact


def test_an_address_inside_the_platform_is_no_line(tmp_path: Path) -> None:
    platform, group = crowd()
    for n in range(60):
        platform.connect(f"o{n:02}", f"192.0.{n}.1", n * 500 + 60)
    for n, account in enumerate(group):
        platform.connect(account, "10.0.0.1", n * DAY + 60)
    facts = facts_of(platform, group, tmp_path)
    assert (facts["lives_apart"], facts["days_together"]) == (None, None)


def test_a_test_token_is_no_card(tmp_path: Path) -> None:
    """Each member has a card of its own, and three tokens that say they are for tests."""
    platform, group = crowd()
    for n, account in enumerate(group):
        platform.pay(account, f"card-{n}", issuer_country="DE")
        for token in ("tok_visa", "tok_mastercard", "tok_amex"):
            platform.pay(account, token, kind="virtual", issuer_country="US")
    facts = facts_of(platform, group, tmp_path)
    assert (facts["instruments"], facts["instruments_per_account"]) == (10, 1.0)
    assert (facts["country_differs"], facts["concealed_cards"]) == (0.0, 0.0)


@pytest.mark.parametrize(("known", "share"), [(10, 0.1), (3, 1 / 3), (1, 1 / 3)])
def test_a_card_of_which_nothing_is_known_does_not_count_as_one(
    tmp_path: Path, known: int, share: float
) -> None:
    """One card is prepaid and foreign; of the others some, or none, are known to be neither."""
    platform, group = crowd()
    for n, account in enumerate(group):
        told = {"kind": "card", "issuer_country": "DE"} if n < known else {"kind": None}
        platform.pay(account, f"tok-{n}", **told)
    platform.rows["payments"][-10] |= {"kind": "prepaid", "issuer_country": "PL"}
    facts = facts_of(platform, group, tmp_path)
    assert facts["concealed_cards"] == pytest.approx(share)
    assert facts["country_differs"] == pytest.approx(share)


@pytest.mark.parametrize("plan", ["team", "Team", "ENTERPRISE"])
def test_a_plan_is_read_in_any_case(tmp_path: Path, plan: str) -> None:
    platform, group = crowd(4)
    for row in platform.rows["signups"][:4]:
        row["plan"] = plan
    assert facts_of(platform, group, tmp_path)["team_plan"] == 1.0


@pytest.mark.parametrize("name", ["acme", "zeta"])
@pytest.mark.parametrize("outside", [0, 30])
def test_a_second_group_of_some_does_not_hide_the_first_of_all(
    tmp_path: Path, name: str, outside: int
) -> None:
    """Nor does it where it is the larger on the platform."""
    platform, group = crowd()
    for n, account in enumerate(group):
        platform.add("declared", account_id=account, group_id=name, kind="organisation")
        if n < 5:
            platform.add("declared", account_id=account, group_id="beta-pilot", kind="research")
    for n in range(outside):
        platform.add("declared", account_id=f"o{n:02}", group_id="beta-pilot", kind="research")
    facts = facts_of(platform, group, tmp_path)
    assert (facts["declared_kind"], facts["declared_share"]) == ("organisation", 1.0)


@pytest.mark.parametrize("first", [0, 1])
def test_no_order_of_rows_decides_what_a_group_is_declared_as(tmp_path: Path, first: int) -> None:
    platform, group = crowd(6)
    kinds = ("organisation", "reseller")
    for account in group:
        for kind in (kinds[first], kinds[1 - first]):
            platform.add("declared", account_id=account, group_id="g", kind=kind)
    assert facts_of(platform, group, tmp_path / "even")["declared_kind"] == "organisation"
    platform.add("declared", account_id="m00", group_id="g", kind="reseller")
    platform.rows["declared"] = [r for r in platform.rows["declared"] if r["account_id"] != "m01"
                                 or r["kind"] == "reseller"]  # fmt: skip
    assert facts_of(platform, group, tmp_path / "most")["declared_kind"] == "reseller"
