"""Split: a cluster must stay connected when any one shared value is taken away.

A min cut on the links is no test, since one shared value makes a clique of links. The test is
made on accounts and values: a value whose removal leaves parts that each hold together by
themselves, and that only a minority of one of the parts uses, is a bridge (one lent card, one VPN
exit) and does not make two operators one.
"""

from __future__ import annotations

from dataclasses import dataclass

import igraph
import numpy as np

from forensics.cluster.communities import renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints

MIN_PART = 3
MINORITY = 0.5


def split_bridged(label: Ints, holds: Holds) -> Ints:
    """Return the groups after every bridge value is cut."""
    while True:
        cut = _cut_once(label, holds)
        if (cut == label).all():
            return label
        label = cut


def _cut_once(label: Ints, holds: Holds) -> Ints:
    """Cut one bridge value in each group that has one, a clear one before others."""
    within = holds.among(label)
    values = int(within.value.max(initial=-1)) + 1
    if values == 0:
        return label
    graph = igraph.Graph(
        n=holds.size + values,
        edges=np.column_stack([within.account, within.value + holds.size]),
    )
    group_of_value = np.zeros(values, dtype=np.int64)
    group_of_value[within.value] = label[within.account]
    cuts: dict[int, Cut] = {}
    for node in sorted(v for v in graph.articulation_points() if v >= holds.size):
        group = int(group_of_value[node - holds.size])
        if group in cuts and cuts[group].clear:
            continue
        cut = _cut(graph, node, holds.size)
        if len(cut.parts) > 1 and (group not in cuts or cut.clear):
            cuts[group] = cut
    new, next_label = label.copy(), int(label.max(initial=-1)) + 1
    for group in sorted(cuts):
        for part in cuts[group].parts[1:]:
            new[part] = next_label
            next_label += 1
    return renumber(new)


@dataclass(frozen=True)
class Cut:
    """The parts that a value joins, the largest first; fewer than two mean that it is no bridge.

    `clear`: a minority of every part uses the value, so that it is at home in none of them.
    """

    parts: list[Ints]
    clear: bool


def _cut(graph: igraph.Graph, node: int, accounts: int) -> Cut:
    """Take a value away, and see which parts hold together without it."""
    users = set(graph.neighbors(node))
    rest: list[Ints] = []
    parts: list[Ints] = []
    seen = {node}
    for start in sorted(users):
        if start in seen:
            continue
        part = _reach(graph, start, node)
        seen.update(part)
        people = np.array([v for v in part if v < accounts])
        using = sum(v in users for v in people.tolist())
        minor = len(people) >= MIN_PART and using <= MINORITY * len(people)
        (parts if minor else rest).append(people)
    clear = not rest
    if rest and parts:
        kept = np.concatenate(rest)
        parts.sort(key=lambda p: (-len(p), int(p.min())))
        if len(kept) >= MIN_PART:
            parts.append(kept)
        else:
            parts[0] = np.concatenate([parts[0], kept])
    parts.sort(key=lambda p: (-len(p), int(p.min())))
    return Cut(parts, clear)


def _reach(graph: igraph.Graph, start: int, without: int) -> list[int]:
    stack, found = [start], {start}
    while stack:
        for nearby in graph.neighbors(stack.pop()):
            if nearby != without and nearby not in found:
                found.add(nearby)
                stack.append(nearby)
    return sorted(found)
