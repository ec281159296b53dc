"""`why.jsonl`: one line of canonical JSON per link and reason, down to the source rows.

    {"account_a":…,"account_b":…,"accounts":4,"adjustment":-1,"bits":12.966,"comparison":…,
     "key":…,"kind":…,"level":…,"m":0.8,"operators":2,"prior":-10,"probability":…,
     "sources_a":[5,7],"sources_b":[12,12],"total":…,"u":0.00005}

`bits` = log2(m / u) + adjustment; `prior` plus the bits of all of a link's lines is its `total`.
`sources_a` and `sources_b` are the first and last `source` of the rows in sources.csv that show
the value (or, without a key, the whole comparison) for either account; null where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle import canonical
from forensics.bundle.evidence import Evidence
from forensics.ordered import first_rows
from forensics.parallel import in_order

ROWS_AT_ONCE = 50_000

Ints = npt.NDArray[np.int64]


def why_of(evidence: Evidence) -> Iterator[pa.Table]:
    """Give the reasons with their link's `prior`, `total`, `probability` and source ranges.

    The ranges are `first_a`, `last_a`, `first_b`, `last_b`; order as in `Evidence.reasons`, some
    thousand rows at a time.
    """
    reasons, links = evidence.reasons, evidence.links
    link = pc.index_in(_pairs(evidence, reasons), _pairs(evidence, links))
    named = {"prior": "prior_bits", "total": "match_weight", "probability": "match_probability"}
    behind = {name: (links[column], link) for name, column in named.items()}
    sides = source_ranges(evidence, reasons, "account_a", "account_b")
    for side, (first, last, place) in zip("ab", sides, strict=True):
        behind |= {f"first_{side}": (first, place), f"last_{side}": (last, place)}
    for start in range(0, reasons.num_rows, ROWS_AT_ONCE):
        part = reasons.slice(start, ROWS_AT_ONCE)
        for name, (values, place) in behind.items():
            part = part.append_column(name, values.take(place.slice(start, ROWS_AT_ONCE)))
        yield part


def _pairs(evidence: Evidence, rows: pa.Table) -> pa.Array:
    """Return a number for the two accounts of each row."""
    accounts = evidence.members["account_id"]
    a, b = (_numbers(rows[side], accounts) for side in ("account_a", "account_b"))
    return pa.array(a * len(accounts) + b)


def source_ranges(
    evidence: Evidence, rows: pa.Table, *accounts: str
) -> list[tuple[pa.Array, pa.Array, pa.Array]]:
    """Return, per column of accounts, the ranges of source rows (first, last) and each row's place.

    `rows` are about an account's use of the value `key`, or, where that is null, `comparison`; the
    place among the ranges is null where no source row is behind one.
    """
    sources = evidence.sources
    sets = [evidence.members["account_id"], *map(pc.unique, (rows[n] for n in _PIECE))]
    codes = _codes(sources, "account_id", sets)
    starts = first_rows(codes)  # the rows of one account, comparison and key adjoin
    ends = np.append(starts[1:], len(codes)) - 1
    first, last = (sources["source"].take(pa.array(at)) for at in (starts, ends[: len(starts)]))
    known = pa.array(codes[starts])
    return [
        (first, last, pc.index_in(pa.array(_codes(rows, account, sets)), known))
        for account in accounts
    ]


_PIECE = ("comparison", "key")


def _codes(rows: pa.Table, side: str, sets: list[pa.Array]) -> Ints:
    """Return a number for the account, comparison and key of each row, below 0 for others."""
    codes = np.zeros(rows.num_rows, np.int64)
    other = np.zeros(rows.num_rows, bool)
    for name, known in zip((side, *_PIECE), sets, strict=True):
        numbers = _numbers(rows[name], known)
        codes = codes * len(known) + numbers
        other |= numbers < 0
    codes[other] = -1
    return codes


def _numbers(texts: pa.ChunkedArray, known: pa.ChunkedArray | pa.Array) -> Ints:
    """Return the place of each text among those known, -1 where it is not."""
    places: Ints = pc.fill_null(pc.index_in(texts, known), -1).to_numpy().astype(np.int64)
    return places


def why_jsonl(evidence: Evidence) -> Iterator[bytes]:
    """Write the lines, some thousand at a time."""
    return in_order(_lines, why_of(evidence))


def _lines(part: pa.Table) -> bytes:
    plain = [n for n in part.column_names if not n.startswith(("first_", "last_"))]
    texts: list[pa.Array | str] = []
    for name in sorted([*plain, "sources_a", "sources_b"]):
        ranged = name.startswith("sources_")
        value = _range(part, name[-1]) if ranged else canonical.column(part[name])
        texts += [f'{"," if texts else "{"}"{name}":', value]
    return canonical.lines(*texts, "}\n")


def _range(rows: pa.Table, side: str) -> pa.Array:
    first, last = (canonical.column(rows[f"{end}_{side}"]) for end in ("first", "last"))
    pairs = pc.binary_join_element_wise("[", first, ",", last, "]", "")
    return pc.if_else(pc.equal(first, "null"), "null", pairs)
