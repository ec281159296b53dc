"""Embeddings from every accepted form to directions of one signed byte per dimension."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from forensics.ingest.checked import Checked, either, refuse

#: Largest absolute value of a stored component.
SCALE = 127
_BLOCK = 512

_AROUND = "[](){} \t\r\n"
_LISTS = "SELECT TRY_CAST(text AS FLOAT[]) AS list FROM texts"


@dataclass(frozen=True)
class Vectors:
    """Embeddings one after another: `values` of all, and how many of them each row has.

    `lengths` is -1 where there is no embedding, and -2 where it can't be read.
    """

    values: npt.NDArray[np.floating]
    lengths: npt.NDArray[np.int64]

    def usual_length(self) -> int | None:
        """Return the most frequent length, the smallest of several; None without embeddings."""
        found, counts = np.unique(self.lengths[self.lengths > 0], return_counts=True)
        return int(found[np.argmax(counts)]) if len(found) else None


def vectors(raw: pa.Array) -> Vectors:
    """Read a column of lists of any float width, or of text such as `[0.1, 0.2]` or `0.1 0.2`."""
    if pa.types.is_dictionary(raw.type):
        raw = raw.dictionary_decode()
    if not is_list(raw.type):
        return _from_text(raw)
    lengths = pc.fill_null(pc.list_value_length(raw), -1)
    values = raw.flatten()
    if values.null_count:
        values = pc.fill_null(values, pa.scalar(np.nan, values.type))
    return Vectors(values.to_numpy(zero_copy_only=False), pc.cast(lengths, pa.int64()).to_numpy())


def is_list(kind: pa.DataType) -> bool:
    """Tell whether a column type holds lists of numbers."""
    if not (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    ):
        return False
    return bool(pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def directions(found: Vectors, dimension: int) -> Checked:
    """Return embeddings as `dimension` signed bytes each: round(127 * v / max|v|).

    A vector of zeros stays one. Rows of another length or with a component that is not a finite
    number are bad.
    """
    fits = found.lengths == dimension
    kept = found.values
    if not fits.all():
        kept = kept[np.repeat(fits, np.maximum(found.lengths, 0))]
    whole, finite = _whole(kept.reshape(-1, dimension))
    good = fits.copy()
    good[fits] = finite
    if len(whole) < len(fits):
        stored = np.zeros((len(fits), dimension), np.int8)
        stored[fits] = whole
    else:
        stored = whole
    return Checked(_binary(stored, good), _reasons(found.lengths, fits, good, dimension))


def _whole(
    vectors: npt.NDArray[np.floating],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Return `directions` of each vector, and which are finite; zeros for others.

    A block at a time stays in the processor's cache through all steps.
    """
    stored = np.empty(vectors.shape, np.int8)
    finite = np.empty(len(vectors), np.bool_)
    for start in range(0, len(vectors), _BLOCK):
        rows = slice(start, start + _BLOCK)
        with np.errstate(over="ignore"):
            block = vectors[rows].astype(np.float32)
        largest = np.maximum(block.max(axis=1), -block.min(axis=1))
        finite[rows] = np.isfinite(largest)
        block /= np.where(finite[rows] & (largest > 0), largest, 1)[:, None]
        block *= SCALE
        block[~finite[rows]] = 0
        stored[rows] = np.rint(block, out=block)
    return stored, finite


def _binary(stored: npt.NDArray[np.int8], good: npt.NDArray[np.bool_]) -> pa.Array:
    rows, dimension = stored.shape
    valid = pa.array(good).buffers()[1]
    return pa.Array.from_buffers(pa.binary(dimension), rows, [valid, pa.py_buffer(stored)])


def _reasons(
    lengths: npt.NDArray[np.int64],
    fits: npt.NDArray[np.bool_],
    good: npt.NDArray[np.bool_],
    dimension: int,
) -> pa.Array | None:
    if good.all():
        return None
    counts = pc.cast(pa.array(lengths), pa.string())
    other = refuse(counts, pa.array((lengths >= 0) & ~fits), _other(dimension)).reasons
    unread = refuse(counts, pa.array(lengths == -2), "not a list of numbers", show=False).reasons
    infinite = refuse(
        counts, pa.array(fits & ~good), "holds a value that is no finite number", show=False
    ).reasons
    return either(either(other, unread), infinite)


def _other(dimension: int) -> str:
    return f"an embedding of another length than the case's {dimension:,}"


def _from_text(raw: pa.Array) -> Vectors:
    """Read embeddings written as text, whatever brackets and separators it has."""
    text = pc.utf8_trim(pc.cast(raw, pa.string()), _AROUND)
    missing = pc.fill_null(pc.equal(pc.binary_length(text), 0), True)
    text = pc.if_else(missing, pa.scalar(None, pa.string()), text)
    try:
        lists, unread = _split(text), np.zeros(len(text), dtype=bool)
    except pa.ArrowInvalid:
        lists, unread = _cast(text)
    codes = pc.fill_null(pc.list_value_length(lists), -2).to_numpy(zero_copy_only=False)
    codes = np.where(missing, -1, np.where(unread, -2, codes)).astype(np.int64)
    kept = pc.if_else(pa.array(codes >= 0), lists, pa.scalar(None, lists.type))
    return Vectors(kept.flatten().to_numpy(zero_copy_only=False), codes)


def _split(text: pa.Array) -> pa.Array:
    """Read well-formed text, quickly: numbers between commas, or else between blanks."""
    if pc.all(pc.match_substring(text, ",")).as_py():
        lists = pc.split_pattern(text, ",")
        items = pc.utf8_trim_whitespace(lists.values)
    else:
        lists = pc.ascii_split_whitespace(text)
        items = lists.values
    numbers = pc.cast(items, pa.float32())
    return pa.ListArray.from_arrays(lists.offsets, numbers, mask=pc.is_null(lists))


def _cast(text: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Read text of which some is malformed, and tell which rows hold more than numbers."""
    commas = pc.replace_substring_regex(text, r"[\[\](){}\s,;]+", ",")
    texts = pa.table({"text": pc.binary_join_element_wise("[", commas, "]", "")})
    with duckdb.connect() as connection:
        connection.register("texts", texts)
        lists = connection.sql(_LISTS).to_arrow_table()["list"].combine_chunks()
    bad = np.zeros(len(lists), dtype=bool)
    parents = pc.list_parent_indices(lists).filter(pc.is_null(lists.flatten()))
    bad[parents.to_numpy()] = True
    return lists, bad
