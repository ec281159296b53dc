"""Inputs made to exhaust time or memory, ordinary ones to compare, and what each takes."""

from __future__ import annotations

import gzip
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from forensics.analyse import analyse
from forensics.case.store import Case
from forensics.errors import InputError
from forensics.ingest.load import load

START = np.datetime64("2026-01-01T00:00:00")


def ids(numbers: np.ndarray) -> pa.Array:
    return pa.array([f"a{n:07}" for n in numbers.tolist()])


def moments(rows: int) -> pa.Array:
    return pa.array(START + np.arange(rows).astype("timedelta64[s]") % np.timedelta64(40, "D"))


def write(folder: Path, name: str, **columns: Any) -> None:
    table = pa.table(columns)
    if name.endswith("parquet"):
        pq.write_table(table, folder / name)
    else:
        pacsv.write_csv(table, folder / name)


def signups(folder: Path, accounts: int) -> None:
    write(
        folder,
        "signups.csv",
        account_id=ids(np.arange(accounts)),
        created_at=moments(accounts),
        country=pa.array(["DE", "FR", "US", "PL"]).take(pa.array(np.arange(accounts) % 4)),
    )


def addresses(numbers: np.ndarray) -> pa.Array:
    return pa.array([f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in numbers.tolist()])


def ordinary(folder: Path, rows: int) -> None:
    """Each account has ten addresses of its own or of a few others."""
    signups(folder, rows // 10)
    number = np.arange(rows)
    write(
        folder,
        "ips.csv",
        account_id=ids(number // 10),
        ip=addresses(number * 7919 % (rows // 2)),
        at=moments(rows),
    )


def malformed(folder: Path, rows: int) -> None:
    """Half of twice as many rows are bad, in four ways."""
    ordinary(folder, rows)
    good = (folder / "ips.csv").read_bytes().splitlines()
    bad = (b"x,not an address,2026", b"too,many,values,here", b'"","","never"', b"\xff\xfe,1,2")
    with (folder / "ips.csv").open("wb") as file:
        file.write(good[0] + b"\n")
        for number, line in enumerate(good[1:]):
            file.write(line + b"\n" + bad[number % 4] + b"\n")


def one_account(folder: Path, rows: int) -> None:
    """One account has all addresses."""
    signups(folder, rows // 10)
    write(
        folder,
        "ips.csv",
        account_id=ids(np.zeros(rows, np.int64)),
        ip=addresses(np.arange(rows)),
        at=moments(rows),
    )


def one_value(folder: Path, rows: int) -> None:
    """All accounts share one card, one device, one address and one referral code."""
    accounts = rows // 10
    signups(folder, accounts)
    names, at = ids(np.arange(accounts)), moments(accounts)
    same = {"account_id": names, "at": at}
    write(folder, "payments.csv", **same, instrument_id=pa.array(["tok-1"] * accounts))
    write(folder, "devices.csv", **same, device_id=pa.array(["dev-1"] * accounts))
    write(folder, "ips.csv", **same, ip=pa.array(["192.0.2.1"] * accounts))
    write(
        folder,
        "identifiers.csv",
        **same,
        kind=pa.array(["referral"] * accounts),
        value=pa.array(["FRIEND"] * accounts),
    )


def prompts(folder: Path, rows: int, vectors: np.ndarray) -> None:
    signups(folder, rows // 10)
    number = np.arange(rows)
    write(
        folder,
        "prompts.parquet",
        prompt_id=pa.array([f"p{n}" for n in number.tolist()]),
        account_id=ids(number // 10),
        at=moments(rows),
        embedding=pa.FixedSizeListArray.from_arrays(
            pa.array(vectors.astype(np.float32).ravel()), vectors.shape[1]
        ),
    )


def ordinary_prompts(folder: Path, rows: int) -> None:
    """Every prompt is another one."""
    prompts(folder, rows, np.random.default_rng(1).normal(size=(rows, 64)))


def one_prompt(folder: Path, rows: int) -> None:
    """Every row repeats one prompt."""
    one = np.random.default_rng(1).normal(size=64)
    prompts(folder, rows, np.broadcast_to(one, (rows, 64)))


def gzip_bomb(folder: Path, rows: int) -> None:
    """A file of a few megabytes that unpacks to a thousand times as much."""
    with gzip.open(folder / "signups.csv.gz", "wb") as file:
        file.write(b"account_id,created_at\n")
        for _ in range(rows // 1000):
            file.write(b"\n" * (1 << 20))


def parquet_bomb(folder: Path, rows: int) -> None:
    """A Parquet file of some kilobytes that says it holds hundreds of times as many rows."""
    same = pa.array(["192.0.2.1"]).take(pa.array(np.zeros(rows, np.int8)))
    write(folder, "ips.parquet", account_id=same, ip=same)
    schema = pa.schema({"account_id": pa.string(), "ip": pa.string()})
    with pq.ParquetWriter(folder / "ips.parquet", schema, compression="zstd") as writer:
        for _ in range(50):
            writer.write_table(pa.table([same, same], schema=schema), row_group_size=rows)


#: What is measured, and beside what.
TARGETS: dict[str, tuple[Callable[[Path, int], None], str | None]] = {
    "ordinary addresses": (ordinary, None),
    "as many malformed rows among them": (malformed, "ordinary addresses"),
    "one account has all addresses": (one_account, "ordinary addresses"),
    "all accounts share one value of each kind": (one_value, "ordinary addresses"),
    "ordinary prompts": (ordinary_prompts, None),
    "one prompt in every row": (one_prompt, "ordinary prompts"),
    "gzip bomb": (gzip_bomb, None),
    "Parquet bomb": (parquet_bomb, None),
}


def measured(name: str, folder: Path, load_only: bool) -> dict[str, Any]:
    """Load one input, and analyse it if that is asked for, in this process alone."""
    outcome, began = "refused", cpu()
    loaded = began
    try:
        case = Case.create(folder / "case")
        load(case, [folder / "sources"], max_bad=1)
        loaded = cpu()
        outcome = "loaded"
        if not load_only:
            outcome = f"{analyse(case).info['counts']['findings']} findings"
    except InputError:
        loaded = cpu()
    return {
        "input": name,
        "MB": round(sum(p.stat().st_size for p in (folder / "sources").iterdir()) / 1e6, 3),
        "load s": round(loaded - began, 1),
        "analyse s": None if load_only else round(cpu() - loaded, 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "outcome": outcome,
    }


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
