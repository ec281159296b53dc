from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from forensics.case.tables import TABLES
from forensics.errors import InputError
from forensics.simulate.cohort import KINDS
from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate
from forensics.simulate.worlds import WORLDS
from tests.simulate.conftest import Platform
from tests.simulate.tables import of_kind, table, truth


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_options_give_the_same_bytes(platform: Platform, tmp_path: Path) -> None:
    simulate(tmp_path / "again", SimulationOptions(accounts=1_500, dimension=64, seed=4))
    first = digests(platform(seed=4))
    assert digests(tmp_path / "again") == first
    other = digests(platform(seed=5))
    same = {name for name in first if first[name] == other[name]}
    assert same == {"events.csv", "networks.csv"}


def test_every_column_is_one_that_the_case_knows(platform: Platform) -> None:
    for folder in (platform(), platform(world="students")):
        paths = sorted(p for p in folder.iterdir() if p.is_file())
        assert {p.stem for p in paths} <= set(TABLES)
        for path in paths:
            known = TABLES[path.stem]
            columns = set(table(folder, path.stem).columns)
            assert set(known.required) <= columns <= set(known.columns), path.name
            for column, choices in known.choices.items():
                assert set(table(folder, path.stem)[column].dropna()) <= set(choices)


def test_tables_tell_of_accounts_that_signed_up_before(platform: Platform) -> None:
    folder = platform()
    created = table(folder, "signups").set_index("account_id")["created_at"]
    assert created.index.is_unique
    for name in ("payments", "ips", "devices", "prompts"):
        rows = table(folder, name)
        at = pd.to_datetime(rows["at"], utc=True)
        joined = pd.to_datetime(rows["account_id"].map(created), utc=True)
        # Whole seconds in one file, microseconds in another.
        assert (at >= joined - pd.Timedelta(seconds=1)).all(), name
        assert at.max() < pd.Timestamp("2026-02-15", tz="UTC")


def test_truth_has_every_account_once(platform: Platform) -> None:
    known = truth(platform())
    assert sorted(known.account_id) == sorted(table(platform(), "signups").account_id)
    kinds = {world: set(truth(platform(world=world)).kind) for world in ("ordinary", "gatherings")}
    assert kinds["gatherings"] == set(KINDS)
    assert set(KINDS) - kinds["ordinary"] == {"hackathon", "course", "school", "testers", "agency"}
    assert (known.groupby("operator")[["verdict", "kind"]].nunique() == 1).all(axis=None)


def test_the_great_majority_is_honest(platform: Platform) -> None:
    abusive = (truth(platform()).verdict == "abusive").mean()
    assert 0.06 <= abusive <= 0.10


def test_account_ids_and_their_order_tell_nothing(platform: Platform) -> None:
    """The mean rank of abusive accounts among all ids is that of a random sample."""
    known = truth(platform()).sort_values("account_id").reset_index()
    abusive = known.index[known.verdict == "abusive"]
    spread = len(known) / (12 * len(abusive)) ** 0.5
    assert abs(abusive.to_numpy().mean() - len(known) / 2) < 3 * spread


def test_strangers_share_what_strangers_do_share(platform: Platform) -> None:
    """Carrier addresses, a campus, virtual cards' BINs, course bursts: none means one operator."""
    folder = platform()
    ips, known = table(folder, "ips"), truth(folder).set_index("account_id")
    operators = ips.groupby("ip").account_id.agg(lambda a: known.operator[a].nunique())
    assert operators.max() >= 50
    payments = table(folder, "payments").drop_duplicates("account_id")
    virtual = payments[payments.kind == "virtual"]
    assert virtual.groupby("bin").account_id.nunique().max() >= 10
    joined = pd.to_datetime(of_kind(folder, "signups", "campus").created_at, utc=True)
    assert joined.dt.floor("3h").value_counts().max() >= 15


def test_one_payer_stands_behind_a_company_and_a_reseller(platform: Platform) -> None:
    for kind in ("company", "reseller"):
        cards = of_kind(platform(), "payments", kind).groupby("operator").instrument_id.nunique()
        assert (cards == 1).all()
    devices = of_kind(platform(), "devices", "company").groupby("device_id").account_id.nunique()
    assert (devices == 1).all()


def test_one_card_is_lent_between_two_rings(platform: Platform) -> None:
    cards = of_kind(platform(accounts=3_000), "payments", "small_ring")
    assert (cards.groupby("instrument_id").operator.nunique() == 2).any()


def test_banned_accounts_of_a_proxy_network_come_back_within_hours(platform: Platform) -> None:
    rows = of_kind(platform(accounts=3_000), "signups", "proxy_network")
    joined = pd.to_datetime(rows.created_at, utc=True).sort_values()
    banned = pd.to_datetime(rows.status_at[rows.status == "suspended"], utc=True)
    assert len(banned) >= 10
    after = [((joined - at).dt.total_seconds()[lambda s: s >= 0]).min() for at in banned]
    assert (pd.Series(after) < 6 * 3600).mean() > 0.8


def test_worlds_leave_out_what_they_do_not_record(platform: Platform) -> None:
    for world in ("no_prompts", "missing_tables"):
        folder = platform(world=world)
        names = {p.stem for p in folder.iterdir() if p.is_file()}
        assert not names & set(WORLDS[world].left_out)
    signups = table(platform(world="missing_tables"), "signups")
    assert not {"device_id", "phone"} & set(signups.columns)


def test_nobody_is_abusive_where_there_is_no_fraud(platform: Platform) -> None:
    assert set(truth(platform(world="no_fraud")).verdict) == {"legitimate"}


@pytest.mark.parametrize(("world", "dimension"), [("ordinary", 384), ("wide_embeddings", 768)])
def test_a_world_has_its_dimension(platform: Platform, world: str, dimension: int) -> None:
    folder = platform(world=world, dimension=None, accounts=300)
    for name in ("prompts", "references"):
        assert pq.read_schema(folder / f"{name}.parquet").field("embedding").type.list_size == (
            dimension
        )


def test_the_mean_number_of_prompts_is_the_option(platform: Platform) -> None:
    prompts = table(platform(prompts_per_account=3.0), "prompts")
    assert len(prompts) == pytest.approx(3 * 1_500, rel=0.05)
    assert prompts.prompt_id.is_unique


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        simulate(tmp_path, SimulationOptions(accounts=100))
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
