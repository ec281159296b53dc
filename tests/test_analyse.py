"""The analysis as a whole: runs that add up, degenerate data, the same bytes for the same input."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensics.analyse import analyse
from forensics.case.labels import Label, add_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.case.tables import TABLES
from forensics.errors import CaseError
from forensics.ingest.load import load
from tests.platforms import DAY, Found, Platform, Rows, analysed, at, write_case


def rings(people: int = 70) -> Platform:
    """Strangers, and two rings: on a card and a device; on a device, a tax number and two cards.

    Half of either declare one country and half another, so that there are ties to break.
    """
    platform = Platform(people=people)
    for account in platform.joined:
        platform.identify(account, "tax_id", f"DE-{account}")
    for name, key in (("card", 10), ("farm", 20)):
        ring = [
            platform.stranger(
                f"{name}-{n}", card=False, device=False,
                country=("DE", "FR")[n % 2], status="active",
            )
            for n in range(6)
        ]  # fmt: skip
        for n, account in enumerate(ring):
            platform.use(account, f"dev-{name}")
            if name == "card":
                platform.pay(account, "tok-card", issuer_country=("PL", "FR")[n // 3])
            else:
                platform.pay(account, f"tok-farm-{n // 3}")
                platform.connect(account, "192.0.2.5", 50_000 + n)
                platform.identify(account, "tax_id", "DE-77")
        platform.recite(ring, [key, key + 1], 3)
    platform.add("networks", cidr="192.0.2.0/24", kind="datacenter", asn=1, name="Host")
    return platform


@pytest.fixture(scope="module")
def platform() -> Platform:
    return rings()


@pytest.fixture(scope="module")
def found(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Found:
    return analysed(platform, tmp_path_factory.mktemp("found"))


@pytest.fixture
def analysed_case(found: Found, tmp_path: Path) -> Case:
    """The case in which `found` was found, for a test of its own."""
    root = found.run.folder.parent.parent
    return Case.open(Path(shutil.copytree(root, tmp_path / "case")))


# A run that adds up.


def test_every_table_of_a_run_is_there_with_its_schema(found: Found) -> None:
    for name, schema in SCHEMAS.items():
        assert found.run.read(name).schema.equals(schema), name


def test_the_rings_are_the_findings(found: Found) -> None:
    assert sorted(sorted(c["members"]) for c in found.findings) == [
        [f"card-{n}" for n in range(6)],
        [f"farm-{n}" for n in range(6)],
    ]


def test_an_account_is_in_one_cluster_at_most_and_clusters_count_their_members(
    found: Found,
) -> None:
    members = [row["account_id"] for row in found.rows("members")]
    assert len(set(members)) == len(members)
    for cluster in found.clusters.values():
        assert cluster["accounts"] == len(cluster["members"]) >= 2
        assert cluster["active"] + cluster["suspended"] <= cluster["accounts"]
    assert [c["rank"] for c in found.clusters.values()] == list(range(1, len(found.clusters) + 1))


def test_scores_are_probabilities(found: Found) -> None:
    for cluster in found.clusters.values():
        for name in ("coordination", "abuse", "q_value", "stability"):
            assert cluster[name] is None or 0 <= cluster[name] <= 1
    assert all(0 <= row["membership"] <= 1 for row in found.rows("members"))


def test_links_know_the_cluster_that_both_ends_are_in(found: Found) -> None:
    of = {row["account_id"]: row["cluster_id"] for row in found.rows("members")}
    for row in found.rows("links"):
        a, b = of.get(row["account_a"]), of.get(row["account_b"])
        assert row["cluster_id"] == (a if a == b else None)
    inside = [row["cluster_id"] for row in found.rows("links")]
    for cluster_id, cluster in found.clusters.items():
        assert cluster["links"] == inside.count(cluster_id)


def test_the_summary_counts_what_the_tables_hold(found: Found, platform: Platform) -> None:
    info = found.run.info
    verdicts = [c["verdict"] for c in found.clusters.values()]
    assert info["counts"]["accounts"] == len(platform.joined)
    assert info["counts"]["findings"] == len(found.findings) == 2
    for verdict in ("abusive", "coordinated", "legitimate", "unclear"):
        assert info["counts"][verdict] == verdicts.count(verdict)
    assert info["tables"] == {name: len(rows) for name, rows in platform.rows.items()}
    assert info["coverage"] == {"devices": 1.0, "ips": 1.0, "payments": 1.0, "prompts": 1.0}
    assert info["missing"] == []
    assert info["chance"]["shuffles"] >= 10


def test_rows_before_the_sign_up_are_counted_and_told(tmp_path: Path) -> None:
    platform = Platform(people=6)
    platform.connect("person-0001", "192.0.2.5", platform.joined["person-0001"] - 1)
    platform.connect("person-0002", "192.0.2.5", -900 * DAY)
    platform.pay("person-0003", "tok", platform.joined["person-0003"] - DAY)
    platform.connect("person-0003", "192.0.2.5", platform.joined["person-0003"])
    platform.connect("no-sign-up", "192.0.2.5", -900 * DAY)
    info = analysed(platform, tmp_path).run.info
    assert info["before_signup"] == {"payments": 1, "ips": 2}
    assert info["notes"][:2] == [
        "Rows of payments before their account's sign-up: 1, kept, left out of timing evidence",
        "Rows of ips before their account's sign-up: 2, kept, left out of timing evidence",
    ]


def test_each_cluster_has_its_evidence_signals_and_explanations(found: Found) -> None:
    for table in ("evidence", "signals", "explanations"):
        told = {row["cluster_id"] for row in found.rows(table)}
        assert told == set(found.clusters), table
    for row in found.rows("evidence"):
        assert 0 <= row["coordination_without"] <= 1


def test_an_empty_case_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="load sign-ups with forensics ingest"):
        analyse(Case.create(tmp_path / "case"))


def test_a_label_is_shown_beside_the_verdict_and_one_changes_none(
    platform: Platform, found: Found, tmp_path: Path
) -> None:
    case = write_case(tmp_path / "case", platform.rows)
    (ring,) = [c for c in found.findings if "card-0" in c["members"]]
    add_labels(case, [
        Label("legitimate", "2026-03-01T00:00:00Z", account_id="card-0", by="me"),
        Label("legitimate", "2026-03-01T00:00:00Z", cluster_id=ring["cluster_id"], by="me"),
    ])  # fmt: skip
    labelled = Found(analyse(case))
    cluster = labelled.clusters[ring["cluster_id"]]
    assert (cluster["verdict"], cluster["label"]) == (ring["verdict"], "legitimate")
    told = {row["account_id"]: row["label"] for row in labelled.rows("accounts")}
    assert told["card-0"] == "legitimate"
    assert set(told.values()) == {"legitimate", None}


def test_labels_calibrate_all_clusters_alike(found: Found, analysed_case: Case) -> None:
    """One of the two rings is labelled, account by account and as a cluster; both are moved."""
    at = "2026-03-01T00:00:00Z"
    (ring,) = [c for c in found.findings if "card-0" in c["members"]]
    add_labels(analysed_case, [
        Label("legitimate", at, account_id="card-0", operator="a"),
        Label("legitimate", at, cluster_id=ring["cluster_id"], operator="b"),
    ])  # fmt: skip
    labelled = Found(analyse(analysed_case))
    calibrations = labelled.run.info["calibrations"]
    assert {score: c["clusters"] for score, c in calibrations.items()} == {
        "coordination": 1, "abuse": 1,
    }  # fmt: skip
    said = "Scores are calibrated by labelled clusters: one operator by 1, abuse by 1"
    assert said in labelled.run.info["notes"]
    for before in found.findings:
        after = labelled.clusters[before["cluster_id"]]
        # One of six members is another operator's, and nobody is abusive: less of both.
        assert after["coordination"] < before["coordination"]
        assert after["abuse"] < before["abuse"]
        for score in ("coordination", "abuse"):
            assert after[f"measured_{score}"] == before[f"measured_{score}"]


# Degenerate data neither crash nor mislead.


def strangers(count: int, **given: Any) -> Platform:
    return Platform(people=count, **given)


def one_account() -> Platform:
    return strangers(1)


def two_accounts() -> Platform:
    return strangers(2)


def nothing_shared() -> Platform:
    platform = strangers(60, prompts=0)
    for row in platform.rows["signups"]:
        row |= {"email": None}
    for n, row in enumerate(platform.rows["ips"]):
        row |= {"ip": f"10.{n % 251}.{n // 251}.{n % 199}"}
    return platform


def every_account_on_one_address() -> Platform:
    platform = strangers(60)
    for account in platform.joined:
        for minute in platform.moments(account, 3):
            platform.connect(account, "192.0.2.1", minute)
    return platform


def only_one_address_is_known() -> Platform:
    platform = strangers(60, prompts=0)
    for row in platform.rows["ips"]:
        row |= {"ip": "192.0.2.1"}
    return platform


def every_prompt_the_same() -> Platform:
    platform = strangers(60)
    for row in platform.rows["prompts"]:
        row |= {"embedding": platform.rows["prompts"][0]["embedding"]}
    return platform


def all_times_equal() -> Platform:
    platform = strangers(60)
    for rows in platform.rows.values():
        for row in rows:
            row |= {k: at(0) for k in ("created_at", "first_seen", "last_seen", "at") if k in row}
    return platform


def embeddings_of_zeros() -> Platform:
    platform = strangers(60)
    for row in platform.rows["prompts"]:
        row |= {"embedding": bytes(len(row["embedding"]))}
    return platform


def every_account_on_one_device() -> Platform:
    platform = strangers(60)
    for row in platform.rows["devices"]:
        row |= {"device_id": "default"}
    return platform


def every_account_on_one_card() -> Platform:
    platform = strangers(60)
    for row in platform.rows["payments"]:
        row |= {"instrument_id": "unknown"}
    return platform


def only(*tables: str) -> Platform:
    platform = strangers(50)
    platform.rows = {name: rows for name, rows in platform.rows.items() if name in tables}
    return platform


def without(table: str) -> Platform:
    platform = strangers(50)
    del platform.rows[table]
    return platform


def only_sign_ups() -> Platform:
    return only("signups")


def only_payments() -> Platform:
    return only("payments")


def only_prompts() -> Platform:
    return only("prompts")


def no_sign_ups() -> Platform:
    return without("signups")


def bare_sign_ups_in_one_second() -> Platform:
    platform = Platform()
    for n in range(80):
        platform.join(f"a{n}", 0)
    return platform


DEGENERATE = [
    one_account, two_accounts, nothing_shared, every_account_on_one_address,
    only_one_address_is_known, every_prompt_the_same, all_times_equal, embeddings_of_zeros,
    every_account_on_one_device, only_sign_ups, only_payments, only_prompts, no_sign_ups,
]  # fmt: skip


@pytest.mark.parametrize("build", DEGENERATE, ids=lambda b: b.__name__)
def test_degenerate_data_neither_crash_nor_mislead(build: Any, tmp_path: Path) -> None:
    found = analysed(build(), tmp_path)
    assert found.findings == []
    assert sum(c["verdict"] == "legitimate" for c in found.clusters.values()) == 0
    assert set(SCHEMAS) == {p.stem for p in found.run.folder.glob("*.parquet")}
    json.dumps(found.run.info, allow_nan=False)


def test_bare_sign_ups_are_a_run_without_clusters(tmp_path: Path) -> None:
    found = analysed(bare_sign_ups_in_one_second(), tmp_path)
    assert found.clusters == {}
    assert found.run.info["counts"]["accounts"] == 80


def test_reference_data_alone_is_no_platform(tmp_path: Path) -> None:
    rows: dict[str, Rows] = {"networks": [{"cidr": "192.0.2.0/24", "kind": "vpn"}]}
    with pytest.raises(CaseError, match="sign-ups"):
        analyse(write_case(tmp_path / "case", rows))


@pytest.mark.parametrize("table", ["payments", "ips", "prompts", "devices"])
def test_a_table_that_is_missing_is_named_with_what_it_hides(table: str, tmp_path: Path) -> None:
    info = analysed(without(table), tmp_path).run.info
    assert info["missing"] == [table]
    assert table not in info["coverage"]
    assert any(table in note for note in info["notes"])


def test_evidence_that_comes_from_another_table_is_not_missing(tmp_path: Path) -> None:
    platform = Platform()
    for account in ("a", "b"):
        platform.join(account, 0, signup_ip="192.0.2.1", device_id="dev")
        platform.identify(account, "payment", "tok")
    info = analysed(platform, tmp_path).run.info
    assert info["missing"] == ["prompts"]
    assert info["notes"] == ["No prompts: templates and what accounts ask can't be seen"]
    assert info["coverage"] == {"payments": 1.0, "ips": 1.0, "devices": 1.0}


def test_of_released_groups_it_is_not_said_that_they_share_nothing(tmp_path: Path) -> None:
    """The rings share devices and cards."""
    notes = analysed(rings(), tmp_path, settings="[cluster]\nrelease_below = 1.0\n").run.info[
        "notes"
    ]
    assert (
        "2 groups of 12 linked accounts are no clusters: they share where they are or what they "
        "send, and too little of their own"
    ) in notes


def test_values_that_are_nobodys_own_are_said_and_join_nobody(tmp_path: Path) -> None:
    platform = Platform(people=60)
    zeros = "00000000-0000-0000-0000-000000000000"
    for n, account in enumerate(list(platform.joined)):
        if n < 5:
            platform.use(account, zeros)
        if n < 25:  # each has a card of his own as well
            platform.pay(account, "opaque")
    found = analysed(platform, tmp_path)
    told = {"payment:opaque": 25, f"device:{zeros}": 5}
    assert found.run.info["placeholders"] == told
    (note,) = [n for n in found.run.info["notes"] if n.startswith("Placeholders")]
    assert note == (
        "Placeholders, no evidence of anything: "
        f"payment:opaque (25 accounts), device:{zeros} (5 accounts)"
    )
    public = {row["key"] for row in found.rows("identifiers") if row["public"]}
    assert public == set(told)
    assert not [row for row in found.rows("reasons") if row["key"] in told and row["bits"] > 0]


def test_without_prompts_or_activity_abuse_is_unknown_never_zero(tmp_path: Path) -> None:
    platform = rings()
    del platform.rows["prompts"], platform.rows["ips"]
    platform.rows["signups"] = [{**row, "status": None} for row in platform.rows["signups"]]
    platform.rows["payments"] = [
        r for r in platform.rows["payments"] if not r["account_id"].startswith("farm")
    ]
    found = analysed(platform, tmp_path)
    cluster = found.main([f"farm-{n}" for n in range(6)])
    assert sorted(cluster["members"]) == [f"farm-{n}" for n in range(6)]
    assert cluster["abuse"] is None
    assert cluster["verdict"] != "abusive"


# The same input gives the same bytes.


def contents(run: Run) -> dict[str, Any]:
    """Return the rows of every table of a run, and its summary."""
    tables: dict[str, Any] = {name: run.read(name).to_pylist() for name in SCHEMAS}
    return {**tables, "run": run.info}


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def test_neither_the_order_of_the_rows_nor_their_files_change_a_byte(
    platform: Platform, found: Found, tmp_path: Path
) -> None:
    other = analysed(platform, tmp_path, parts=3, shuffled=1)
    assert differing(contents(found.run), contents(other.run)) == []
    for file in sorted(found.run.folder.iterdir()):
        assert file.read_bytes() == (other.run.folder / file.name).read_bytes(), file.name


def test_analysing_again_gives_the_same_run(found: Found, analysed_case: Case) -> None:
    again = contents(analyse(analysed_case))
    assert differing(contents(found.run), again) == []


_OTHER_PROCESS = """
import sys
from pathlib import Path
import duckdb
connect = duckdb.connect
def limited(*args, **kwargs):
    connection = connect(*args, **kwargs)
    connection.execute(f"SET threads = {sys.argv[2]}")
    return connection
duckdb.connect = limited
from forensics.analyse import analyse
from forensics.case.store import Case
print(analyse(Case.open(Path(sys.argv[1]))).run_id)
"""


@pytest.mark.parametrize(
    ("threads", "hash_seed", "zone", "locale"),
    [("1", "1", "Asia/Kolkata", "C"), ("4", "77", "America/St_Johns", "C.UTF-8")],
)
def test_neither_threads_nor_hash_seed_nor_time_zone_nor_locale_change_a_byte(
    platform: Platform, found: Found, tmp_path: Path, *, threads: str, hash_seed: str, zone: str,
    locale: str,
) -> None:  # fmt: skip
    case = write_case(tmp_path / "case", platform.rows)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "TZ": zone,
        "LC_ALL": locale,
    }
    told = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS, str(case.root), threads],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == found.run.run_id
    other = Run.current(Case.open(case.root))
    for file in sorted(found.run.folder.iterdir()):
        assert file.read_bytes() == (other.folder / file.name).read_bytes(), file.name


def test_analysing_again_changes_nothing_and_an_earlier_run_gives_another_id(
    platform: Platform, found: Found, tmp_path: Path
) -> None:
    """The same settings, first in a new case, then in two cases with the same earlier run."""
    names = []
    for root in (tmp_path / "one", tmp_path / "other"):
        case = write_case(root, platform.rows)
        (root / "settings.toml").write_text("seed = 2\n")
        before = analyse(Case.open(root))
        (root / "settings.toml").unlink()
        after = analyse(Case.open(root))
        files = {file.name: file.read_bytes() for file in after.folder.iterdir()}
        again = analyse(Case.open(root))
        assert again.run_id == after.run_id
        assert {file.name: file.read_bytes() for file in again.folder.iterdir()} == files
        assert sorted(p.name for p in (root / "runs").iterdir()) == sorted(
            [before.run_id, after.run_id]
        )
        assert case.current == after.run_id
        names.append(after.run_id)
    assert names[0] == names[1] != found.run.run_id


def test_a_damaged_run_is_made_again_as_it_was(analysed_case: Case) -> None:
    run = Run.current(analysed_case)
    files = {file.name: file.read_bytes() for file in run.folder.iterdir()}
    for name in ("run.json", "members.parquet"):
        (run.folder / name).write_bytes(b"")
        analyse(Case.open(analysed_case.root))
        assert {file.name: file.read_bytes() for file in run.folder.iterdir()} == files


def test_input_files_in_another_order_and_split_give_the_same_clusters(
    platform: Platform, tmp_path: Path
) -> None:
    """Where a row stood in which file is kept as its source, and is all that may differ."""
    runs = []
    for number, pieces in enumerate((1, 3)):
        folder = tmp_path / f"sources{number}"
        write_sources(platform, folder, pieces, seed=number)
        case = Case.create(tmp_path / f"case{number}")
        load(case, [folder])
        runs.append(contents(analyse(case)))
    one, other = runs
    for rows in (one["assignments"], other["assignments"]):
        for row in rows:
            row |= {"source_sha256": "", "source_row": 0}
        rows.sort(key=lambda row: (row["account_id"], row["key"]))
    for summary in (one["run"], other["run"]):
        summary["run_id"] = summary["made_from"] = ""
    assert differing(one, other) == []


def write_sources(platform: Platform, folder: Path, pieces: int, seed: int) -> None:
    """Write each table as CSV files of shuffled rows."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for name, rows in platform.rows.items():
        given = [source_row(name, row) for row in rows]
        columns = sorted({key for row in given for key in row})
        for number, part in enumerate(np.array_split(rng.permutation(len(given)), pieces)):
            with (folder / f"{name}-{number}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(given[at_] for at_ in part.tolist())


def test_a_sequence_of_loads_gives_the_run_of_one_load_to_the_byte(
    platform: Platform, tmp_path: Path
) -> None:
    folder = tmp_path / "sources"
    write_sources(platform, folder, 3, seed=4)
    files = sorted(folder.iterdir())
    runs = []
    for name, loads in (("one", [[folder]]), ("three", [files[2::3], files[0::3], files[1::3]])):
        case = Case.create(tmp_path / name)
        for sources in loads:
            load(case, sources)
        runs.append(analyse(case))
    whole, parts = runs
    assert parts.run_id == whole.run_id
    for file in sorted(whole.folder.iterdir()):
        assert file.read_bytes() == (parts.folder / file.name).read_bytes(), file.name


def source_row(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a stored row as a user would give it."""
    given = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
    if "embedding" in given:
        vector = np.frombuffer(given["embedding"], np.int8)
        given["embedding"] = json.dumps(vector.tolist())
    return {k: v for k, v in given.items() if k in TABLES[table].columns}


def test_tomorrow_is_not_needed_to_know_today(platform: Platform, found: Found) -> None:
    """The period of a run is that of its input, whatever the clock says."""
    first, last = found.run.info["period"]
    assert first >= "2026-01-01"
    assert last <= at(46 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
