"""The bundle's CSV files: sorted rows, LF, UTF-8, fixed decimals, safe to open in a spreadsheet.

Bits have 3 decimals, probabilities 9, scores 6; times are "2026-01-05T08:00:00Z"; an empty cell
is an absent value. Text goes through `hostile.csv_text`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.canonical import each, lines
from forensics.bundle.evidence import Evidence
from forensics.bundle.hostile import csv_texts
from forensics.bundle.why import source_ranges
from forensics.case.run import KINDS
from forensics.parallel import in_order
from forensics.utc import utc_text

ROWS_AT_ONCE = 25_000

_DECIMALS = {
    "match_weight": 3,
    "match_probability": 9,
    "prior_bits": 3,
    "bits": 3,
    "fit_bits": 3,
    **{f"{kind}_bits": 3 for kind in KINDS},
}

TIMELINE = pa.schema(
    {
        "at": pa.timestamp("us", tz="UTC"),
        "until": pa.timestamp("us", tz="UTC"),
        "event": pa.string(),
        "account_id": pa.string(),
        "key": pa.string(),
        "count": pa.int64(),
    }
)


def accounts_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write the members: membership, then what is known of the account, by account_id."""
    return write_csv(evidence.members)


def links_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write the links between members: total, prior and the bits of each kind of evidence."""
    return write_csv(evidence.links)


def sources_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write the source rows by number: what they show of whom, file, digests, record."""
    return write_csv(evidence.sources)


def shared_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write the shared values: how many members and accounts use each, and the bits it brought."""
    return write_csv(evidence.shared)


def fits_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write how members that no link holds fit the cluster: marks, who has them, bits, rows."""
    return write_csv(fits_of(evidence))


def fits_of(evidence: Evidence) -> pa.Table:
    """Return the fits with the first and last `source` of the rows that show it for the member."""
    ((first, last, place),) = source_ranges(evidence, evidence.fits, "account_id")
    fits = evidence.fits.append_column("first_source", first.take(place))
    return fits.append_column("last_source", last.take(place))


def timeline_csv(evidence: Evidence) -> Iterator[bytes]:
    """Write what happened, in order of time; see `timeline_of`."""
    return write_csv(timeline_of(evidence))


def timeline_of(evidence: Evidence) -> pa.Table:
    """Return the events (`TIMELINE`) by at, account_id, event and key.

    `event` is "signup", a status such as "suspended", or "used" for the span of an account's use
    of a shared value, `count` times.
    """
    members, uses = evidence.members, evidence.uses
    ended = members.filter(pc.is_valid(members["status_at"]))
    signed = members.filter(pc.is_valid(members["created_at"]))
    used = uses.filter(pc.and_(pc.equal(uses["role"], "use"), pc.is_valid(uses["first_seen"])))
    parts = [
        _events(signed, signed["created_at"], signed["created_at"], "signup"),
        _events(ended, ended["status_at"], ended["status_at"], ended["status"]),
        _events(used, used["first_seen"], used["last_seen"], "used", used["key"], used["uses"]),
    ]
    order = [(column, "ascending") for column in ("at", "account_id", "event", "key")]
    return pa.concat_tables(parts).sort_by(order)


def write_csv(table: pa.Table) -> Iterator[bytes]:
    """Write a table, its header first, some thousand rows at a time."""
    yield f"{','.join(table.column_names)}\n".encode()
    starts = range(0, table.num_rows, ROWS_AT_ONCE)
    yield from in_order(_lines, (table.slice(start, ROWS_AT_ONCE) for start in starts))


def _lines(rows: pa.Table) -> bytes:
    parts: list[pa.Array | str] = []
    for name in rows.column_names:
        parts += [",", pc.fill_null(_cells(name, rows[name]), "")]
    return lines(*parts[1:], "\n")


def _events(
    rows: pa.Table, at: Any, until: Any, event: Any, key: Any = None, count: Any = None
) -> pa.Table:
    length = rows.num_rows
    if isinstance(event, str):
        event = pa.array([event] * length, pa.string())
    columns = [
        at,
        until,
        event,
        rows["account_id"],
        pa.nulls(length, pa.string()) if key is None else key,
        pa.nulls(length, pa.int64()) if count is None else count,
    ]
    return pa.table(columns, schema=TIMELINE)


def _cells(name: str, column: pa.ChunkedArray) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind):
        return _quoted(csv_texts(column))
    if pa.types.is_timestamp(kind):
        return utc_text(column.combine_chunks())
    if pa.types.is_floating(kind):
        return each(column, f"{{:z.{_DECIMALS.get(name, 6)}f}}".format)
    return column.combine_chunks().cast(pa.string())


def _quoted(texts: pa.Array) -> pa.Array:
    """Put quotes around texts that hold a comma or a quote; they have no line ends any more."""
    odd = pc.fill_null(pc.match_substring_regex(texts, '[",]'), False)
    if not pc.any(odd).as_py():
        return texts
    doubled = pc.replace_substring(texts.filter(odd), '"', '""')
    return pc.replace_with_mask(texts, odd, pc.binary_join_element_wise('"', doubled, '"', ""))
