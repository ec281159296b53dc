"""The truth file: who really runs which account, and whether that operator is abusive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forensics.errors import InputError, nearest

COLUMNS = ("account_id", "operator", "verdict", "kind")
VERDICTS = ("abusive", "legitimate")


@dataclass(frozen=True)
class Truth:
    """What is known of n accounts.

    `operator` and `kind` number the entries of `operators` and `kinds`; `operator` is None where
    the file has no such column, and so is `abusive` without a verdict.
    """

    account_id: pa.Array
    operator: NDArray[np.int64] | None
    abusive: NDArray[np.bool_] | None
    kind: NDArray[np.int64]
    kinds: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.account_id)


def read_truth(path: Path) -> Truth:
    """Read a truth file (CSV, JSON Lines or Parquet, by its ending).

    Raises:
        InputError: it can't be read, a column is missing, or accounts or verdicts are wrong.
    """
    table = _read(path)
    if "account_id" not in table.column_names:
        raise InputError(
            "no column 'account_id'" + nearest("account_id", table.column_names),
            file=path.name,
            found=", ".join(table.column_names) or "no columns",
            expected=", ".join(COLUMNS),
        )
    if not {"operator", "verdict"} & set(table.column_names):
        raise InputError(
            "neither 'operator' nor 'verdict' is there, so nothing can be measured",
            file=path.name,
            found=", ".join(table.column_names),
            expected=", ".join(COLUMNS),
        )
    names = [name for name in COLUMNS if name in table.column_names]
    return truth_of(pa.table({n: table[n].cast(pa.string()) for n in names}), path.name)


def truth_of(table: pa.Table, name: str = "truth") -> Truth:
    """Return the truth that a table of text columns holds; `name` stands in messages.

    Raises:
        InputError: an account is missing or stands there twice, or a value is not known.
    """
    if not table.num_rows:
        raise InputError("no rows", file=name, expected="one row per account")
    for column in table.column_names:
        _refuse_missing(table[column], column, name)
    accounts = table["account_id"].combine_chunks()
    _refuse_doubles(accounts, name)
    kind = _codes(table["kind"]) if "kind" in table.column_names else None
    return Truth(
        accounts,
        _codes(table["operator"])[0] if "operator" in table.column_names else None,
        _abusive(table["verdict"], name) if "verdict" in table.column_names else None,
        kind[0] if kind else np.zeros(len(accounts), np.int64),
        kind[1] if kind else ("all",),
    )


def _read(path: Path) -> pa.Table:
    if not path.exists():
        raise InputError("no such file", file=str(path))
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        if path.suffix in (".jsonl", ".ndjson"):
            return pa_json.read_json(path)
        if path.suffix == ".csv":
            text = pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in COLUMNS}, strings_can_be_null=True
            )
            return pa_csv.read_csv(path, convert_options=text)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}", file=str(path)) from None
    except pa.ArrowInvalid as error:
        raise InputError(f"can't be read: {error}", file=path.name) from None
    raise InputError(
        "unknown kind of file",
        file=path.name,
        found=path.suffix or "no ending",
        expected=".csv, .jsonl or .parquet",
    )


def _refuse_missing(column: pa.ChunkedArray, name: str, file: str) -> None:
    if column.null_count:
        row = pc.index(pc.is_null(column), True).as_py()
        raise InputError("no value", file=file, row=row + 1, column=name)


def _refuse_doubles(accounts: pa.Array, file: str) -> None:
    counts = pc.value_counts(accounts)
    often = pc.greater(counts.field("counts"), 1)
    if pc.any(often).as_py():
        account = counts.field("values").filter(often)[0]
        rows = np.flatnonzero(pc.equal(accounts, account).to_numpy(zero_copy_only=False))
        raise InputError(
            f"account '{account}' stands there twice (first in row {rows[0] + 1:,})",
            file=file,
            row=int(rows[1]) + 1,
            column="account_id",
            expected="one row per account",
        )


def _abusive(column: pa.ChunkedArray, file: str) -> NDArray[np.bool_]:
    known = pc.is_in(column, pa.array(VERDICTS))
    if not pc.all(known).as_py():
        row = pc.index(known, False).as_py()
        raise InputError(
            "not a verdict",
            file=file,
            row=row + 1,
            column="verdict",
            found=f"'{column[row].as_py()}'",
            expected=" or ".join(VERDICTS),
        )
    return np.asarray(pc.equal(column, "abusive"))


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number the values of a column in their sorted order."""
    values = pc.unique(column).sort()
    return np.asarray(pc.index_in(column, values), dtype=np.int64), tuple(values.to_pylist())
