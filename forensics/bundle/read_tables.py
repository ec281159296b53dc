"""Reads the tables of a bundle for checking, and of them only what is checked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json

from forensics.bundle.container import Container
from forensics.bundle.hostile import csv_texts
from forensics.case.run import KINDS

BLOCK = 32 << 20

_NAMES = ("account_a", "account_b", "kind", "comparison", "level", "key")
_TEXT, _REAL, _WHOLE = pa.string(), pa.float64(), pa.int64()
_LINKS = {
    "account_a": _TEXT,
    "account_b": _TEXT,
    **dict.fromkeys(("match_weight", "match_probability", "prior_bits"), _REAL),
    **{f"{kind}_bits": _REAL for kind in KINDS},
}
_WHY = pa.schema(
    {
        **dict.fromkeys(_NAMES, _TEXT),
        **dict.fromkeys(("m", "u", "adjustment", "bits", "prior", "total", "probability"), _REAL),
        "accounts": _WHOLE,
        "operators": _REAL,
        "sources_a": pa.list_(_WHOLE),
        "sources_b": pa.list_(_WHOLE),
    }
)
_MEMBERS = {
    **dict.fromkeys(("account_id", "joined_by", "status", "created_at", "status_at"), _TEXT),
    "bridge": pa.bool_(),
}
_SOURCES = {
    **dict.fromkeys(("source", "row"), _WHOLE),
    **dict.fromkeys(("account_id", "comparison", "key", "table", "file", "sha256"), _TEXT),
    **dict.fromkeys(("row_sha256", "first_seen", "last_seen"), _TEXT),
}
_SHARED = {
    "key": _TEXT,
    **dict.fromkeys(("accounts", "members", "links", "fits"), _WHOLE),
    **dict.fromkeys(("operators", "bits", "fit_bits"), _REAL),
}
_TIMELINE = dict.fromkeys(("at", "until", "event", "account_id", "key"), _TEXT)
_FITS = {
    **dict.fromkeys(("account_id", "comparison", "key"), _TEXT),
    **dict.fromkeys(("members", "users", "others", "first_source", "last_source"), _WHOLE),
    "bits": _REAL,
}


def read_tables(bag: Container, summary: dict[str, Any]) -> dict[str, pa.Table]:
    """Return `links`, `members`, `sources`, `shared`, `timeline`, `fits`, `why` and `weights`.

    Text is as the CSV files spell it. `summary` is `cluster.json`, which tells the weights.

    Raises:
        ValueError, KeyError, OSError: a file can't be read as what it should be (pyarrow's errors
            are among these).
    """
    return {
        "links": _csv(bag, "links.csv", _LINKS),
        "members": _csv(bag, "accounts.csv", _MEMBERS),
        "sources": _csv(bag, "sources.csv", _SOURCES),
        "shared": _csv(bag, "shared.csv", _SHARED),
        "timeline": _csv(bag, "timeline.csv", _TIMELINE),
        "fits": _fits(bag),
        "why": _why(bag),
        "weights": _weights(summary),
    }


def _weights(summary: dict[str, Any]) -> pa.Table:
    rows = summary["method"]["weights"]
    columns = {n: [row[n] for row in rows] for n in ("comparison", "level", "m")}
    texts = {n: csv_texts(pa.array(columns[n], _TEXT)) for n in ("comparison", "level")}
    return pa.table({**texts, "m": pa.array(columns["m"], _REAL)})


def _fits(bag: Container) -> pa.Table:
    """Read fits.csv; bundles of earlier versions have none."""
    if "data/fits.csv" in bag.files:
        return _csv(bag, "fits.csv", _FITS)
    return pa.schema(_FITS).empty_table()


def _csv(bag: Container, name: str, columns: dict[str, pa.DataType]) -> pa.Table:
    with bag.files[f"data/{name}"]() as file:
        return pa.csv.read_csv(
            file,
            parse_options=pa.csv.ParseOptions(newlines_in_values=False),
            convert_options=pa.csv.ConvertOptions(
                column_types=columns,
                include_columns=list(columns),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )


def _why(bag: Container) -> pa.Table:
    """Read why.jsonl some megabytes at a time, and of it only what is checked."""
    options = pa.json.ParseOptions(explicit_schema=_WHY, unexpected_field_behavior="ignore")
    parts = [_WHY.empty_table()]
    for block in _whole_lines(bag, "data/why.jsonl"):
        part = pa.json.read_json(io.BytesIO(block), parse_options=options).select(_WHY.names)
        for name in _NAMES:
            # As the CSV files spell them.
            part = part.set_column(part.column_names.index(name), name, csv_texts(part[name]))
        parts.append(part)
    return pa.concat_tables(parts)


def _whole_lines(bag: Container, name: str) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for block in bag.blocks(name):
        held.append(block)
        size += len(block)
        if size >= BLOCK and (end := block.rfind(b"\n")) >= 0:
            held[-1] = block[: end + 1]
            yield b"".join(held)
            held, size = [block[end + 1 :]], len(block) - end - 1
    if rest := b"".join(held):
        yield rest
