"""Identity over time: a cluster keeps its id from run to run.

A cluster inherits the id of the earlier cluster that most of its accounts come from, if it is
also the one that most of that earlier cluster's accounts went to, and if what they have in common
is at least half of the smaller of the two. A new id is made from the
cluster's first account, so that the same data give the same ids anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter

import pyarrow as pa

from forensics.case.run import SCHEMAS

Members = dict[str, list[str]]


def name_clusters(
    members: list[list[str]], earlier: Members, gone: frozenset[str] = frozenset()
) -> tuple[list[str], pa.Table]:
    """Return an id for each list of account ids, and how they came from `earlier` clusters.

    The lineage has kind grew (new members), split, merged, returned (new members after all the
    earlier ones are `gone`: suspended or deleted) or vanished (`cluster_id` is then null).
    """
    of_account = {account: cid for cid, accounts in earlier.items() for account in accounts}
    overlaps = [Counter(of_account[a] for a in m if a in of_account) for m in members]
    heirs: dict[str, int] = {}
    for number, overlap in enumerate(overlaps):
        for cid, count in overlap.items():
            best = heirs.get(cid)
            if best is None or (count, -number) > (overlaps[best][cid], -best):
                heirs[cid] = number
    ids: list[str] = []
    taken = set(earlier)
    for number, accounts in enumerate(members):
        mine = [
            (common, cid)
            for cid, common in overlaps[number].items()
            if heirs[cid] == number and 2 * common >= min(len(accounts), len(earlier[cid]))
        ]
        if mine:
            ids.append(min(mine, key=lambda pair: (-pair[0], pair[1]))[1])
        else:
            ids.append(_new_id(min(accounts), taken))
        taken.add(ids[-1])
    return ids, _lineage(ids, members, overlaps, earlier, gone)


def _new_id(first: str, taken: set[str]) -> str:
    digest = hashlib.sha256(first.encode()).digest()
    text = base64.b32encode(digest).decode().lower()
    length = 4
    while f"C-{text[:length]}" in taken:
        length += 1
    return f"C-{text[:length]}"


def _lineage(
    ids: list[str],
    members: list[list[str]],
    overlaps: list[Counter[str]],
    earlier: Members,
    gone: frozenset[str],
) -> pa.Table:
    named = set(ids)
    rows: list[tuple[str | None, str, str, int]] = []
    for number, overlap in enumerate(overlaps):
        for cid, count in sorted(overlap.items()):
            if cid != ids[number]:
                kind = "merged" if cid not in named else "split"
            elif len(members[number]) > count:
                kind = "returned" if gone.issuperset(earlier[cid]) else "grew"
            else:
                continue
            rows.append((ids[number], cid, kind, count))
    seen = {cid for overlap in overlaps for cid in overlap}
    rows += [(None, cid, "vanished", len(earlier[cid])) for cid in sorted(set(earlier) - seen)]
    names = SCHEMAS["lineage"].names
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=SCHEMAS["lineage"]
    )
