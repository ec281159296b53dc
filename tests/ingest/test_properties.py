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
    ),
    min_size=1,
    max_size=12,
)
CONTENT = ("account_id", "created_at", "country")


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
