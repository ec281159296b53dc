"""A generated run of any size, for the graph alone: no evidence behind it, only its shape.

Of the nodes 45 % are accounts, 54 % shared values and 1 % clusters; of the relationships 40 % are
links, the rest are uses and memberships. Accounts come in groups of 15 on average, every third of
which is a cluster. Some values are hubs: the number of accounts falls with the square root of the
rank. Anyone uses a hub; a value of few accounts is used within one group, but for strays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forensics.case.run import SCHEMAS, Run

Numbers = np.ndarray[Any, Any]
#: Label, kind, and its share of all values.
CLASSES = [
    ("PaymentInstrument", "payment", 0.25),
    ("IpAddress", "ip", 0.45),
    ("Device", "device", 0.15),
    ("Identifier", "email", 0.1),
    ("PromptTemplate", "template", 0.05),
]
START = np.datetime64("2026-01-01T00:00:00", "us")
SECONDS = 60 * 86400
GROUP = 15
#: Ranks after this share of all values are used within a group, but for this share of their uses.
HUBS, STRAYS = 0.1, 0.02


def generate(folder: Path, nodes: int, relationships: int) -> Run:
    """Write the files of a run with about that many nodes and relationships."""
    random = np.random.default_rng(7)
    accounts, clusters = int(nodes * 0.45), max(nodes // 100, 1)
    values = nodes - accounts - clusters
    account_ids = _names("acc-", np.arange(accounts))
    keys, classes, kinds = _keys(values)
    groups = np.sort(random.integers(0, max(accounts // GROUP, clusters), accounts))
    cluster_of = groups[groups < clusters]
    members = len(cluster_of)
    links = _pairs(random, accounts, int(relationships * 0.4))
    used, shared = _uses(random, groups, values, relationships - members - len(links))
    users = np.bincount(shared, minlength=values)
    sizes = np.bincount(cluster_of, minlength=clusters)
    cluster_ids = _names("C-", np.arange(clusters))
    tables = {
        "accounts": _accounts(random, account_ids),
        "identifiers": {
            "key": keys,
            "class": classes,
            "kind": kinds,
            "value": _names("v", np.arange(values)),
            "accounts": users,
            "operators": np.maximum(users / 3, 1.0),
            "network_kind": np.where(classes == "IpAddress", "datacenter", None),
        },
        "uses": {
            "account_id": account_ids[used],
            "key": keys[shared],
            "role": np.repeat(np.array(["use"], object), len(used)),
            "uses": random.integers(1, 100, len(used)),
            **_period(random, len(used)),
        },
        "links": _links(random, account_ids, links),
        "clusters": {
            "cluster_id": cluster_ids,
            "accounts": sizes,
            "coordination": random.random(clusters).round(3),
            "abuse": random.random(clusters).round(3),
            "verdict": random.choice(["abusive", "coordinated", "legitimate", "unclear"], clusters),
            **_period(random, clusters),
        },
        "members": {
            "cluster_id": cluster_ids[cluster_of],
            "account_id": account_ids[:members],
            "membership": random.random(members).round(3),
            "bridge": random.random(members) < 0.02,
        },
        "lineage": {},
    }
    folder.mkdir(parents=True)
    for name, columns in tables.items():
        pq.write_table(_table(name, columns), folder / f"{name}.parquet")
    (folder / "run.json").write_text(json.dumps({"run_id": folder.name, "previous_run": None}))
    return Run(folder.name, folder)


def _table(name: str, columns: dict[str, Any]) -> pa.Table:
    size = len(next(iter(columns.values()), []))
    return pa.table(
        [
            pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(size, f.type)
            for f in SCHEMAS[name]
        ],
        schema=SCHEMAS[name],
    )


def _names(prefix: str, numbers: Numbers) -> Numbers:
    return np.char.add(prefix, np.char.zfill(numbers.astype(str), 7)).astype(object)


def _keys(values: int) -> tuple[Numbers, Numbers, Numbers]:
    which = np.repeat(
        np.arange(len(CLASSES)),
        np.diff([0, *(values * np.cumsum([s for *_, s in CLASSES]))]).astype(int),
    )
    which = np.append(which, np.full(values - len(which), 4))
    labels = np.array([label for label, *_ in CLASSES], object)[which]
    kinds = np.array([kind for _, kind, _ in CLASSES], object)[which]
    return kinds + ":" + _names("v", np.arange(values)), labels, kinds


def _pairs(random: np.random.Generator, accounts: int, size: int) -> Numbers:
    """Pairs of accounts that stand near each other, each once, the smaller first."""
    first = random.integers(0, accounts - 1, int(size * 1.2))
    second = np.minimum(first + random.integers(1, 60, len(first)), accounts - 1)
    pairs = np.unique(first * accounts + second)
    pairs = pairs[pairs // accounts != pairs % accounts]
    kept = np.sort(random.choice(pairs, min(size, len(pairs)), replace=False))
    return np.column_stack([kept // accounts, kept % accounts])


def _uses(
    random: np.random.Generator, groups: Numbers, values: int, size: int
) -> tuple[Numbers, Numbers]:
    """Who uses what, each pair once."""
    order, drawn = random.permutation(values), int(size * 1.4)
    rank = (values * random.random(drawn) ** 2).astype(int)
    home = groups[random.integers(0, len(groups), values)][rank]
    first, end = np.searchsorted(groups, home), np.searchsorted(groups, home, side="right")
    near = first + (random.random(drawn) * (end - first)).astype(int)
    anyone = (rank < values * HUBS) | (random.random(drawn) < STRAYS)
    who = np.where(anyone, random.integers(0, len(groups), drawn), near)
    pairs = np.unique(who * values + order[rank])
    kept = np.sort(random.choice(pairs, min(size, len(pairs)), replace=False))
    return kept // values, kept % values


def _period(random: np.random.Generator, size: int) -> dict[str, Numbers]:
    first = random.integers(0, SECONDS, size)
    last = first + random.integers(0, 86400, size)
    return {
        "first_seen": START + first.astype("timedelta64[s]"),
        "last_seen": START + last.astype("timedelta64[s]"),
    }


def _accounts(random: np.random.Generator, ids: Numbers) -> dict[str, Any]:
    size = len(ids)
    period = _period(random, size)
    suspended = random.random(size) < 0.1
    return {
        "account_id": ids,
        "has_signup": np.full(size, True),
        "created_at": period["first_seen"],
        "status": np.where(suspended, "suspended", "active").astype(object),
        "status_at": pa.array(period["last_seen"], mask=~suspended).cast(
            pa.timestamp("us", tz="UTC")
        ),
        "country": random.choice(["US", "DE", "IN", "BR"], size),
        "plan": random.choice(["free", "pro"], size),
        "requests": random.integers(0, 10_000, size),
        "prompts": random.integers(0, 100, size),
    }


def _links(random: np.random.Generator, ids: Numbers, pairs: Numbers) -> dict[str, Any]:
    size = len(pairs)
    kinds = ("payment", "ip", "device", "prompt", "identifier", "timing")
    bits = {f"{kind}_bits": random.random(size).round(3) * 4 for kind in kinds}
    return {
        "account_a": ids[pairs[:, 0]],
        "account_b": ids[pairs[:, 1]],
        "match_weight": sum(bits.values()),
        "match_probability": random.random(size).round(3),
        "prior_bits": np.full(size, -10.0),
        **bits,
        "evidence_kinds": random.integers(1, 4, size),
    }
