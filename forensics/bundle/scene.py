"""What a picture of a cluster shows: accounts that hold the same values, and the best values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.names import plural

#: Up to so many accounts each gets a circle and its name; beyond, they are grouped.
NAMED_ACCOUNTS = 30
MAX_VALUES, MAX_GROUPS = 24, 45


@dataclass(frozen=True)
class Value:
    """Shared values of one class that the same accounts hold; `key` is the one with most bits."""

    key: str
    look: str  # its class
    more: int  # further values like it
    members: int
    outsiders: int


@dataclass(frozen=True)
class Group:
    """Accounts that hold the same drawn values.

    `bridges` of them hold to other clusters too, `ended` of them are suspended or deleted.
    """

    accounts: tuple[str, ...]
    keys: tuple[str, ...]
    bridges: int
    ended: int


@dataclass(frozen=True)
class Scene:
    """What is drawn, and, in numbers, what is not."""

    groups: tuple[Group, ...]
    values: tuple[Value, ...]
    accounts: int
    all_values: int
    links: int

    @property
    def named(self) -> bool:
        """Whether each account has a circle and its name."""
        return self.accounts <= NAMED_ACCOUNTS


def compose(network: Mapping[str, pa.Table]) -> Scene:
    """Choose what is drawn, from the tables of `load_network`."""
    members = network["members"]
    holders = _holders(network["reasons"], network["fitting"])
    values = _values(network["shared"], holders)
    accounts: list[str] = members["account_id"].to_pylist()
    singly = len(accounts) <= NAMED_ACCOUNTS
    drawn = values[:MAX_VALUES]
    signatures = _signatures(accounts, holders, drawn, singly)
    while not singly and len(signatures) > MAX_GROUPS and len(drawn) > 1:
        drawn = drawn[:-1]
        signatures = _signatures(accounts, holders, drawn, singly)
    bridges = set(members.filter(members["bridge"])["account_id"].to_pylist())
    over = pc.is_in(members["status"], pa.array(["suspended", "deleted"]))
    ended = set(members.filter(over)["account_id"].to_pylist())
    groups = [
        Group(tuple(group), keys, len(bridges & set(group)), len(ended & set(group)))
        for (keys, _), group in sorted(signatures.items(), key=lambda x: (-len(x[1]), x[0]))
    ]
    links = network["links"].num_rows
    return Scene(tuple(groups), tuple(drawn), len(accounts), len(holders), links)


def not_drawn(scene: Scene) -> list[str]:
    """Say what the picture leaves out, in numbers."""
    loose = sum(len(group.accounts) for group in scene.groups if not group.keys)
    values = sum(value.more + 1 for value in scene.values)
    drawn = (
        f"Drawn: {plural(scene.accounts, 'account')} and {values:,} of "
        f"{plural(scene.all_values, 'shared value')}."
    )
    links = (
        f" Not drawn as lines: {plural(scene.links, 'link')} between accounts, which rest on these "
        "values."
    )
    sentences = [drawn + (links if scene.links else "")]
    if loose:
        sentences.append(
            f"{plural(loose, 'account')} without a line: held by values that are not drawn, or by "
            "timing alone."
        )
    return sentences


def _holders(reasons: pa.Table, fitting: pa.Table) -> dict[str, tuple[str, ...]]:
    """Which accounts each value holds in the cluster, by key.

    `fitting` are the members that have a value (account_id, key) by which one of them fits.
    """
    for_it = reasons.filter(pc.and_(pc.is_valid(reasons["key"]), pc.greater(reasons["bits"], 0)))
    sides = [
        for_it.select([side, "key"]).rename_columns(["account_id", "key"])
        for side in ("account_a", "account_b")
    ]
    pairs = pa.concat_tables([*sides, fitting]).group_by(["account_id", "key"]).aggregate([])
    ordered = pairs.sort_by([("key", "ascending"), ("account_id", "ascending")])
    held: dict[str, list[str]] = defaultdict(list)
    for account, key in zip(*ordered.to_pydict().values(), strict=True):
        held[key].append(account)
    return {key: tuple(accounts) for key, accounts in held.items()}


def _values(shared: pa.Table, holders: dict[str, tuple[str, ...]]) -> list[Value]:
    """Merge values that the same accounts hold; the best four of each class first, and so on."""
    bits = pc.add(shared["bits"], shared["fit_bits"])
    columns = shared.select(["key", "class", "members", "accounts"]).append_column("bits", bits)
    rows = [row for row in columns.to_pylist() if row["key"] in holders]
    alike: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row["bits"], row["key"])):
        alike[row["class"], holders[row["key"]]].append(row)
    seen: dict[str, int] = defaultdict(int)
    ranked = []
    for (look, _), same in alike.items():
        first = same[0]
        outsiders = max(0, (first["accounts"] or 0) - (first["members"] or 0))
        value = Value(first["key"], look, len(same) - 1, first["members"], outsiders)
        ranked.append((seen[look] // 4, -sum(row["bits"] for row in same), first["key"], value))
        seen[look] += 1
    return [value for *_, value in sorted(ranked, key=lambda entry: entry[:3])]


def _signatures(
    accounts: list[str], holders: dict[str, tuple[str, ...]], drawn: list[Value], singly: bool
) -> dict[tuple[tuple[str, ...], str], list[str]]:
    keys: dict[str, list[str]] = {account: [] for account in accounts}
    for value in drawn:
        for account in holders[value.key]:
            keys[account].append(value.key)
    found: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for account, held in keys.items():
        found[tuple(held), account if singly else ""].append(account)
    return found
