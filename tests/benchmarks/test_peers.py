"""The peers find what their papers say they find."""

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.document import put_section
from benchmarks.quality.peers.components import capped_components, components
from benchmarks.quality.peers.evilcohort import evilcohort
from benchmarks.quality.peers.fraudar import densest_block
from benchmarks.quality.peers.synchrotrap import synchrotrap
from benchmarks.quality.peers.table import best_settings
from benchmarks.quality.peers.uses import Uses, without_singles
from benchmarks.quality.platforms import Platform, matrix

HOUR = 3_600.0


def uses_of(rows: list[tuple[int, str, float]], accounts: int) -> Uses:
    """Return the uses that events (account, key, time) make."""
    keys = sorted({key for _, key, _ in rows})
    pairs = sorted({(account, keys.index(key)) for account, key, _ in rows})
    account, value = np.array(pairs).T
    return Uses(
        analysed=None,  # type: ignore[arg-type]
        accounts=pa.array([f"a-{n}" for n in range(accounts)]),
        keys=pa.array(keys),
        account=account,
        value=value,
        kind=np.array([key.split(":")[0] for key in keys]),
        event_account=np.array([a for a, _, _ in rows]),
        event_value=np.array([keys.index(key) for _, key, _ in rows]),
        event_s=np.array([at for _, _, at in rows]),
    )


def groups(label: np.ndarray) -> list[list[int]]:
    return [np.flatnonzero(label == n).tolist() for n in range(label.max() + 1)]


def test_groups_of_one_have_no_label():
    assert without_singles(np.array([4, 7, 4, 9])).tolist() == [0, -1, 0, -1]


def test_one_lent_card_joins_two_rings_in_components_until_the_cap_is_under_it():
    ring = [(n, "device:one", 0.0) for n in (0, 1)] + [(n, "device:two", 0.0) for n in (2, 3)]
    hub = [(n, "payment:hub", 0.0) for n in range(6)]
    uses = uses_of(ring + hub, 6)
    assert groups(dict(components(uses))["cards, devices"]) == [[0, 1, 2, 3, 4, 5]]
    capped = dict(capped_components(uses))
    assert groups(capped["cards, devices; at most 5 accounts to a value"]) == [[0, 1], [2, 3]]


def test_evilcohort_joins_accounts_of_many_shared_addresses_only():
    rows = [(n, f"ip:192.0.2.{i}", 0.0) for n in (0, 1, 2) for i in range(5)]
    rows += [(n, "ip:198.51.100.1", 0.0) for n in (2, 3, 4)]
    found = dict(evilcohort(uses_of(rows, 5)))
    assert groups(found["5 shared addresses or more"]) == [[0, 1, 2]]
    assert found["7 shared addresses or more"].max() == -1


def test_synchrotrap_asks_for_the_same_target_at_the_same_time():
    together = [(n, f"ip:192.0.2.{i}", i * HOUR) for n in (0, 1) for i in range(4)]
    later = [(2, f"ip:192.0.2.{i}", i * HOUR + 40 * 86_400) for i in range(4)]
    found = dict(synchrotrap(uses_of(together + later, 3)))
    assert groups(found["window an hour; Jaccard 0.5"]) == [[0, 1]]
    assert groups(found["window ever; Jaccard 0.5"]) == [[0, 1, 2]]


def test_fraudar_finds_the_planted_block_beside_a_hub():
    block = [(n, f"device:{i}", 0.0) for n in range(6) for i in range(6)]
    noise = [(n, f"device:own-{n // 2}", 0.0) for n in range(6, 40)]
    hub = [(n, "device:hub", 0.0) for n in range(40)]
    accounts, _ = densest_block(uses_of(block + noise + hub, 40).matrix())
    assert set(accounts.tolist()) == set(range(6))


def test_a_peer_is_shown_at_its_best_setting_and_worlds_without_fraud_do_not_choose():
    rows = [
        ("peer", "low", "p-1", "ordinary", 0.5, 1.0),
        ("peer", "high", "p-1", "ordinary", 1.0, 0.2),
        ("peer", "high", "p-2", "no_fraud", None, None),
    ]
    figures = pd.DataFrame(
        [
            {
                "method": method,
                "setting": setting,
                "platform": platform,
                "world": world,
                "evasion": 0.0,
                "group": "",
                "measure": measure,
                "value": value,
            }
            for method, setting, platform, world, precision, recall in rows
            for measure, value in (("account_precision", precision), ("account_recall", recall))
        ]
    )
    assert best_settings(figures)["setting"].unique().tolist() == ["low"]


def test_a_world_without_fraud_stands_once_in_the_matrix_and_seeds_decide_the_split():
    platforms = matrix(["no_fraud", "ordinary"], [0.0, 0.7], [1, 101], 3_000)
    assert [(p.world, p.evasion, p.seed, p.split) for p in platforms] == [
        ("no_fraud", 0.0, 1, "develop"),
        ("no_fraud", 0.0, 101, "report"),
        ("ordinary", 0.0, 1, "develop"),
        ("ordinary", 0.0, 101, "report"),
        ("ordinary", 0.7, 1, "develop"),
        ("ordinary", 0.7, 101, "report"),
    ]
    assert Platform("resellers", 0.0, 1, 3_000).split == "report"


def test_a_measured_section_is_replaced_and_what_people_wrote_around_it_stays(tmp_path):
    document = tmp_path / "benchmarks.md"
    put_section(document, "Cost", "10 s")
    document.write_text(document.read_text() + "\nWhy so slow?\n")
    put_section(document, "Cost", "5 s")
    put_section(document, "Worlds", "all")
    text = document.read_text()
    assert "5 s" in text
    assert "10 s" not in text
    assert text.index("Why so slow?") < text.index("## Worlds")
