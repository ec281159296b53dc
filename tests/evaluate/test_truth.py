from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forensics.errors import InputError
from forensics.evaluate.truth import read_truth

CSV = """account_id,operator,verdict,kind
007,op-1,abusive,ring
008,op-1,abusive,ring
9,op-2,legitimate,honest
"""
ROWS = pa.table(
    {
        "account_id": ["007", "008", "9"],
        "operator": ["op-1", "op-1", "op-2"],
        "verdict": ["abusive", "abusive", "legitimate"],
        "kind": ["ring", "ring", "honest"],
    }
)


def written(folder: Path, text: str, name: str = "truth.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_all_three_formats_say_the_same(tmp_path: Path) -> None:
    lines = "\n".join(str(r).replace("'", '"') for r in ROWS.to_pylist())
    pq.write_table(ROWS, tmp_path / "truth.parquet")
    paths = (
        written(tmp_path, CSV),
        written(tmp_path, lines, "truth.jsonl"),
        tmp_path / "truth.parquet",
    )
    for truth in map(read_truth, paths):
        assert truth.account_id.to_pylist() == ["007", "008", "9"]
        assert truth.operator is not None
        assert truth.abusive is not None
        assert truth.operator.tolist() == [0, 0, 1]
        assert truth.abusive.tolist() == [True, True, False]
        assert truth.kinds == ("honest", "ring")
        assert truth.kind.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "account_id,verdict\na,guilty\n",
            "row 1, column 'verdict': not a verdict; found 'guilty'",
        ),
        ("account_id,operator\na,x\na,y\n", "row 2, column 'account_id': account 'a' stands there"),
        ("account_id,operator\na,x\nb,\n", "row 2, column 'operator': no value"),
        ("account,operator\na,x\n", "no column 'account_id'; did you mean 'account'?"),
        ("account_id,kind\na,x\n", "neither 'operator' nor 'verdict'"),
        ("account_id,operator\n", "no rows"),
        ("", "can't be read: Empty CSV file"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_truth(written(tmp_path, text))
    assert str(error.value).startswith("truth.csv")
    assert message in str(error.value)


def test_a_missing_file_and_an_unknown_ending(tmp_path: Path) -> None:
    for name in ("none.csv", "none"):
        with pytest.raises(InputError, match=rf"{name}: no such file"):
            read_truth(tmp_path / name)
    with pytest.raises(InputError, match=r"unknown kind of file; found \.xlsx"):
        read_truth(written(tmp_path, CSV, "truth.xlsx"))
