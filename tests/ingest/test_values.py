"""What becomes of single values on their way into the case."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from tests.ingest.conftest import Workbench


def signups(bench: Workbench, header: str, *rows: str) -> None:
    lines = [f"account_id,created_at,{header}", *(f"{r}" for r in rows)]
    bench.write("signups.csv", "\n".join(lines) + "\n")
    bench.load(max_bad=1)


def test_ids_stay_text(bench: Workbench) -> None:
    bench.write("devices.csv", "account_id,device_id\n007,  0012 \n7,12.0\n")
    bench.load()
    assert bench.rows("devices", "account_id", "device_id") == [("007", "0012"), ("7", "12.0")]


def test_numeric_ids_of_parquet_become_plain_digits(bench: Workbench) -> None:
    table = pa.table({"account_id": [7, 8], "device_id": [12.0, 2.5]})
    bench.parquet("devices.parquet", table)
    bench.load()
    assert bench.rows("devices", "account_id", "device_id") == [("7", "12"), ("8", "2.5")]


def test_words_for_nothing_are_nothing(bench: Workbench) -> None:
    rows = ["1,2026-01-01Z,null,NaN", "2,2026-01-01Z,\\N,", "null,2026-01-01Z,,"]
    signups(bench, "device_id,country", *rows)
    assert bench.rows("signups", "account_id", "device_id", "country") == [
        ("1", None, None),
        ("2", None, None),
    ]
    assert bench.quarantine("signups") == [("signups.csv", 3, "account_id: nothing there")]


def test_contacts_keep_the_raw_value(bench: Workbench) -> None:
    signups(
        bench, "email,phone", "1,2026-01-01Z,A.b+c@Gmail.com,+1 (415) 555-0100", "2,2026-01-01Z,?,1"
    )
    assert bench.rows("signups", "email", "email_raw", "phone", "phone_raw") == [
        ("ab@gmail.com", "A.b+c@Gmail.com", "14155550100", "+1 (415) 555-0100"),
        (None, "?", None, "1"),
    ]


def test_choices_are_lower_case_and_checked(bench: Workbench) -> None:
    signups(bench, "status", "1,2026-01-01Z,Active", "2,2026-01-01Z,paused")
    assert bench.rows("signups", "status") == ["active"]
    assert bench.quarantine("signups") == [
        ("signups.csv", 2, "status: not one of active, suspended, deleted; found 'paused'")
    ]


def test_countries_are_upper_case_codes(bench: Workbench) -> None:
    signups(bench, "country", "1,2026-01-01Z,de", "2,2026-01-01Z,Germany")
    assert bench.rows("signups", "country") == ["DE", "Germany"]


def test_whole_numbers(bench: Workbench) -> None:
    values = ["3", "3.0", "", "-1", "many"]
    rows = [f"{n},192.0.2.1,{value}" for n, value in enumerate(values)]
    bench.write("ips.csv", "account_id,ip,requests\n" + "\n".join(rows))
    bench.load()
    assert bench.rows("ips", "requests") == [3, 3, None]
    assert [reason for _, _, reason in bench.quarantine("ips")] == [
        "requests: not a whole number of zero or more; found '-1'",
        "requests: not a whole number of zero or more; found 'many'",
    ]


def test_an_event_is_a_range_of_one_moment(bench: Workbench) -> None:
    header = "account_id,device_id,at,first_seen,last_seen,count"
    rows = [
        "1,d,1700000000,,,",
        "2,d,,1700000000,1700000060,7",
        "3,d,,1700000000,,",
        "4,d,,,1700000000,",
        "5,d,,,,",
        "6,d,,1700000060,1700000000,",
    ]
    bench.write("devices.csv", "\n".join([header, *rows]))
    bench.load()
    found = [
        (account, first and first.timestamp(), last and last.timestamp(), count)
        for account, first, last, count in bench.rows(
            "devices", "account_id", "first_seen", "last_seen", "count"
        )
    ]
    assert found == [
        ("1", 1_700_000_000, 1_700_000_000, 1),
        ("2", 1_700_000_000, 1_700_000_060, 7),
        ("3", 1_700_000_000, 1_700_000_000, 1),
        ("4", 1_700_000_000, 1_700_000_000, 1),
        ("5", None, None, 1),
    ]
    assert bench.quarantine("devices") == [("devices.csv", 6, "last_seen: before first_seen")]


def test_requests_are_not_made_up(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip\n1,192.0.2.1\n")
    bench.load()
    assert bench.rows("ips", "requests", "first_seen") == [(None, None)]


def test_unknown_columns_of_a_signup_stay_with_the_account(bench: Workbench) -> None:
    signups(bench, "tier,note", '1,2026-01-01Z,gold,"say ""hi""\\ \n\té"', "2,2026-01-01Z,,")
    first, second = bench.rows("signups", "extra")
    assert first == json.dumps({"note": 'say "hi"\\ \n\té', "tier": "gold"}, ensure_ascii=False)
    assert second is None


def test_unknown_columns_of_other_tables_are_named(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip,colour\n1,192.0.2.1,red\n")
    summary = bench.load()
    assert summary.ignored_columns == {"ips.csv": ("colour",)}
    assert bench.case.manifest.sources[0].ignored_columns == ("colour",)


def test_network_numbers(bench: Workbench) -> None:
    bench.write("networks.csv", "cidr,kind,asn\n192.0.2.7/24,VPN,AS64500\n2001:db8::/32,mobile,1\n")
    bench.load()
    assert bench.rows("networks", "cidr", "kind", "asn") == [
        ("192.0.2.0/24", "vpn", 64500),
        ("2001:db8::/32", "mobile", 1),
    ]


def test_an_identifier_of_kind_ip_is_an_address(bench: Workbench) -> None:
    values = ["2001:DB8::0:1", "192.0.2.1", "::ffff:192.0.2.2", "a computer", "192.0.2.1:80"]
    kinds = ["ip", "IP", "ip", "cookie", "ip"]
    rows = [
        f"{n},{kind},{value}" for n, (kind, value) in enumerate(zip(kinds, values, strict=True))
    ]
    bench.write("identifiers.csv", "\n".join(["account_id,kind,value", *rows]))
    bench.load()
    assert bench.rows("identifiers", "account_id", "kind", "value") == [
        ("0", "ip", "2001:db8::1"),
        ("1", "ip", "192.0.2.1"),
        ("2", "ip", "192.0.2.2"),
        ("3", "cookie", "a computer"),
    ]
    reason = "value: not an IPv4 or IPv6 address; found '192.0.2.1:80'"
    assert bench.quarantine("identifiers") == [("identifiers.csv", 5, reason)]


def test_a_value_over_four_kibibytes_is_quarantined(bench: Workbench) -> None:
    rows = [f"1,2026-01-01Z,{'x' * 4096}", f"2,2026-01-01Z,{'é' * 2049}", "3,2026-01-01Z,"]
    signups(bench, "name", *rows)
    assert bench.rows("signups", "account_id") == ["1", "3"]
    assert bench.quarantine("signups") == [("signups.csv", 2, "name: longer than 4,096 bytes")]


def test_ids_with_control_characters_are_quarantined(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip\n1,192.0.2.1\n2,192.0.2.1\n3\t4,192.0.2.1\n")
    bench.load()
    assert bench.quarantine("ips") == [
        (
            "ips.csv",
            3,
            "account_id: holds a line break or another control character; found '3\ufffd4'",
        )
    ]


@pytest.mark.parametrize(
    ("table", "header"),
    [
        ("payments", "account_id,instrument_id"),
        ("identifiers", "account_id,value,kind"),
        ("signups", "account_id,name,created_at"),
        ("signups", "account_id,phone,created_at"),
        ("signups", "account_id,favourite,created_at"),
    ],
)
def test_card_numbers_are_refused(bench: Workbench, table: str, header: str) -> None:
    rest = {"kind": ",cookie", "created_at": ",2026-01-01Z"}.get(header.split(",")[-1], "")
    rows = [f"1,4111-1111 1111.1111{rest}", f"2,fine{rest}", f"3,too{rest}"]
    bench.write(f"{table}.csv", "\n".join([header, *rows]))
    bench.load()
    assert bench.rows(table, "account_id") == ["2", "3"]
    [(_, row, reason)] = bench.quarantine(table)
    assert row == 1
    assert "a full card number" in reason
    assert not any(b"1111" in data for data in bench.everything().values())


def test_numeric_account_ids_are_not_taken_for_cards(bench: Workbench) -> None:
    bench.write("devices.csv", "account_id,device_id\n4111111111111111,490154203237518\n")
    bench.load()
    assert bench.rows("devices", "account_id") == ["4111111111111111"]
