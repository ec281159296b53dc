"""What leaves in each profile. Values are replaced here, before anything is built from them.

`internal` is everything. `partner` has keyed hashes for accounts and values, days for times, and
no name, e-mail, phone or free text. `public` has aggregates alone. Prompts and their embeddings
never leave in any profile; nothing in this room reads them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence
from forensics.bundle.keys import share_key_name
from forensics.bundle.pseudonyms import Pseudonyms
from forensics.bundle.scrub import Scrub

#: Columns of `members` that a partner does not get.
_PERSONAL = ("name", "email", "email_domain", "organisation", "plan", "extra")
_TIMES = ("created_at", "status_at", "first_seen", "last_seen")
#: Tables that hold single accounts, values or rows: none of a public bundle.
_SINGLE = (
    "members", "links", "reasons", "shared", "uses", "sources", "neighbours", "lent", "labels",
    "activity", "events", "lineage", "fits",
)  # fmt: skip


def redact(evidence: Evidence, profile: str, share_key: bytes | None = None) -> Evidence:
    """Return the evidence as it may leave in a profile ("internal", "partner" or "public").

    `share_key` is needed for "partner": 32 bytes, one key per partner.
    """
    if profile == "internal":
        return evidence
    if profile == "partner":
        if share_key is None:
            raise ValueError("a partner profile needs a share key")
        redacted = _for_partner(evidence, Pseudonyms(share_key))
        return replace(redacted, share_key=share_key_name(share_key))
    return _for_public(evidence)


def _for_partner(evidence: Evidence, names: Pseudonyms) -> Evidence:
    scrub = Scrub(evidence)
    cluster = evidence.cluster
    return replace(
        evidence,
        profile="partner",
        cluster={
            **cluster,
            "cluster_id": f"C-{names.of('cluster', evidence.cluster_id)[:8]}",
            "first_seen": _day(cluster["first_seen"]),
            "last_seen": _day(cluster["last_seen"]),
            "reasons": scrub.texts(cluster["reasons"]),
        },
        info=_info(evidence, f"r-{names.of('run', evidence.info['run_id'])[:8]}"),
        settings={**evidence.settings, "files": {}, "columns": {}},
        files=[_file(file, names) for file in evidence.files],
        members=_members(evidence.members, names),
        links=_pairs(evidence.links, names),
        reasons=_ordered(
            _replaced(_pairs(evidence.reasons, names), key=names.values),
            "account_a", "account_b", "kind", "comparison", "key", "level",
        ),
        shared=_shared(evidence.shared, names),
        uses=_ordered(
            _days(_replaced(evidence.uses, account_id=names.accounts, key=names.values)),
            "account_id", "key", "role",
        ),
        sources=_sources(evidence.sources, names),
        signals=scrub.table(evidence.signals, "detail"),
        explanations=scrub.table(evidence.explanations, "speaks_for", "speaks_against"),
        fits=_ordered(
            _replaced(evidence.fits, account_id=names.accounts, key=names.values),
            "account_id", "bits", "comparison",
        ),
        lineage=_replaced(evidence.lineage, from_cluster=_clusters(names)),
        neighbours=_replaced(evidence.neighbours, cluster_id=_clusters(names)),
        lent=_ordered(
            _replaced(evidence.lent, other_cluster=_clusters(names), key=names.values),
            "other_cluster", "key",
        ),
        labels=_labels(evidence, names),
        activity=_by_day(evidence.activity),
        events=evidence.events.slice(0, 0),
    )  # fmt: skip


def _for_public(evidence: Evidence) -> Evidence:
    scrub = Scrub(evidence)
    cluster = evidence.cluster
    return replace(
        evidence,
        profile="public",
        cluster={
            **cluster,
            "cluster_id": f"C-public-{cluster['rank']}",
            "first_seen": _day(cluster["first_seen"]),
            "last_seen": _day(cluster["last_seen"]),
            "reasons": scrub.texts(cluster["reasons"]),
        },
        info=_info(evidence, "r-public"),
        settings={**evidence.settings, "files": {}, "columns": {}},
        files=[],
        signals=scrub.table(evidence.signals, "detail"),
        explanations=scrub.table(evidence.explanations, "speaks_for", "speaks_against"),
        **{name: getattr(evidence, name).slice(0, 0) for name in _SINGLE},
    )


def _info(evidence: Evidence, run_id: str) -> dict[str, Any]:
    period = [f"{text[:10]}T00:00:00Z" for text in evidence.info["period"]]
    return {
        **evidence.info,
        "run_id": run_id,
        "previous_run": None,
        "settings_digest": "removed",  # whoever guesses the names in the settings could tell by it
        "period": period,
        "notes": [],
    }


def _file(file: dict[str, Any], names: Pseudonyms) -> dict[str, Any]:
    return {
        **file,
        "file": f"file-{names.of('file', file['file'])}",
        "sha256": names.of("digest", file["sha256"]),
        "ignored_columns": (),
        "columns": None,
    }


def _members(members: pa.Table, names: Pseudonyms) -> pa.Table:
    bare = _replaced(
        members,
        account_id=names.accounts,
        joined_by=names.values,
        user_agent=lambda texts: names.texts("user agent", texts),
        declared_group=lambda texts: names.texts("group", texts),
        **dict.fromkeys(_PERSONAL, _nothing),
    )
    return _ordered(_days(bare), "account_id")


def _shared(shared: pa.Table, names: Pseudonyms) -> pa.Table:
    hashed = _replaced(
        shared,
        key=names.values,
        value=lambda texts: names.texts("plain value", texts),
        bin=lambda texts: names.texts("bin", texts),
        prefix=lambda texts: names.texts("prefix", texts),
        family=lambda texts: names.texts("family", texts),
        network_name=_nothing,
        asn=_nothing,
    )
    return _ordered(hashed, "key")


def _sources(sources: pa.Table, names: Pseudonyms) -> pa.Table:
    hashed = _replaced(
        _days(sources),
        account_id=names.accounts,
        key=names.values,
        file=lambda texts: pc.binary_join_element_wise("file-", names.texts("file", texts), ""),
        sha256=lambda texts: names.texts("digest", texts),
        row_sha256=lambda texts: names.texts("row digest", texts),
    )
    ordered = _ordered(hashed, "account_id", "comparison", "key", "table", "file", "row")
    return ordered.set_column(0, "source", pa.array(np.arange(1, ordered.num_rows + 1)))


def _pairs(rows: pa.Table, names: Pseudonyms) -> pa.Table:
    """Replace both accounts of each pair, the smaller id first as ever."""
    a, b = names.accounts(rows["account_a"]), names.accounts(rows["account_b"])
    first = pc.less(a, b)
    rows = _replaced(
        rows,
        account_a=lambda _: pc.if_else(first, a, b),
        account_b=lambda _: pc.if_else(first, b, a),
    )
    return _ordered(rows, "account_a", "account_b")


def _labels(evidence: Evidence, names: Pseudonyms) -> pa.Table:
    def subject(texts: pa.ChunkedArray) -> pa.Array:
        cluster = _clusters(names)(texts)
        return pc.if_else(pc.equal(texts, evidence.cluster_id), cluster, names.accounts(texts))

    labels = _replaced(
        evidence.labels,
        subject=subject,
        operator=_nothing,
        reason=_nothing,
        by=lambda texts: names.texts("person", texts),
        at=lambda texts: pc.utf8_slice_codeunits(texts, 0, 10),
    )
    return _ordered(labels, "subject", "at", "verdict", "by")


def _by_day(activity: pa.Table) -> pa.Table:
    days = _days(activity, "at").group_by("at").aggregate([("prompts", "sum")])
    renamed = days.rename_columns([n.removesuffix("_sum") for n in days.column_names])
    return _ordered(renamed.select(activity.column_names).cast(activity.schema), "at")


def _clusters(names: Pseudonyms) -> Any:
    def hashed(ids: pa.ChunkedArray) -> pa.Array:
        texts = names.texts("cluster", ids)
        return pc.binary_join_element_wise("C-", pc.utf8_slice_codeunits(texts, 0, 8), "")

    return hashed


def _replaced(table: pa.Table, **changes: Any) -> pa.Table:
    for name, change in changes.items():
        field = table.schema.field(name)
        column = change(table[name])
        table = table.set_column(table.schema.get_field_index(name), field, column)
    return table


def _nothing(column: pa.ChunkedArray) -> pa.Array:
    return pa.nulls(len(column), column.type)


def _days(table: pa.Table, *names: str) -> pa.Table:
    wanted = names or [name for name in _TIMES if name in table.column_names]
    return _replaced(
        table, **{name: lambda times: pc.floor_temporal(times, unit="day") for name in wanted}
    )


def _day(time: datetime | None) -> datetime | None:
    return time and time.replace(hour=0, minute=0, second=0, microsecond=0)


def _ordered(table: pa.Table, *names: str) -> pa.Table:
    """Sort by columns, so that the order of rows tells nothing of what was replaced."""
    return table.sort_by([(name, "ascending") for name in names])
