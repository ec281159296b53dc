"""Formats, and that a row's number is that of its record."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.case.settings import IngestSettings
from forensics.errors import InputError
from forensics.ingest import read_csv, read_json, reading
from forensics.ingest.sources import open_reader
from tests.ingest.conftest import SIGNUPS, Workbench

IPS = "account_id,ip\n1,192.0.2.1\n2,192.0.2.2\n3,192.0.2.3\n"
IPS_ROWS = [("1", "192.0.2.1", 1), ("2", "192.0.2.2", 2), ("3", "192.0.2.3", 3)]


def ips(bench: Workbench) -> list[object]:
    return bench.rows("ips", "account_id", "ip", "source_row")


@pytest.mark.parametrize(
    "text",
    [
        IPS,
        IPS.rstrip(),
        "\ufeff" + IPS,
        IPS.replace("\n", "\r\n"),
        IPS.replace("\n", "\n\n"),
        IPS.replace(",", ";"),
        IPS.replace(",", "\t"),
        ",account_id,ip\n0,1,192.0.2.1\n1,2,192.0.2.2\n2,3,192.0.2.3\n",
    ],
    ids=["plain", "no last newline", "BOM", "CRLF", "blank lines", "semicolons", "tabs", "index"],
)
def test_csv(bench: Workbench, text: str) -> None:
    bench.write("ips.csv", text)
    bench.load()
    assert ips(bench) == IPS_ROWS


def test_gzipped_csv_and_json(bench: Workbench) -> None:
    bench.gzipped("ips-1.csv.gz", IPS)
    bench.gzipped("ips-2.jsonl.gz", '{"account_id": "4", "ip": "192.0.2.4"}\n')
    bench.load()
    assert ips(bench) == [*IPS_ROWS, ("4", "192.0.2.4", 1)]


def test_the_content_tells_the_format_not_the_name(bench: Workbench) -> None:
    bench.parquet("ips.csv", pa.table({"account_id": [1, 2, 3], "ip": [r[1] for r in IPS_ROWS]}))
    bench.load()
    assert ips(bench) == IPS_ROWS


def test_a_csv_row_is_a_record_not_a_line(bench: Workbench) -> None:
    bench.write(
        "signups.csv",
        "account_id,created_at,note\n"
        '1,2026-01-01Z,"two\nlines"\n'
        "\n"
        "2,2026-01-01Z\n"
        "3,2026-01-01Z,Ann,extra\n"
        "4,soon,Bob\n"
        "5,2026-01-01Z,Cid\n"
        "6,2026-01-01Z,Dan\n",
    )
    bench.load()
    assert bench.rows("signups", "account_id", "source_row") == [("1", 1), ("5", 5), ("6", 6)]
    assert [(row, reason[:30]) for _, row, reason in bench.quarantine("signups")] == [
        (2, "2 values where the header has "),
        (3, "4 values where the header has "),
        (4, "created_at: not a time (ISO 86"),
    ]


def test_bad_bytes_cost_only_their_row(bench: Workbench) -> None:
    rows = b"1,2026-01-01Z,Ann\n2,2026-01-01Z,Ren\xe9\n3,2026-01-01Z,Bob\n"
    bench.write("signups.csv", b"account_id,created_at,name\n" + rows)
    bench.load()
    assert bench.rows("signups", "name") == ["Ann", "Bob"]
    assert bench.quarantine("signups") == [("signups.csv", 2, "name: not UTF-8 text")]


def test_json_lines(bench: Workbench) -> None:
    bench.write(
        "signups.jsonl",
        b'\xef\xbb\xbf{"account_id": "01", "created_at": "2026-01-01Z", "plan": "pro"}\n'
        b"\n"
        b'{"account_id": 12345678901234567890, "created_at": 1767225600, "a.b": {"c": [1]}}\n'
        b"not json\n"
        b'{"account_id": "3", "created_at": "2026-01-01Z", "name": "\xff"}\n'
        b'{"account_id": "4", "created_at": "2026-01-01Z", "name": "\\u00e9"}',
    )
    bench.load()
    assert bench.rows("signups", "account_id", "plan", "name", "extra", "source_row") == [
        ("01", "pro", None, None, 1),
        ("12345678901234567890", None, None, '{"a.b": "{\\"c\\":[1]}"}', 2),
        ("4", None, "é", None, 5),
    ]
    assert bench.quarantine("signups") == [
        ("signups.jsonl", 3, "not a JSON object in UTF-8"),
        ("signups.jsonl", 4, "not a JSON object in UTF-8"),
    ]


def test_parquet_row_numbers_run_through_row_groups(bench: Workbench) -> None:
    table = pa.table({"account_id": ["a", "b", "c"], "ip": ["192.0.2.1", "x", "192.0.2.3"]})
    pq.write_table(table, bench.sources / "ips.parquet", row_group_size=1)
    bench.load()
    assert ips(bench) == [("a", "192.0.2.1", 1), ("c", "192.0.2.3", 3)]
    assert [row for _, row, _ in bench.quarantine("ips")] == [2]


def test_parquet_dictionaries_tensors_and_odd_types(bench: Workbench) -> None:
    tensors = pa.FixedShapeTensorArray.from_storage(
        pa.fixed_shape_tensor(pa.float32(), (2,)),
        pa.array([[1.0, -1.0]], pa.list_(pa.float32(), 2)),
    )
    columns = {
        "prompt_id": pa.array(["p"]).dictionary_encode(),
        "account_id": pa.array(["a"], pa.large_string()),
        "at": pa.array([1_767_225_600], pa.int64()),
        "embedding": tensors,
        "tokens_in": pa.array([12.0]),
    }
    bench.parquet("prompts.parquet", pa.table(columns))
    bench.load()
    assert bench.rows("prompts", "account_id", "tokens_in", "embedding") == [("a", 12, b"\x7f\x81")]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_row_numbers_run_through_blocks(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for module in (reading, read_csv, read_json):
        monkeypatch.setattr(module, "BLOCK", 300)
    good = {n: f"192.0.2.{n % 250}" for n in range(1, 501) if n % 7}
    if kind == "csv":
        lines = [
            "account_id,ip",
            *(f"{n},{good[n]}" if n in good else str(n) for n in range(1, 501)),
        ]
    else:
        lines = [
            f'{{"account_id": {n}, "ip": "{good[n]}"}}' if n in good else "[]"
            for n in range(1, 501)
        ]
    bench.write(f"ips.{kind}", "\n".join(lines) + "\n")
    bench.load()
    assert {row: ip for _, ip, row in ips(bench)} == good
    assert [row for _, row, _ in bench.quarantine("ips")] == [
        n for n in range(1, 501) if n % 7 == 0
    ]


def test_a_file_with_only_a_header_has_no_rows(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.write("ips.csv", "account_id,ip")
    assert "ips.csv has no rows" in bench.load().notes
    assert bench.case.manifest.rows("ips") == 0
    assert [(s.file, s.rows) for s in bench.case.manifest.sources] == [
        ("signups.csv", 2),
        ("ips.csv", 0),
    ]


def test_an_odd_row_of_a_csv_that_is_not_utf_8_is_one_bad_row(bench: Workbench) -> None:
    rows = [b"1,192.0.2.1", b"2,\xff,3", b"3,\xc3\x28", "4é,192.0.2.4".encode(), b"5,192.0.2.5"]
    bench.write("ips.csv", b"\n".join([b"account_id,ip", *rows]))
    bench.load()
    assert ips(bench) == [("1", "192.0.2.1", 1), ("4é", "192.0.2.4", 4), ("5", "192.0.2.5", 5)]
    assert [(row, reason) for _, row, reason in bench.quarantine("ips")] == [
        (2, "3 values where the header has 2"),
        (3, "ip: not UTF-8 text"),
    ]


def test_a_character_that_two_blocks_of_a_csv_share(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "account_id,created_at,name\n" + "".join(f"{n},2026-01-01Z,é€\n" for n in range(50))
    bench.write("signups.csv", text)
    for block in range(100, 110):
        monkeypatch.setattr(read_csv, "BLOCK", block)
        reader = open_reader(bench.sources / "signups.csv", "signups.csv", IngestSettings())
        read = [v for batch in reader.batches(lambda _: True) for v in batch.columns["name"]]
        assert [value.as_py() for value in read] == ["é€".encode()] * 50


def test_text_in_parquet_that_is_not_utf_8_is_bad_row_by_row(bench: Workbench) -> None:
    """Parquet that other programs write may call any bytes a string."""
    bad = pa.Array.from_buffers(
        pa.string(), 3, pa.array([b"ok", b"\xff", b"ok"], pa.binary()).buffers()
    )
    columns = {"account_id": ["1", "2", "3"], "created_at": ["2026-01-01Z"] * 3, "name": bad}
    bench.parquet("signups.parquet", pa.table(columns))
    bench.parquet("signups-2.parquet", pa.table({
        "account_id": ["4", "5", "6"], "created_at": ["2026-01-01Z"] * 3,
        "favourites": pa.StructArray.from_arrays([bad], ["colour"]),
    }))  # fmt: skip
    bench.load()
    assert bench.rows("signups", "account_id") == ["1", "3", "4", "6"]
    assert bench.quarantine("signups") == [
        ("signups-2.parquet", 2, "favourites: not UTF-8 text"),
        ("signups.parquet", 2, "name: not UTF-8 text"),
    ]


def test_a_parquet_file_whose_column_names_are_not_utf_8(bench: Workbench) -> None:
    path = bench.parquet("ips.parquet", pa.table({"account_id": ["1"], "zzzzzz": ["x"]}))
    path.write_bytes(path.read_bytes().replace(b"zzzzzz", b"zz\xffzzz"))
    with pytest.raises(InputError, match="this Parquet file is truncated or damaged"):
        bench.load()


def with_open_quote(opened: int, closed: int, column: str = "name") -> str:
    """200 sign-ups; the text of one begins with a quote that another's ends."""
    lines = [f"account_id,created_at,{column},country"]
    for n in range(1, 201):
        text = {opened: '"Bad name', closed: 'Name"'}.get(n, f"Name {n}")
        lines.append(f"acc-{n},2026-01-01T00:00:00Z,{text},GB")
    return "\n".join(lines) + "\n"


def test_a_quote_left_open_sets_the_row_aside_and_says_how_many_it_took_in(
    bench: Workbench,
) -> None:
    bench.write("signups.csv", with_open_quote(10, 60))
    (loaded,) = bench.load().tables
    assert (loaded.rows, loaded.stored, loaded.quarantined) == (150, 149, 1)
    assert bench.quarantine("signups") == [
        (
            "signups.csv",
            10,
            "name: 51 lines in one value: is a quotation mark not closed? Close it, or double it "
            "if it belongs to the value",
        )
    ]
    assert not [name for name in bench.rows("signups", "name") if "\n" in name]


def test_further_columns_and_other_formats_may_hold_line_breaks(bench: Workbench) -> None:
    signups = SIGNUPS.splitlines()
    noted = [f"{signups[0]},name,note", f'{signups[1]},"Ann\n","one\r\ntwo"']
    bench.write("signups.csv", "\n".join(noted))
    bench.json_lines(
        "more.signups.jsonl", {"account_id": "9", "created_at": 1_700_000_000, "name": "a\nb"}
    )
    bench.load()
    assert bench.quarantine("signups") == []
    assert bench.rows("signups", "name", "extra") == [
        ("Ann", '{"note": "one\\r\\ntwo"}'),
        ("a\nb", None),
    ]
