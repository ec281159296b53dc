"""Reading simulated tables beside their truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq


def table(folder: Path, name: str) -> pd.DataFrame:
    """Return a simulated table, every CSV column as text."""
    path = folder / f"{name}.parquet"
    return (
        pd.read_parquet(path) if path.exists() else pd.read_csv(folder / f"{name}.csv", dtype=str)
    )


def truth(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "truth" / "truth.csv", dtype=str)


def of_kind(folder: Path, name: str, kind: str) -> pd.DataFrame:
    """Return the rows of a table whose accounts belong to one kind of operator."""
    known = truth(folder).rename(columns={"kind": "operator_kind"})
    rows = table(folder, name).merge(known, on="account_id")
    return rows[rows.operator_kind == kind]


def accounts_per(folder: Path, name: str, column: str, kind: str) -> float:
    """Return the mean number of a kind's accounts that share one value of a column."""
    rows = of_kind(folder, name, kind).drop_duplicates(["account_id", column])
    return float(rows.groupby(column).size().mean())


def vectors(folder: Path) -> np.ndarray:
    """Return all prompts' embeddings, centred on their mean, at unit length."""
    column = pq.read_table(folder / "prompts.parquet")["embedding"].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    centred = flat.reshape(len(column), -1)
    centred = centred - centred.mean(axis=0)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)
