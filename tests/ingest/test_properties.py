"""Laws of loading, whatever the rows are."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError
from tests.ingest.conftest import Workbench
from tests.ingest.test_cards import card_numbers

ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["2026-01-01Z", "2026-01-02T00:00:00Z", "1767312000", "never"]),
        st.sampled_from(["", "DE", "de", "FR"]),
        st.sampled_from(["", "active", "suspended"]),
        st.sampled_from(["", "2026-02-01Z", "2026-02-02Z"]),
    ),
    min_size=1,
    max_size=12,
)
CONTENT = ("account_id", "created_at", "country", "status", "status_at")


def load_in_files(
    rows: list[tuple[str, ...]], cuts: list[int], loads: bool
) -> list[tuple[str, ...]]:
    """Load rows of sign-ups, cut into files, all at once or one by one; return what is stored."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        bounds = [0, *sorted(cuts), len(rows)]
        for n, (start, end) in enumerate(pairwise(bounds)):
            lines = [",".join(CONTENT), *(",".join(row) for row in rows[start:end])]
            path = bench.write(f"signups-{n}.csv", "\n".join(lines) + "\n")
            if loads:
                bench.load(path, max_bad=1)
        if not loads:
            bench.load(max_bad=1)
        found: list[tuple[str, ...]] = bench.rows("signups", *CONTENT)
        return found


@settings(max_examples=8, deadline=None)
@given(ROWS, st.data())
def test_the_order_of_rows_and_the_split_into_files_do_not_matter(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=2))
    whole = load_in_files(rows, [], loads=False)
    assert load_in_files(shuffled, cuts, loads=False) == whole
    assert load_in_files(shuffled, cuts, loads=True) == whole


TIMES = st.sampled_from(["1767225600", "1767312000"])
ACCOUNT = st.sampled_from("ab")
#: Rows of three tables with few values, so that many are equal or disagree.
TABLES = {
    "signups": (
        "account_id,created_at,country,status,status_at",
        st.tuples(
            ACCOUNT,
            TIMES,
            st.sampled_from("XY"),
            st.sampled_from(["", "active", "suspended"]),
            st.just("") | TIMES,
        ),
    ),
    "payments": ("account_id,instrument_id,at", st.tuples(ACCOUNT, st.sampled_from("kl"), TIMES)),
    "prompts": (
        "prompt_id,account_id,at,embedding",
        st.tuples(st.sampled_from("pqr"), ACCOUNT, TIMES, st.sampled_from(["1 2", "2 1"])),
    ),
}


@st.composite
def source_files(draw: st.DrawFn) -> dict[str, str]:
    """A few files by name, each of one table. None is a copy of another: of two copies the one that
    is loaded first counts, and the other adds nothing.
    """
    files: dict[str, str] = {}
    for name, (header, rows) in TABLES.items():
        for number in range(draw(st.integers(1, 3))):
            lines = [header, *map(",".join, draw(st.lists(rows, min_size=1, max_size=5)))]
            content = "\n".join(lines) + "\n"
            if content not in files.values():
                files[f"{name}-{number}.csv"] = content
    return files


@st.composite
def sequences(draw: st.DrawFn, names: list[str]) -> list[list[str]]:
    """The files in any order, cut into loads anywhere."""
    order = draw(st.permutations(names))
    cuts = draw(st.sets(st.integers(1, len(order) - 1)))
    return [order[start:end] for start, end in pairwise([0, *sorted(cuts), len(order)])]


def stored(bench: Workbench) -> dict[str, list[str]]:
    """All that the tables hold, sources included, in an order of its own."""
    return {name: sorted(map(str, bench.rows(name))) for name in TABLES}


def written(bench: Workbench, table: str) -> list[bytes]:
    return [path.read_bytes() for path in bench.case.parts(table)]


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_any_sequence_of_loads_stores_what_one_load_does(data: st.DataObject) -> None:
    files = data.draw(source_files())
    loads = data.draw(sequences(list(files)))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        whole, parts = Workbench(Path(one)), Workbench(Path(many))
        for bench in (whole, parts):
            for name, content in files.items():
                bench.write(name, content)
        whole.load(max_bad=1)
        for names in loads:
            parts.load(*(parts.sources / name for name in names), max_bad=1)
        assert stored(parts) == stored(whole)
        assert written(parts, "signups") == written(whole, "signups")
        rows = {name: parts.case.manifest.rows(name) for name in TABLES}
        assert rows == {name: len(content) for name, content in stored(whole).items()}
        assert {s.file: s.stored for s in parts.case.manifest.sources} == {
            s.file: s.stored for s in whole.case.manifest.sources
        }


@settings(max_examples=15, deadline=None)
@given(card_numbers(), st.sampled_from(["instrument_id", "bin", "kind", "at", "count"]))
def test_a_card_number_is_never_echoed(number: str, column: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        row = {"account_id": "1", "instrument_id": "tok", column: number}
        bench.json_lines("payments.jsonl", row, {"account_id": "2", "instrument_id": "tok"})
        said = str(bench.load())
        assert bench.rows("payments", "account_id") == ["2"]
        bench.json_lines("payments.jsonl", row)
        try:
            said += str(bench.load())
        except InputError as error:
            said += str(error)
        kept = b"".join(bench.everything().values()) + said.encode()
        digits = "".join(sign for sign in number if sign.isdigit())
        assert number.encode() not in kept
        assert digits.encode() not in bytes(c for c in kept if c in b"0123456789")
