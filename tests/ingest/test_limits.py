"""Files made to exhaust memory or time are refused, by limits that can be set."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pytest

from forensics.errors import InputError
from forensics.ingest import reading
from tests.ingest.conftest import SIGNUPS, Workbench


def refused(bench: Workbench, settings: str = "") -> str:
    """Load everything, and return what the refusal says; the case stays as it was."""
    before = bench.everything()
    with pytest.raises(InputError) as caught:
        bench.load(settings=settings.encode())
    assert bench.everything() == before
    return str(caught.value)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large enough to be a bomb."""
    monkeypatch.setattr(reading, "SMALL", {"bytes": 1 << 20, "rows": 1 << 10})


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["signups.csv.gz", "signups.jsonl.gz"])
def test_a_gzip_bomb(bench: Workbench, name: str) -> None:
    row = SIGNUPS if "csv" in name else '{"account_id": "1", "created_at": "2026-01-01Z"}\n'
    packed = gzip.compress(row.encode() + b"\n" * (2 << 20))
    bench.write(name, packed)
    said = refused(bench)
    assert said.startswith(f"{name}: {len(packed):,} bytes unpack to ")
    assert said.endswith(
        " bytes or more, as in a decompression bomb; expected at most 200 times as many; "
        "[ingest] max_expansion sets it"
    )
    bench.load(settings=b"[ingest]\nmax_expansion = 2000\n")
    assert bench.case.manifest.rows("signups") > 0


@pytest.mark.usefixtures("small")
def test_a_parquet_file_of_more_rows_than_its_size_can_hold(bench: Workbench) -> None:
    same = pa.array(["192.0.2.1"]).take(pa.array([0] * 900_000, pa.int8()))
    path = bench.parquet("ips.parquet", pa.table({"account_id": same, "ip": same}))
    assert refused(bench, "[ingest]\nmax_expansion = 20\n") == (
        f"ips.parquet: {path.stat().st_size:,} bytes unpack to 900,000 rows or more, as in a "
        "decompression bomb; expected at most 20 times as many; [ingest] max_expansion sets it"
    )


def test_what_is_small_may_unpack_to_any_multiple(bench: Workbench) -> None:
    bench.gzipped("signups.csv", SIGNUPS + "\n" * (2 << 20))
    bench.load()
    assert bench.rows("signups", "account_id") == ["001", "002"]


@pytest.mark.parametrize("name", ["signups.csv", "signups.jsonl", "signups.parquet"])
def test_too_many_columns(bench: Workbench, name: str) -> None:
    row = {"account_id": "1", "created_at": "2026-01-01Z"} | {f"c{n}": "x" for n in range(999)}
    if name.endswith("csv"):
        bench.write(name, ",".join(row) + "\n" + ",".join(row.values()) + "\n")
    elif name.endswith("jsonl"):
        bench.json_lines(name, row)
    else:
        bench.parquet(name, pa.table({key: [value] for key, value in row.items()}))
    assert refused(bench) == (
        f"{name}: too many columns; found 1,001; "
        "expected at most 1,000; [ingest] max_columns sets it"
    )
    bench.load(settings=b"[ingest]\nmax_columns = 1001\n")
    assert bench.rows("signups", "account_id") == ["1"]


def test_too_many_dimensions(bench: Workbench) -> None:
    prompt = {"prompt_id": "p", "account_id": "1", "at": "2026-01-01Z", "embedding": [1.0] * 9}
    bench.json_lines("prompts.jsonl", prompt)
    assert refused(bench, "[ingest]\nmax_dimension = 8\n") == (
        "prompts.jsonl, column 'embedding': embeddings of too many dimensions; "
        "found 9 numbers each; expected at most 8; [ingest] max_dimension sets it"
    )
