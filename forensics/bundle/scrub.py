"""Takes raw values out of sentences, wherever they may have got in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence

REMOVED = "[removed]"
_OF_MEMBERS = (
    "account_id", "name", "email", "email_domain", "organisation", "declared_group", "user_agent",
)  # fmt: skip


class Scrub:
    """Knows the raw values of one cluster; words of three letters or fewer are let be."""

    def __init__(self, evidence: Evidence) -> None:
        texts = {
            text
            for table, columns in (
                (evidence.members, _OF_MEMBERS),
                (evidence.shared, ("value", "prefix", "network_name", "family")),
                (evidence.events, ("name",)),
                (evidence.labels, ("by", "operator", "reason")),
            )
            for column in columns
            for text in pc.unique(table[column]).drop_null().to_pylist()
        }
        texts |= {file["file"] for file in evidence.files} | {evidence.cluster_id}
        self._raw = sorted((t for t in texts if len(t) > 3), key=lambda t: (-len(t), t))

    def text(self, text: str | None) -> str | None:
        """Return a sentence without raw values."""
        for raw in self._raw:
            if text and raw in text:
                text = text.replace(raw, REMOVED)
        return text

    def texts(self, texts: list[str] | None) -> list[Any]:
        """Return sentences without raw values."""
        return [self.text(text) for text in texts or ()]

    def table(self, table: pa.Table, *names: str) -> pa.Table:
        """Return a table, the sentences in some columns without raw values."""

        def scrubbed(column: pa.ChunkedArray) -> pa.Array:
            if pa.types.is_list(column.type):
                return pa.array([self.texts(item) for item in column.to_pylist()], column.type)
            return pa.array([self.text(item) for item in column.to_pylist()], column.type)

        for name in names:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, table.schema.field(name), scrubbed(table[name]))
        return table
