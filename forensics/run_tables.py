"""The tables of a run, from what an analysis found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.labels import Label, account_labels
from forensics.case.run import SCHEMAS
from forensics.case.store import Case
from forensics.cluster.identity import Members, name_clusters
from forensics.cluster.members import bridges, joined_by, strongest_links
from forensics.link.linkage import Linkage
from forensics.link.results import (
    identifiers_table,
    links_table,
    reasons_parts,
    reasons_table,
    uses_table,
    weights_table,
)
from forensics.link.uses import Ints
from forensics.run_info import Found
from forensics.score.scored import ranked


def run_tables(
    case: Case, found: Found, labels: tuple[Label, ...], earlier: Members
) -> dict[str, pa.Table]:
    """Return every table of the run but the large ones, by name."""
    collected, linkage, scored = found.collected, found.linkage, found.scored
    accounts = _labelled(collected.accounts, account_labels(case, labels))
    ids = accounts["account_id"].to_pylist()
    order = ranked(scored.clusters)
    members_of = _accounts_by_group(found.clustering.label)
    groups = [members_of[scored.groups[i]] for i in order]
    ended = pc.is_in(accounts["status"], pa.array(["suspended", "deleted"]))
    gone = frozenset(accounts.filter(ended)["account_id"].to_pylist())
    names, lineage = name_clusters([[ids[a] for a in g] for g in groups], earlier, gone)
    of_account = np.full(len(ids), -1, dtype=np.int64)
    for number, group in enumerate(groups):
        of_account[group] = number
    cluster_ids = pa.array(names, pa.string()).take(pa.array(of_account, mask=of_account < 0))
    linked = _linked(case, linkage)
    links = links_table(collected, linkage, linked, cluster_ids)
    fits = _fits(found, accounts["account_id"], cluster_ids)
    members = _members(found, accounts, cluster_ids, of_account, links, fits, linked)
    return {
        "accounts": accounts.select(SCHEMAS["accounts"].names).cast(SCHEMAS["accounts"]),
        "links": links,
        "weights": weights_table(linkage),
        "clusters": _clusters(found, order, names, members, accounts, labels),
        "members": members,
        "fits": fits,
        "let_go": _let_go(found, accounts["account_id"], cluster_ids),
        "evidence": _per_cluster("evidence", scored.evidence, order, names),
        "signals": _per_cluster("signals", scored.signals, order, names),
        "likeness": _per_cluster("likeness", scored.likeness, order, names),
        "explanations": _per_cluster("explanations", scored.explanations, order, names),
        "assignments": collected.templates.assignments,
        "lineage": lineage,
    }


def large_tables(case: Case, found: Found) -> Iterator[tuple[str, Iterable[pa.Table]]]:
    """Yield the tables that are large, each in parts, one after the other to bound memory."""
    collected, linkage = found.collected, found.linkage
    yield "reasons", reasons_parts(collected, linkage, _linked(case, linkage))
    payments = case.read("payments", ["instrument_id", "bin", "issuer_country"])
    yield "identifiers", [identifiers_table(collected, linkage, payments)]
    yield "uses", [uses_table(collected)]


def _linked(case: Case, linkage: Linkage) -> Ints:
    linked: Ints = np.flatnonzero(linkage.probabilities >= case.settings.link.min_probability)
    return linked


def _accounts_by_group(label: Ints) -> list[Ints]:
    """Return the accounts of each group, in order."""
    return np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label))[:-1])


def _labelled(accounts: pa.Table, labels: Mapping[str, Label]) -> pa.Table:
    """Return the accounts with people's verdict on each, if there is one."""
    verdicts = pa.array([label.verdict for label in labels.values()], pa.string())
    at = pc.index_in(accounts["account_id"], pa.array(labels, pa.string()))
    place = accounts.schema.get_field_index("label")
    return accounts.set_column(place, "label", verdicts.take(at))


def _members(
    found: Found,
    accounts: pa.Table,
    cluster_ids: pa.Array,
    of_account: Ints,
    links: pa.Table,
    fits: pa.Table,
    linked: Ints,
) -> pa.Table:
    inside = np.flatnonzero(of_account >= 0)
    inside = inside[np.lexsort((inside, of_account[inside]))]
    at = pa.array(inside)
    pairs = found.linkage.pairs
    best = strongest_links(
        pairs.a[linked], pairs.b[linked], links["match_weight"].to_numpy(), of_account
    )
    reasons = reasons_table(found.collected, found.linkage, linked[best])
    by_link = joined_by(accounts["account_id"], links.take(best), reasons)
    fitting = fits.filter(pc.is_valid(fits["key"])).sort_by([("bits", "descending")])
    by_mark = fitting["key"].take(pc.index_in(accounts["account_id"], fitting["account_id"]))
    bridge = bridges(found.clustering.label, found.linkage, found.clustering.holds)
    return pa.table(
        {
            "cluster_id": cluster_ids.take(at),
            "account_id": accounts["account_id"].combine_chunks().take(at),
            "membership": np.round(found.clustering.membership[inside], 4),
            "bridge": bridge[inside],
            "joined_by": pc.coalesce(by_link, by_mark.combine_chunks()).take(at),
        },
        schema=SCHEMAS["members"],
    )


def _fits(found: Found, ids: pa.ChunkedArray, cluster_ids: pa.Array) -> pa.Table:
    """Return rows per member and kind of mark, and one for the prior."""
    fits, marks = found.clustering.fits, found.clustering.marks
    comparisons = found.collected.material.comparisons
    rows = np.flatnonzero((fits.bits != 0) & np.asarray(pc.is_valid(cluster_ids))[fits.account])
    account, mark = fits.account[rows], fits.mark[rows]
    source, place = marks.source[mark], marks.place[mark]
    key = np.full(len(rows), None, dtype=object)
    for number in np.unique(source):
        mine = np.flatnonzero((source == number) & (fits.bits[rows] > 0))
        key[mine] = comparisons[marks.names[number]].keys.take(pa.array(place[mine])).to_pylist()
    first = rows[np.unique(account, return_index=True)[1]]
    every = np.concatenate([first, rows])
    shared = np.concatenate([np.zeros(len(first), dtype=bool), fits.bits[rows] > 0])
    against = np.concatenate([np.zeros(len(first), dtype=bool), fits.speaks_against[rows]])
    at = pa.array(fits.account[every])
    names = np.concatenate([np.full(len(first), "prior"), np.asarray(marks.names)[source]])
    bits = np.concatenate([fits.prior[first], fits.bits[rows]]) / 1000
    table = pa.table(
        {
            "cluster_id": cluster_ids.take(at),
            "account_id": ids.combine_chunks().take(at),
            "comparison": names,
            "key": pa.array([None] * len(first) + key.tolist(), pa.string()),
            "members": fits.members[every],
            "users": pa.array(fits.users[every], mask=~(shared | against)),
            "others": pa.array(fits.others[every], mask=~shared),
            "bits": bits,
        },
        schema=SCHEMAS["fits"],
    )
    return table.sort_by([(name, "ascending") for name in ("cluster_id", "account_id", "bits")])


def _let_go(found: Found, ids: pa.ChunkedArray, cluster_ids: pa.Array) -> pa.Table:
    """Return a row per account that a cluster let go; what let it go may be no cluster itself."""
    gone = found.clustering.gone
    _, one_of = np.unique(found.clustering.label, return_index=True)
    table = pa.table(
        {
            "cluster_id": cluster_ids.take(pa.array(one_of[gone.group])),
            "account_id": ids.combine_chunks().take(pa.array(gone.account)),
            "since": pa.array(gone.since_s * 1_000_000).cast(SCHEMAS["let_go"].field("since").type),
            "days": gone.days,
        },
        schema=SCHEMAS["let_go"],
    )
    known = table.filter(pc.is_valid(table["cluster_id"]))
    return known.sort_by([("cluster_id", "ascending"), ("account_id", "ascending")])


def _clusters(
    found: Found,
    order: list[int],
    names: list[str],
    members: pa.Table,
    accounts: pa.Table,
    labels: tuple[Label, ...],
) -> pa.Table:
    of_cluster = {x.cluster_id: x.verdict for x in labels if x.cluster_id}
    bridged = Counter(members.filter(members["bridge"])["cluster_id"].to_pylist())
    rows = [
        {
            **found.scored.clusters[at],
            "cluster_id": name,
            "label": of_cluster.get(name),
            "bridges": bridged[name],
            "rank": rank,
        }
        for rank, (at, name) in enumerate(zip(order, names, strict=True), 1)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["clusters"])


def _per_cluster(
    table: str, groups: list[list[dict[str, Any]]], order: list[int], names: list[str]
) -> pa.Table:
    rows = [
        {"cluster_id": name, **row}
        for at, name in zip(order, names, strict=True)
        for row in groups[at]
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS[table])
