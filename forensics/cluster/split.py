"""Split: a cluster must stay connected when any one shared value is taken away.

A min cut on the links is no test, since one shared value makes a clique of links. The test is
made on accounts and values: a value whose removal leaves parts that each hold together by
themselves, and that only a minority of one of the parts uses, is a bridge (one lent card, one VPN
exit) and does not make two operators one.
"""

from __future__ import annotations

import igraph
import numpy as np

from forensics.cluster.communities import components, renumber
from forensics.cluster.holds import Holds
from forensics.link.uses import Ints

MIN_PART = 3
MINORITY = 0.5
ROUNDS = 5


def split_bridged(label: Ints, holds: Holds) -> Ints:
    """Return the groups after every bridge value is cut."""
    for _ in range(ROUNDS):
        cut = _cut_once(label, holds)
        if (cut == label).all():
            break
        label = cut
    return label


def _cut_once(label: Ints, holds: Holds) -> Ints:
    within = holds.among(label)
    values = int(within.value.max(initial=-1)) + 1
    if values == 0:
        return label
    graph = igraph.Graph(
        n=holds.size + values,
        edges=np.column_stack([within.account, within.value + holds.size]),
    )
    suspects = [v for v in graph.articulation_points() if v >= holds.size]
    group_of_value = np.zeros(values, dtype=np.int64)
    group_of_value[within.value] = label[within.account]
    new, next_label, touched = label.copy(), int(label.max(initial=-1)) + 1, set()
    for node in suspects:
        group = int(group_of_value[node - holds.size])
        if group in touched:
            continue
        parts = _parts(graph, node, holds.size)
        if len(parts) > 1:
            touched.add(group)
            for part in parts[1:]:
                new[part] = next_label
                next_label += 1
    return renumber(new)


def _parts(graph: igraph.Graph, node: int, accounts: int) -> list[np.ndarray]:
    """Return the parts that a bridge value joins, the largest first with all that is left over.

    Fewer than two parts mean that the value is no bridge.
    """
    users = set(graph.neighbors(node))
    rest, parts, seen = [], [], {node}
    for start in sorted(users):
        if start in seen:
            continue
        part = _reach(graph, start, node)
        seen.update(part)
        people = np.array([v for v in part if v < accounts])
        using = sum(v in users for v in people.tolist())
        small = len(people) < MIN_PART
        rest.append(people) if small or using > MINORITY * len(people) else parts.append(people)
    if not parts:
        return []
    parts.sort(key=lambda p: (-len(p), int(p.min())))
    if rest:
        kept = np.concatenate(rest)
        if len(kept) >= MIN_PART:
            return sorted([kept, *parts], key=lambda p: (-len(p), int(p.min())))
        parts[0] = np.concatenate([parts[0], kept])
    return parts


def _reach(graph: igraph.Graph, start: int, without: int) -> list[int]:
    stack, found = [start], {start}
    while stack:
        for nearby in graph.neighbors(stack.pop()):
            if nearby != without and nearby not in found:
                found.add(nearby)
                stack.append(nearby)
    return sorted(found)


def disconnected(label: Ints, holds: Holds) -> Ints:
    """Return the components of the groups on their shared values."""
    within = holds.among(label)
    nodes = within.value + holds.size
    joined = components(within.account, nodes, holds.size + int(within.value.max(initial=-1)) + 1)
    return joined[: holds.size]
