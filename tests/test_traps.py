"""The ten traps that a method has to survive (docs/method.md), each with a figure."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensics.analyse import analyse
from forensics.case.store import Case
from forensics.link.linkage import Linkage, link_accounts
from forensics.link.material import Collected, collect
from forensics.score.verdict import FINDINGS
from tests.platforms import DAY, DAYS, Found, Platform, analysed, stored, write_case

Folders = pytest.TempPathFactory


def ring_of(platform: Platform, name: str, count: int, key: int, **given: Any) -> list[str]:
    """Add a ring as published ones leak: one card, one device, three templates of its own."""
    ring = platform.crew(name, count, card=False, device=False, **given)
    for account in ring:
        platform.pay(account, f"tok-{name}", bin="411111")
        platform.use(account, f"dev-{name}")
    platform.recite(ring, [key, key + 1, key + 2], 3)
    return ring


def precision(found: Found, *crews: str) -> float:
    """Return the share of accounts in findings that belong to these crews."""
    accounts = [a for c in found.findings for a in c["members"]]
    return sum(a.rsplit("-", 1)[0] in crews for a in accounts) / max(len(accounts), 1)


# 1. A ring inflates its own identifiers' frequency.


@pytest.fixture(scope="module")
def large_ring(tmp_path_factory: Folders) -> tuple[Found, list[str]]:
    """100 accounts on one card, among 600 strangers, with ten templates of their own."""
    platform = Platform(people=600)
    ring = platform.crew("ring", 100, card=False)
    for account in ring:
        platform.pay(account, "tok-ring", bin="411111")
    platform.recite(ring, range(10), 1)
    return analysed(platform, tmp_path_factory.mktemp("large")), ring


def test_1_a_ring_on_one_card_is_one_abusive_cluster(large_ring: tuple[Found, list[str]]) -> None:
    found, ring = large_ring
    assert found.caught(ring) >= 0.98
    assert precision(found, "ring") == 1.0
    cluster = found.main(ring)
    assert cluster["verdict"] == "abusive"
    assert cluster["accounts"] >= 98


def test_1_the_card_of_the_ring_is_not_common(large_ring: tuple[Found, list[str]]) -> None:
    found, _ = large_ring
    (card,) = [row for row in found.rows("identifiers") if row["key"] == "payment:tok-ring"]
    assert card["accounts"] == 100
    assert card["operators"] < 3


# 2 to 5 and 7: a city of honest people, with all that makes them look coordinated.


class City:
    """600 honest accounts; who lives how."""

    def __init__(self) -> None:
        self.platform = platform = Platform(people=420)
        self.students = platform.crew("student", 90)
        self.bench = platform.crew("bench", 50)
        self.company = self._company("acme", 20, "198.51.100.1")
        self.small_company = self._company("tiny", 6, "198.18.7.1")
        self.family = platform.crew("family", 4, card=False)
        self.agency = platform.crew("agency", 15, card=False, signup_ip="203.0.113.200")
        self._carrier()
        self._campus()
        for account in self.family:
            platform.pay(account, "tok-family")
            self._at(account, "203.0.113.5", 4)
        for account in self.agency:
            platform.pay(account, "tok-agency")
            platform.add("declared", account_id=account, group_id="agency", kind="reseller")
        platform.recite(self.bench, range(5), 3)
        self._strangers_in_common()

    def _at(self, account: str, address: str, times: int) -> None:
        for minute in self.platform.moments(account, times):
            self.platform.connect(account, address, minute)

    def _company(self, name: str, count: int, office: str) -> list[str]:
        platform = self.platform
        staff = platform.crew(name, 0)
        for n in range(count):
            staff.append(
                platform.stranger(
                    f"{name}-{n:04}", card=False, email=f"staff{n}@{name}.example", plan="team",
                    organisation=name, joined=float(platform.rng.uniform(0, 40 * DAY)),
                )
            )  # fmt: skip
            platform.pay(staff[-1], f"tok-{name}", kind="invoice")
            self._at(staff[-1], office, 4)
        return staff

    def _carrier(self) -> None:
        for account in list(self.platform.joined)[:420]:
            self._at(account, "100.64.0.9", 3)

    def _campus(self) -> None:
        for account in self.students:
            for address in range(6):
                self._at(account, f"192.0.2.{address}", 1)

    def _strangers_in_common(self) -> None:
        """Give 300 pairs of strangers one thing in common: a cookie, a referral code, an exit."""
        platform = self.platform
        everybody = list(platform.joined)
        for kind in ("cookie", "referral", "fingerprint"):
            for n in range(100):
                for account in platform.rng.choice(everybody, 2, replace=False).tolist():
                    platform.identify(account, kind, f"{kind}-{n}")


@pytest.fixture(scope="module")
def city(tmp_path_factory: Folders) -> tuple[Found, City]:
    city = City()
    return analysed(city.platform, tmp_path_factory.mktemp("city")), city


@pytest.fixture(scope="module")
def linked_city(city: tuple[Found, City]) -> tuple[Collected, Linkage]:
    collected = collect(Case.open(city[0].run.folder.parent.parent))
    return collected, link_accounts(collected.material, top=40)


def test_2_strangers_behind_a_carriers_address_are_no_cluster(city: tuple[Found, City]) -> None:
    found, _ = city
    (carrier,) = [row for row in found.rows("identifiers") if row["key"] == "ip:100.64.0.9"]
    assert carrier["accounts"] == 420
    assert carrier["operators"] > 50
    assert not any(
        row["key"] == "ip:100.64.0.9" and row["bits"] > 2 for row in found.rows("reasons")
    )
    clustered = {a for c in found.clusters.values() for a in c["members"]}
    assert len([a for a in clustered if a.startswith("person")]) <= 6


def test_3_six_addresses_of_a_campus_weigh_no_more_than_one(
    linked_city: tuple[Collected, Linkage],
) -> None:
    """Students share six addresses and a prefix, and get less than the one carrier's address
    could give: nothing over two bits.
    """
    collected, linkage = linked_city
    pairs = between(collected, linkage, "student")
    assert len(pairs) > 0
    assert linkage.bits["address"][pairs].max() <= 2000


def test_3_a_family_of_templates_counts_once(linked_city: tuple[Collected, Linkage]) -> None:
    collected, linkage = linked_city
    pairs = between(collected, linkage, "bench")
    assert linkage.bits["template"][pairs].max() <= 4000  # five templates, three prompts each


def test_4_people_who_run_one_benchmark_are_no_finding(city: tuple[Found, City]) -> None:
    """Without references: that many unrelated people send it is what tells."""
    found, honest = city
    assert found.caught(honest.bench) == 0.0
    inside = [c for c in found.clusters.values() if set(honest.bench) & set(c["members"])]
    assert all(c["accounts"] <= 3 for c in inside)


def test_4_a_benchmark_that_references_name_is_public(tmp_path: Path) -> None:
    platform = Platform(people=150)
    bench = platform.crew("bench", 20)
    platform.recite(bench, range(3), 3)
    public = platform.geometry.embed(platform.geometry.points(np.arange(3)))
    for n, embedding in enumerate(stored(public)):
        platform.add("references", name=f"b{n}", kind="benchmark", embedding=embedding)
    found = analysed(platform, tmp_path)
    assert sum(row["public"] for row in found.rows("identifiers")) == 3
    assert found.caught(bench) == 0.0


@pytest.mark.parametrize(
    ("who", "explanation"),
    [
        ("company", "company"),
        ("small_company", "company"),
        ("agency", "reseller or agency"),
        ("family", "household"),
    ],
)
def test_5_one_legitimate_operator_is_found_whole_and_said_to_be_so(
    city: tuple[Found, City], who: str, explanation: str
) -> None:
    found, honest = city
    accounts = set(getattr(honest, who))
    cluster = found.main(accounts)
    assert set(cluster["members"]) == accounts
    assert (cluster["verdict"], cluster["explanation"]) == ("legitimate", explanation)


@pytest.mark.parametrize("count", [20, 200])
def test_5_strangers_on_a_test_token_are_no_finding(tmp_path: Path, count: int) -> None:
    """Cards are taken for personal, and a payment provider's test token is not."""
    platform = Platform(people=600)
    for n in range(count):
        platform.pay(f"person-{n:04}", "tok-test")
    assert analysed(platform, tmp_path).findings == []


def test_5_a_ring_that_calls_itself_a_company_does_not_get_it_for_free(tmp_path: Path) -> None:
    platform = Platform(people=150)
    ring = platform.crew("ring", 0)
    for n in range(12):
        ring.append(
            platform.stranger(
                f"ring-{n:04}", card=False, device=False, plan="team", organisation="Acme",
                email=f"u{n}@mailinator.com", joined=20_000.0 + 7 * n,
            )
        )  # fmt: skip
        platform.pay(ring[-1], "tok-ring", kind="virtual")
        platform.use(ring[-1], "dev-ring")
    platform.recite(ring, [1, 2, 3], 3)
    cluster = analysed(platform, tmp_path).main(ring)
    assert cluster["verdict"] == "abusive"
    assert cluster["accounts"] == 12


def test_7_a_platform_without_fraud_has_at_most_one_account_in_a_thousand_in_a_finding(
    city: tuple[Found, City],
) -> None:
    found, honest = city
    assert sum(c["accounts"] for c in found.findings) <= len(honest.platform.joined) / 1000
    assert found.run.info["chance"]["expected_findings"] <= 0.1


def between(collected: Collected, linkage: Linkage, crew: str) -> np.ndarray:
    """Return the candidate pairs of which both are of one crew."""
    names = collected.accounts["account_id"].to_pylist()
    mine = np.array([name.startswith(crew) for name in names])
    return np.flatnonzero(mine[linkage.pairs.a] & mine[linkage.pairs.b])


# 6. Bridges; 10. identity over time.


class Rings:
    """Two rings of eight that share one card, lent once, or one VPN exit of so many, or both."""

    def __init__(self, *, lent: bool = False, on_exit: int = 0) -> None:
        self.platform = platform = Platform(people=220)
        self.east = ring_of(platform, "east", 8, key=100, status="active")
        self.west = ring_of(platform, "west", 8, key=200, status="active")
        if lent:
            for account in (self.east[0], self.west[0]):
                platform.pay(account, "tok-lent")
        platform.add("networks", cidr="198.51.100.0/24", kind="vpn", name="Exits")
        for account in (*self.east[:on_exit], *self.west[:on_exit]):
            for minute in platform.moments(account, 3):
                platform.connect(account, "198.51.100.99", minute)


@pytest.fixture(scope="module")
def rings(tmp_path_factory: Folders) -> tuple[Found, Rings]:
    rings = Rings(lent=True)
    return analysed(rings.platform, tmp_path_factory.mktemp("rings")), rings


@pytest.mark.parametrize(("lent", "on_exit"), [(True, 0), (False, 3), (True, 3), (False, 8)])
def test_6_one_lent_card_and_one_vpn_exit_do_not_merge_two_rings(
    tmp_path: Path, lent: bool, on_exit: int
) -> None:
    built = Rings(lent=lent, on_exit=on_exit)
    found = analysed(built.platform, tmp_path)
    for ring in (built.east, built.west):
        assert sorted(found.main(ring)["members"]) == sorted(ring)
        assert found.main(ring)["verdict"] in FINDINGS


def test_6_the_accounts_that_share_the_lent_card_are_named_as_bridges(
    rings: tuple[Found, Rings],
) -> None:
    found, built = rings
    named = {row["account_id"] for row in found.rows("members") if row["bridge"]}
    assert named == {built.east[0], built.west[0]}
    assert found.main(built.east)["bridges"] >= 1


def test_10_tomorrow_the_same_cluster_has_the_same_id_and_what_became_of_it_is_told(
    rings: tuple[Found, Rings],
) -> None:
    """East is suspended and comes back with six accounts; three join West."""
    before, _ = rings
    built = Rings(lent=True)
    platform = built.platform
    for row in platform.rows["signups"]:
        if row["account_id"] in built.east:
            row |= {"status": "suspended"}
    again = platform.crew("east2", 6, card=False, device=False, joined=DAY * (DAYS - 3.0))
    more = platform.crew("west2", 3, card=False, device=False, joined=DAY * (DAYS - 3.0))
    for name, accounts, key in (("east", again, 100), ("west", more, 200)):
        for account in accounts:
            platform.pay(account, f"tok-{name}", bin="411111")
            platform.use(account, f"dev-{name}")
        platform.recite(accounts, [key, key + 1, key + 2], 3)
    root = before.run.folder.parent.parent
    after = Found(analyse(write_case(root, platform.rows)))
    east, west = before.main(built.east), before.main(built.west)
    assert after.main(built.east)["cluster_id"] == east["cluster_id"]
    assert after.main(built.west)["cluster_id"] == west["cluster_id"]
    assert set(after.main(built.east)["members"]) == {*built.east, *again}
    lineage = {(r["cluster_id"], r["kind"], r["accounts"]) for r in after.rows("lineage")}
    assert (east["cluster_id"], "returned", 8) in lineage
    assert (west["cluster_id"], "grew", 8) in lineage
    assert after.run.info["previous_run"] == before.run.run_id


# 8. Evasion.


def campaign_of(platform: Platform, leaks: float, cosine: float) -> list[str]:
    """Add forty accounts behind residential proxies that honest people are behind as well.

    A share `leaks` of them is on one of five devices, and one of three cards; the others have
    their own. All send paraphrases of six prompts.
    """
    campaign = platform.crew("campaign", 40, card=False, device=False)
    proxies = [f"77.{i}.{j}.9" for i in range(10) for j in range(15)]
    for account in (*campaign, *list(platform.joined)[:300:3]):
        for address in platform.rng.choice(proxies, 3, replace=False).tolist():
            platform.connect(account, address, platform.moments(account, 1)[0])
    platform.recite(campaign, range(6), 2, cosine)
    for n, account in enumerate(campaign):
        shared = platform.rng.random(2) < leaks
        platform.use(account, f"dev-farm-{n // 8}" if shared[0] else f"dev-own-{n}")
        platform.pay(account, f"tok-batch-{n % 3}" if shared[1] else f"tok-own-{n}")
    return campaign


@pytest.mark.parametrize(("leaks", "cosine", "recall"), [(1.0, 0.85, 0.95), (0.3, 0.72, 0.0)])
def test_8_where_a_campaign_evades_the_recall_falls_the_precision_does_not(
    leaks: float, cosine: float, recall: float, tmp_path: Path
) -> None:
    platform = Platform(people=300)
    campaign = campaign_of(platform, leaks, cosine)
    found = analysed(platform, tmp_path)
    assert all(a in campaign for c in found.findings for a in c["members"])
    assert found.caught(campaign) >= recall


# 9. Time.


def test_9_the_same_address_within_the_hour_is_not_the_same_address_a_month_apart(
    tmp_path: Path,
) -> None:
    """Thirty pairs each: within the hour, a month apart, and over overlapping weeks."""
    platform = Platform(people=400)
    for n in range(30):
        for kind, (first, second), until in (
            ("hour", (50_000.0, 50_020.0), None),
            ("month", (10_000.0, 55_000.0), None),
            ("range", (10_000.0, 12_000.0), 55_000.0),
        ):
            for account, minute in zip(
                platform.crew(f"{kind}{n:02}", 2, joined=100.0 * n), (first, second), strict=True
            ):
                platform.connect(account, f"203.{len(kind)}.{n}.7", minute, until)
    collected = collect(write_case(tmp_path / "case", platform.rows))
    linkage = link_accounts(collected.material, top=40)
    (address,) = [o for o in linkage.observations if o.name == "address"]
    agree = np.flatnonzero(address.level >= address.levels.index("same address at other times"))
    bits = {
        kind: linkage.bits["address"][np.intersect1d(between(collected, linkage, kind), agree)]
        for kind in ("hour", "month", "range")
    }
    assert [len(found) for found in bits.values()] == [30, 30, 30]
    assert bits["hour"].min() >= bits["month"].max() + 1000
    assert bits["range"].max() <= bits["month"].max()


def test_9_activity_in_the_same_minutes_is_evidence_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six accounts share nothing but thirty minutes; six others have as many of their own."""
    monkeypatch.setattr("forensics.link.linkage.LEAST", -99_000)  # keep what is no link as well
    platform = Platform(people=300)
    together, apart = platform.crew("together", 6), platform.crew("apart", 6)
    minutes = platform.rng.uniform(40_000, 60_000, 30)
    for n, account in enumerate(together):
        for minute in minutes:
            platform.connect(account, f"10.1.{n}.1", float(minute))
    for n, account in enumerate(apart):
        for minute in platform.rng.uniform(40_000, 60_000, 30):
            platform.connect(account, f"10.2.{n}.1", float(minute))
    collected = collect(write_case(tmp_path / "case", platform.rows))
    linkage = link_accounts(collected.material, top=40)
    pairs = between(collected, linkage, "together")
    assert len(pairs) == len(list(combinations(together, 2)))
    assert linkage.bits["synchrony"][pairs].min() >= 3000
    assert all(linkage.bits["synchrony"][p] <= 0 for p in between(collected, linkage, "apart"))
