"""Group evidence: whether the cards of a cluster are more alike than those of others."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from forensics.score.alike import cards_alike

CLUSTER = 12  # accounts of the cluster, of a hundred


def bits(cards: list[tuple[str, str, str, str]], countries: list[str] | None = None) -> float:
    """Return the bits of a cluster of the first accounts, given account, token, BIN and kind.

    `countries` are those of the accounts; none is known by default.
    """
    database = duckdb.connect()
    columns = list(zip(*[(*c[:3], "US", c[3]) for c in cards], strict=True))
    names = ["account_id", "instrument_id", "bin", "issuer_country", "kind"]
    database.register("paid", pa.table([pa.array(c) for c in columns], names=names))
    ids = [f"a{n}" for n in range(100)]
    country = pa.array(countries or [None] * 100, pa.string())
    database.register(
        "accounts", pa.table({"account_id": ids, "account": range(100), "country": country})
    )
    members = {"cluster": [0] * CLUSTER, "account": range(CLUSTER)}
    database.register("members", pa.table(members))
    return float(cards_alike(database, 1)[0])


def cards(of_cluster: list[str], of_others: list[str]) -> list[tuple[str, str, str, str]]:
    """Return a card of its own for each account, with the BINs given."""
    bins = [*of_cluster, *of_others]
    return [(f"a{n}", f"t{n}", b, "card") for n, b in enumerate(bins)]


def test_cards_of_one_issue_are_alike() -> None:
    """Twelve of twelve cards are of one BIN, and no other card is."""
    others = [f"b{n % 22}" for n in range(88)]
    share = 12 / 100  # of all cards, these twelve included
    expected = np.log2((11 + share) / 12 / share)
    assert bits(cards(["b"] * CLUSTER, others)) == pytest.approx(expected)


def test_cards_as_on_the_platform_are_not() -> None:
    mixed = [f"b{n % 4}" for n in range(100)]
    assert bits(cards(mixed[:CLUSTER], mixed[CLUSTER:])) == 0.0


def test_cards_as_in_their_country_are_not() -> None:
    """A class in a small country has the cards of that country's one bank, as others there do."""
    at_home = ["b" for _ in range(30)]
    abroad = [f"c{n % 22}" for n in range(70)]
    countries = ["LU"] * 30 + ["US"] * 70
    assert bits(cards(at_home[:CLUSTER], [*at_home[CLUSTER:], *abroad]), countries) < 0.5
    spread = ["US"] * CLUSTER + ["LU"] * 18 + ["US"] * 70
    assert bits(cards(at_home[:CLUSTER], [*at_home[CLUSTER:], *abroad]), spread) > 2


def test_one_card_of_all_is_one_card() -> None:
    """That they share it is evidence of its own, and counted there."""
    one = [(f"a{n}", "token", "b", "card") for n in range(CLUSTER)]
    assert bits([*one, *cards([], [f"c{n}" for n in range(88)])[CLUSTER:]]) == 0.0


def test_few_cards_tell_nothing() -> None:
    others = [f"b{n % 22}" for n in range(88)]
    two = [(f"a{n}", f"t{n}", "b", "card") for n in range(2)]
    assert (
        bits([*two, *[(f"a{n + 12}", f"t{n + 12}", b, "card") for n, b in enumerate(others)]])
        == 0.0
    )


def test_without_bins_the_kinds_of_card_are_compared() -> None:
    kinds = [(f"a{n}", f"t{n}", None, "prepaid" if n < CLUSTER else "card") for n in range(100)]
    assert bits(kinds) > 1.5  # type: ignore[arg-type]


def test_a_feature_that_is_known_of_two_cards_tells_nothing() -> None:
    """Twelve cards are of twelve issues, as elsewhere; of two the kind is known, both virtual."""
    kinds = [
        ("virtual" if n < 2 else None) if n < CLUSTER else "virtual" if n % 20 == 0 else "card"
        for n in range(100)
    ]
    known = [(f"a{n}", f"t{n}", f"b{n % 22}", kind) for n, kind in enumerate(kinds)]
    assert bits(known) == 0.0  # type: ignore[arg-type]
