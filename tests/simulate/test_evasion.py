"""Evasion does what its definition says, measured in what the campaigns leave behind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forensics.simulate.plan import closeness
from tests.simulate.conftest import Platform
from tests.simulate.tables import accounts_per, of_kind, table, truth, vectors

N = 5_000
LEVELS = (0.0, 0.5)


@pytest.mark.parametrize(
    ("name", "column", "kind", "shared"),
    [
        ("payments", "instrument_id", "proxy_network", 18),
        ("devices", "device_id", "proxy_network", 12),
        ("devices", "device_id", "device_farm", 14),
        ("devices", "device_id", "trial_abuse", 9),
    ],
)
def test_half_evasion_halves_the_accounts_per_card_and_device(
    platform: Platform, name: str, column: str, kind: str, shared: int
) -> None:
    for evasion in LEVELS:
        found = accounts_per(platform(accounts=N, evasion=evasion), name, column, kind)
        assert found == pytest.approx(shared * (1 - evasion), rel=0.15)


def test_full_evasion_gives_every_account_a_card_and_device(platform: Platform) -> None:
    folder = platform(accounts=N, evasion=1.0)
    for kind in ("datacentre_lab", "proxy_network"):
        assert accounts_per(folder, "payments", "instrument_id", kind) == 1.0
        assert accounts_per(folder, "devices", "device_id", kind) == 1.0


def test_careful_accounts_share_no_card_device_or_home_at_all(platform: Platform) -> None:
    folder = platform(accounts=N, evasion=0.0)
    assert accounts_per(folder, "payments", "instrument_id", "careful") == 1.0
    assert accounts_per(folder, "devices", "device_id", "careful") == 1.0
    assert of_kind(folder, "payments", "careful").groupby("operator").bin.nunique().max() == 1


def test_own_addresses_are_used_less_and_proxies_are_more(platform: Platform) -> None:
    own, spread = [], []
    for evasion in LEVELS:
        folder = platform(accounts=N, evasion=evasion)
        networks = table(folder, "networks")
        rows = of_kind(folder, "ips", "proxy_network")
        blocks = networks.cidr[networks.name.str.startswith("Hosting")].str.removesuffix(".0/24")
        inside = rows.ip.str.rsplit(".", n=1).str[0].isin(set(blocks))
        own.append(inside.mean())
        spread.append(rows[~inside].groupby("ip").account_id.nunique().mean())
    assert own[0] == pytest.approx(0.35 / 1.35, abs=0.04)
    assert own[1] == pytest.approx(0.175 / 1.175, abs=0.04)
    # Six times the addresses: the same accounts meet on each far less often.
    assert spread[1] < spread[0] / 3


def test_sign_ups_spread_over_more_days(platform: Platform) -> None:
    days = []
    for evasion in LEVELS:
        rows = of_kind(platform(accounts=N, evasion=evasion), "signups", "careful")
        at = pd.to_datetime(rows.created_at, utc=True)
        days.append((at.max() - at.min()).total_seconds() / 86_400)
    assert 7 <= days[0] <= 11
    assert 14 <= days[1] <= 21


@pytest.mark.parametrize(("evasion", "pair"), [(0.0, 0.90), (0.35, 0.77), (0.7, 0.64), (1.0, 0.64)])
def test_paraphrases_move_apart(platform: Platform, evasion: float, pair: float) -> None:
    assert closeness(evasion) ** 2 == pytest.approx(pair)


@pytest.mark.parametrize("evasion", [0.0, 0.7])
def test_variants_lie_around_their_centre_at_that_cosine(
    platform: Platform, evasion: float
) -> None:
    """Measured in the written file: the prompts of careful accounts."""
    folder = platform(evasion=evasion, dimension=384, campaign_share=0.5)
    kinds = truth(folder).set_index("account_id").kind
    mine = (table(folder, "prompts").account_id.map(kinds) == "careful").to_numpy()
    x = vectors(folder)[mine]
    cosines = x @ x.T
    alike = cosines > 0.52 if evasion else cosines > 0.75
    np.fill_diagonal(alike, False)
    # The mean of a template's variants is its centre; take the prompt with most neighbours.
    variants = x[alike[alike.sum(axis=1).argmax()]]
    centre = variants.mean(axis=0) / np.linalg.norm(variants.mean(axis=0))
    assert np.median(variants @ centre) == pytest.approx(closeness(evasion), abs=0.025)


def test_templates_shrink_among_the_prompts(platform: Platform) -> None:
    shares = []
    for evasion in LEVELS:
        rows = of_kind(platform(accounts=N, evasion=evasion), "prompts", "careful")
        # Themed answers are long: mean log tokens 6.8 against 5.6 elsewhere.
        shares.append((np.log(rows.tokens_out).mean() - 5.6) / 1.2)
    assert shares[0] == pytest.approx(0.75, abs=0.08)
    assert shares[1] == pytest.approx(0.75 * 0.65, abs=0.08)


def test_synchronised_minutes_shrink(platform: Platform) -> None:
    """Share of a lab's sessions that start within a minute of another account's."""
    together = []
    for evasion in (0.0, 1.0):
        rows = of_kind(platform(accounts=N, evasion=evasion), "ips", "datacentre_lab")
        rows = rows.sort_values("at")
        gap = rows["at"].diff().dt.total_seconds()
        other = rows.account_id != rows.account_id.shift()
        together.append((other & (gap < 20)).mean())
    assert together[0] > 1.5 * together[1]


def test_honest_accounts_do_not_change_with_evasion(platform: Platform) -> None:
    cards = [
        set(of_kind(platform(accounts=N, evasion=e), "payments", "company").instrument_id)
        for e in LEVELS
    ]
    assert cards[0] == cards[1]
