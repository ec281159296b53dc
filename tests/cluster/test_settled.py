"""Settled accounts: who had a life of his own before he shared anything is let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from forensics.cluster.marks import Marks
from forensics.cluster.settled import (
    ACTIVE_DAYS,
    AGE_DAYS,
    DAY,
    FEWER_DAYS,
    LONG_AGE_DAYS,
    Lives,
    collect_lives,
    free_settled,
    let_go,
)
from forensics.link.linkage import Linkage
from forensics.link.operators import Operators
from forensics.link.uses import Comparison, Ints
from forensics.link.weights import Model
from tests.cluster.build import grouped
from tests.cluster.marked import CARDS, EXIT, marks
from tests.link.build import comparison, material, pairs_of

SIZE = 8
SIGNUP = 1_000 * DAY


def lives(joined_after: dict[int, float], active_days: dict[int, int]) -> Lives:
    """Accounts that signed up on one day, and share one value from so many days later on.

    Each was active on so many days before; nobody is active after.
    """
    account = np.array(sorted(joined_after), np.int64)
    first_s = np.array([SIGNUP + round(joined_after[a] * DAY) for a in account], np.int64)
    uses = sorted((a, day) for a, days in active_days.items() for day in range(days))
    minutes = pa.array([(SIGNUP // DAY + day) * 1440 for day in range(30)])
    nothing = np.empty(0, np.int64)
    who, when = np.array(uses, np.int64).reshape(-1, 2).T
    active = Comparison("minute", minutes, who, when, nothing, nothing, SIZE)
    created = np.full(SIZE, SIGNUP, np.int64)
    return Lives(account, np.zeros(len(account), np.int64), first_s, created, active)


RING = dict.fromkeys(range(7), 0.0)
ALIKE = marks((EXIT, tuple(range(SIZE))), size=SIZE)


def freed(label: Ints, lives: Lives, marks: Marks = ALIKE) -> Ints:
    return free_settled(label, let_go(label, lives, marks))


def test_a_stolen_account_is_let_go() -> None:
    stolen = lives({**RING, 7: AGE_DAYS + 1}, {7: ACTIVE_DAYS})
    assert grouped(freed(np.zeros(SIZE, np.int64), stolen)) == [set(range(7))]


def test_a_day_less_is_enough_for_one_that_has_much_for_itself() -> None:
    """Beside the address that all use it has three of its own, a device and a card: nobody else."""
    stolen = lives({**RING, 7: AGE_DAYS + 1}, {7: FEWER_DAYS})
    ring = [(kind, tuple(range(SIZE - 1))) for kind in (CARDS, "device")]
    own = [(kind, (7,)) for kind in (EXIT, EXIT, EXIT, "device", CARDS)]
    known = marks((EXIT, tuple(range(SIZE))), *ring, *own, size=SIZE)
    assert grouped(freed(np.zeros(SIZE, np.int64), stolen, known)) == [set(range(7))]
    assert grouped(freed(np.zeros(SIZE, np.int64), stolen)) == [set(range(SIZE))]


def test_a_day_less_is_enough_for_one_that_joined_long_after_its_sign_up() -> None:
    stolen = lives({**RING, 7: LONG_AGE_DAYS + 1}, {7: FEWER_DAYS})
    assert grouped(freed(np.zeros(SIZE, np.int64), stolen)) == [set(range(7))]
    once = lives({**RING, 7: LONG_AGE_DAYS + 1}, {7: FEWER_DAYS - 1})
    assert grouped(freed(np.zeros(SIZE, np.int64), once)) == [set(range(SIZE))]


def test_a_ring_lets_all_go_that_it_stole_while_these_are_fewer_than_half() -> None:
    stole = dict.fromkeys(range(4, SIZE), AGE_DAYS + 1.0)
    three = lives({**RING, **stole, 4: 0.0}, dict.fromkeys(range(5, SIZE), ACTIVE_DAYS))
    assert grouped(freed(np.zeros(SIZE, np.int64), three)) == [set(range(5))]
    half = lives({**RING, **stole}, dict.fromkeys(range(4, SIZE), ACTIVE_DAYS))
    assert grouped(freed(np.zeros(SIZE, np.int64), half)) == [set(range(SIZE))]


def test_an_account_that_was_bought_and_lay_idle_stays() -> None:
    idle = lives({**RING, 7: AGE_DAYS + 1}, {7: ACTIVE_DAYS - 1})
    assert grouped(freed(np.zeros(SIZE, np.int64), idle)) == [set(range(SIZE))]


def test_an_account_that_shared_soon_after_its_sign_up_stays() -> None:
    early = lives({**RING, 7: AGE_DAYS - 1}, {7: ACTIVE_DAYS})
    assert grouped(freed(np.zeros(SIZE, np.int64), early)) == [set(range(SIZE))]


def test_where_most_had_a_life_before_all_stay() -> None:
    everybody = lives(dict.fromkeys(range(SIZE), AGE_DAYS + 1.0), dict.fromkeys(range(SIZE), 9))
    assert grouped(freed(np.zeros(SIZE, np.int64), everybody)) == [set(range(SIZE))]


def test_what_is_shared_with_another_group_does_not_count() -> None:
    """The last account shares with the ring from the first day on; it is in no group with it."""
    label = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    assert freed(label, lives({**RING, 7: 20}, {7: 9})).tolist() == label.tolist()


def test_what_was_let_go_is_told_with_what_it_shared_when_and_how_long_it_lived_before() -> None:
    label = np.zeros(SIZE, np.int64)
    gone = let_go(label, lives({**RING, 7: 20}, {7: 9}), ALIKE)
    assert gone.account.tolist() == [7]
    assert gone.since_s.tolist() == [SIGNUP + 20 * DAY]
    assert gone.days.tolist() == [9]
    # Two of the ring left later on, and groups have other numbers.
    after = np.array([3, 3, 3, 3, 3, 1, 2, 0])
    assert gone.followed(label, after).group.tolist() == [3]


def test_rare_traits_count_as_what_members_share_and_coarse_values_do_not() -> None:
    """Who has had the campaign's TLS fingerprint from his sign-up on is the campaign's own."""
    rare, common = np.array([1.0]), np.array([500.0])
    nobodys = np.zeros(1, dtype=bool)
    names = ("tls_fingerprint", "http_client", "card_range")
    shared = [comparison(name, {"value": range(SIZE)}, SIZE) for name in names]
    operators = {
        "tls_fingerprint": Operators(rare, rare, nobodys, trait=True),
        "http_client": Operators(common, common, nobodys, trait=True),
        "card_range": Operators(rare, rare, nobodys),
    }
    nothing = pairs_of(size=SIZE)
    linkage = Linkage(nothing, [], operators, Model({}, 0.0), {})

    found = collect_lives(material(SIZE, *shared), linkage)
    assert found.account.tolist() == list(range(SIZE))


def test_a_public_prompt_ends_nobodys_life_before() -> None:
    """A victim ran the benchmark that one of the ring ran too, weeks before he was stolen."""
    both = comparison("template", {"the ring's": range(SIZE), "benchmark": range(SIZE)}, SIZE)
    public = np.array([key.endswith("benchmark") for key in both.keys.to_pylist()])
    rare = np.array([1.0, 1.0])
    operators = {"template": Operators(rare, rare, np.zeros(2, dtype=bool))}
    linkage = Linkage(pairs_of(size=SIZE), [], operators, Model({}, 0.0), {})

    found = collect_lives(material(SIZE, replace(both, public=public)), linkage)
    assert not public[found.value].any()
    assert found.account.tolist() == list(range(SIZE))
