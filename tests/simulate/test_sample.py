"""The sample is what its README says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from forensics.cli.main import run_command
from tests.simulate.tables import truth

SAMPLE = Path(__file__).parents[2] / "sample_data"
README = (SAMPLE / "README.md").read_text()


def test_the_command_in_the_readme_makes_the_sample(tmp_path: Path) -> None:
    line = next(part for part in README.splitlines() if "forensics simulate" in part)
    _, command, _, *options = shlex.split(line)
    assert run_command([command, str(tmp_path / "again"), *options]) == 0
    made = sorted(p.relative_to(tmp_path / "again") for p in (tmp_path / "again").rglob("*.*"))
    here = sorted(p.relative_to(SAMPLE) for p in SAMPLE.rglob("*.*"))
    assert [p for p in here if p.name != "README.md"] == made
    for name in made:
        one, other = SAMPLE / name, tmp_path / "again" / name
        if name.suffix == ".csv":
            assert one.read_bytes() == other.read_bytes(), name
        else:
            _same_rows(one, other)


def _same_rows(one: Path, other: Path) -> None:
    """Compare Parquet files by their rows: the bytes name the library that wrote them."""
    a, b = pq.read_table(one), pq.read_table(other)
    assert a.schema == b.schema
    for column in a.column_names:
        if column == "embedding":
            x, y = (t[column].combine_chunks().flatten().to_numpy() for t in (a, b))
            np.testing.assert_allclose(x.astype(float), y.astype(float), atol=1e-3)
        else:
            assert a[column].equals(b[column]), column


def test_the_readme_counts_the_accounts_and_operators_of_every_kind() -> None:
    told = {
        kind: (int(accounts.replace(",", "")), int(operators.replace(",", "")))
        for kind, accounts, operators in re.findall(
            r"^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \|", README, re.M
        )
    }
    by_kind = truth(SAMPLE).groupby("kind")
    counted = pd.DataFrame({"a": by_kind.size(), "o": by_kind.operator.nunique()})
    assert told == {kind: (row.a, row.o) for kind, row in counted.iterrows()}


def test_the_sample_stays_below_ten_megabytes() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 10_000_000
