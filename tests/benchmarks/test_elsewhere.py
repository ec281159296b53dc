"""The platforms that somebody else imagined: exact promises about their truth."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from benchmarks.elsewhere.build import platform
from benchmarks.elsewhere.worlds import WORLDS


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        platform("town", 0.4, 3, 300).write(tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "first") for p in (tmp_path / "first").rglob("*.*"))
    assert {Path("truth/truth.csv"), Path("prompts.parquet")} <= set(files)
    for file in files:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_every_account_has_a_truth_row(world: str, tmp_path: Path) -> None:
    tables = platform(world, 0.7, 1, 400)
    tables.write(tmp_path)
    with (tmp_path / "truth" / "truth.csv").open(newline="") as file:
        truth = [row["account_id"] for row in csv.DictReader(file)]
    assert len(truth) == len(set(truth)) == 400
    assert set(truth) == {row[0] for row in tables.rows["signups"]}
    for name in ("payments", "ips", "devices", "identifiers", "declared"):
        assert {row[0] for row in tables.rows[name]} <= set(truth)


def test_a_world_without_fraud_has_no_abusive_account() -> None:
    assert {row[2] for row in platform("calm", 0.0, 1, 500).rows["truth"]} == {"legitimate"}
    assert {row[2] for row in platform("town", 0.0, 1, 500).rows["truth"]} > {"legitimate"}


def test_one_persons_accounts_are_one_operator() -> None:
    rows = platform("consumer", 0.0, 2, 1_000).rows
    names = {row[0]: row[4] for row in rows["signups"]}
    people = defaultdict(list)
    for account, operator, verdict, kind in rows["truth"]:
        if kind in ("several", "returner"):
            assert verdict == "legitimate"
            people[operator].append(names[account])
    assert len(people) > 10
    assert all(2 <= len(own) <= 3 and len(set(own)) == 1 for own in people.values())
