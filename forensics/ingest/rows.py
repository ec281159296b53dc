"""From a batch of raw columns to rows as the case stores them, bad ones set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.tables import EMBEDDING, TIME, InputTable
from forensics.ingest.addresses import addresses
from forensics.ingest.checked import NO_REASON, Checked, either, on_distinct, shown_name
from forensics.ingest.columns import ColumnMap
from forensics.ingest.contacts import emails, phones
from forensics.ingest.embeddings import directions, is_list, vectors
from forensics.ingest.extra import extra_json
from forensics.ingest.reading import FAULTS, Batch
from forensics.ingest.text import decoded, joined, read_text
from forensics.ingest.times import Times, times
from forensics.ingest.values import TIMES, check_of, text

_CANONICAL = {"email": emails, "phone": phones}


@dataclass(frozen=True)
class BuiltRows:
    """Rows of the table's stored schema, the bad ones (`FAULTS`), and how many times were naive."""

    rows: pa.Table
    faults: pa.Table
    naive_times: int


@dataclass(frozen=True)
class RowBuilder:
    """Makes stored rows of one source file. `dimension` is that of the case's embeddings."""

    table: InputTable
    columns: ColumnMap
    sha256: str
    max_value_bytes: int
    dimension: int | None = None

    def seeing(self, names: Iterable[str], file: str) -> RowBuilder:
        """Return a builder that also knows columns that turn up further down in a file."""
        columns = self.columns.seeing(names, file)
        return self if columns is self.columns else replace(self, columns=columns)

    def build(self, batch: Batch) -> BuiltRows:
        """Bring every column to its canonical form; a row with one bad value is a bad row."""
        rows = len(batch.rows)
        types = {field.name: field.type for field in self.table.schema(self.dimension)}
        values: dict[str, pa.Array] = {}
        reasons, naive = None, 0
        for column in self.table.columns:
            raw = batch.columns.get(self.columns.theirs.get(column, ""))
            absent = Checked(pa.nulls(rows, types.get(column, TIME)))
            read = Times(absent) if raw is None else self._read(column, raw)
            values[column] = read.checked.values
            naive += read.naive
            if batch.by_line and raw is not None and column != "embedding":
                # Before all else that is wrong with such a value, which follows from it.
                reasons = either(reasons, self._worded(column, Checked(raw, joined(raw))))
            reasons = either(reasons, self._worded(column, read.checked))
        if self.table.name == "identifiers":
            checked = _addresses_as_such(values["kind"], values["value"])
            values["value"] = checked.values
            reasons = either(reasons, self._worded("value", checked))
        if self.table.name == "signups":
            extra = self._extra(batch)
            values["extra"] = extra.values
            reasons = either(reasons, extra.reasons)
        if "first_seen" in values:
            reasons = either(reasons, _into_span(values))
        for column, canonical in _CANONICAL.items():
            if column in values:
                values[f"{column}_raw"] = values[column]
                values[column] = on_distinct(values[column], canonical).values
        return BuiltRows(*self._split(values, reasons, batch), naive)

    def _read(self, column: str, raw: pa.Array) -> Times:
        if column == "embedding":
            return Times(self._embedding(raw))
        if column in TIMES:
            return times(raw)
        return Times(read_text(raw, self.max_value_bytes, check_of(self.table, column)))

    def _embedding(self, raw: pa.Array) -> Checked:
        if self.dimension is None:
            return Checked(pa.nulls(len(raw), EMBEDDING))
        dimension = self.dimension
        found = Checked(raw) if is_list(raw.type) else decoded(raw)
        return found.then(lambda values: directions(vectors(values), dimension))

    def _worded(self, column: str, checked: Checked) -> pa.Array | None:
        """Put the column's name before the reasons, and miss the values that must be there."""
        reasons = checked.reasons
        if column in self.table.required and checked.values.null_count:
            empty = pc.if_else(pc.is_null(checked.values), "nothing there", NO_REASON)
            reasons = either(reasons, empty)
        if reasons is None:
            return None
        return pc.binary_join_element_wise(self.columns.label(column), reasons, ": ")

    def _extra(self, batch: Batch) -> Checked:
        """Gather the columns of a sign-up that are not ours."""
        ours = set(self.columns.theirs.values())
        columns, reasons = {}, None
        for name, raw in batch.columns.items():
            if name not in ours:
                found = read_text(raw, self.max_value_bytes, text)
                columns[name] = found.values
                if found.reasons is not None:
                    label = shown_name(name)[1:-1]
                    worded = pc.binary_join_element_wise(label, found.reasons, ": ")
                    reasons = either(reasons, worded)
        return Checked(extra_json(columns, len(batch.rows)), reasons)

    def _split(
        self, values: dict[str, pa.Array], reasons: pa.Array | None, batch: Batch
    ) -> tuple[pa.Table, pa.Table]:
        """Part the good rows from the bad ones."""
        values["source_sha256"] = pa.repeat(pa.scalar(self.sha256), len(batch.rows))
        values["source_row"] = pa.array(batch.rows)
        schema = self.table.schema(self.dimension)
        good = pa.table([values[field.name] for field in schema], schema=schema)
        if reasons is None:
            return good, batch.unread
        bad = pc.is_valid(reasons)
        faults = pa.table([values["source_row"].filter(bad), reasons.filter(bad)], schema=FAULTS)
        return good.filter(pc.invert(bad)), pa.concat_tables([faults, batch.unread])


def _addresses_as_such(kinds: pa.Array, values: pa.Array) -> Checked:
    """Hold values of kind `ip` to what the table of addresses asks: they are compared with it."""
    are = pc.fill_null(pc.equal(kinds, "ip"), False)
    if not pc.any(are).as_py():
        return Checked(values)
    found = on_distinct(pc.if_else(are, values, pa.scalar(None, values.type)), addresses)
    return Checked(pc.if_else(are, found.values, values), found.reasons)


def _into_span(values: dict[str, pa.Array]) -> pa.Array | None:
    """Turn `at`, or one end alone, into both ends; return what is wrong with the others.

    A row that has no count is one use.
    """
    at = values.pop("at")
    first, last = values["first_seen"], values["last_seen"]
    values["first_seen"] = pc.coalesce(first, at, last)
    values["last_seen"] = pc.coalesce(last, at, first)
    if "count" in values:
        values["count"] = pc.fill_null(values["count"], 1)
    turned = pc.less(values["last_seen"], values["first_seen"])
    if not pc.any(turned).as_py():
        return None
    return pc.if_else(turned, "last_seen: before first_seen", NO_REASON)
