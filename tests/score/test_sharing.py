"""When accounts use what they share, from cases small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from forensics.link.linkage import link_accounts
from forensics.link.material import collect
from forensics.score.facts import collect_facts
from tests.platforms import DAY, Platform, write_case

HOUR = 60


def facts_of(platform: Platform, root: Path) -> dict[str, Any]:
    """All accounts of the platform as one cluster."""
    collected = collect(case := write_case(root, platform.rows))
    linkage = link_accounts(collected.material, top=40)
    members = pa.table({"cluster": [0, 0], "account": [0, 1]})
    return dict(collect_facts(case, collected, linkage, members).to_pylist()[0])


@pytest.mark.parametrize(("last_day", "handed_on"), [(20, 1.0), (50, 0.0)])
def test_a_phone_is_handed_on_when_its_last_account_has_long_been_idle(
    tmp_path: Path, last_day: int, handed_on: float
) -> None:
    platform = Platform()
    platform.join("before", 0, phone="+491700000001")
    platform.connect("before", "203.0.113.1", last_day * DAY)
    platform.join("after", 60 * DAY, phone="+491700000001")

    assert facts_of(platform, tmp_path / "case")["handed_on"] == handed_on


def test_a_card_is_not_handed_on_while_both_pay_with_it(tmp_path: Path) -> None:
    platform = Platform()
    for account, days in (("first", (1, 80)), ("second", (40, 75))):
        platform.join(account, 0)
        for day in days:
            platform.pay(account, "tok-lent", day * DAY)

    assert facts_of(platform, tmp_path / "case")["handed_on"] == 0.0


def test_accounts_are_settled_that_had_a_life_before_they_shared(tmp_path: Path) -> None:
    platform = Platform()
    for account in ("honest", "new"):
        platform.join(account, 0)
        platform.pay(account, "tok-stolen", 40 * DAY)
    for day in range(3):
        platform.connect("honest", "203.0.113.1", day * DAY + HOUR)
    for day in range(2):
        platform.connect("new", "203.0.113.2", day * DAY + HOUR)

    assert facts_of(platform, tmp_path / "case")["settled"] == 0.5


def test_same_hours_are_counted_on_days_when_several_accounts_are_active(tmp_path: Path) -> None:
    platform = Platform()
    for account, hours in (("morning", (8, 9, 10, 11, 12)), ("evening", (12, 18, 19, 20, 21))):
        platform.join(account, 0)
        for hour in hours:
            platform.connect(account, f"203.0.113.{hour}", DAY + hour * HOUR + 5)
    platform.connect("morning", "203.0.113.1", 2 * DAY)  # alone that day

    assert facts_of(platform, tmp_path / "case")["same_hours"] == 0.2


def test_nothing_is_said_of_times_that_are_not_there(tmp_path: Path) -> None:
    platform = Platform()
    for account in ("one", "two"):
        platform.join(account, 0)

    facts = facts_of(platform, tmp_path / "case")
    assert [facts[name] for name in ("handed_on", "settled", "same_hours")] == [None] * 3
