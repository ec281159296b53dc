"""Each query that ships: its head holds against its text, and its rows are those of the story."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forensics.errors import QueryError, UsageError
from forensics.graph.library import NamedQuery, find_query, load_queries, parse_query
from forensics.graph.results import Graph
from forensics.graph.text import parameters_in

#: Names, parameters and columns that other people's work relies on.
CONTRACT = {
    "clusters(min_coordination)": "cluster_id, verdict, accounts, coordination, abuse, q_value, "
    "explanation",
    "cluster_members(cluster_id)": "account_id, membership, bridge, created_at, status, country",
    "cluster_shared(cluster_id)": "kind, key, value, members, outsiders, operators",
    "cluster_templates(cluster_id)": "template, family, members, outsiders, operators, prompts",
    "cluster_networks(cluster_id)": "network_kind, asn, addresses, members, first_seen, last_seen",
    "cluster_signup_bursts(cluster_id, bucket_s, min_signups)": "first_signup, last_signup, "
    "signups",
    "cluster_weak_links(cluster_id)": "account_a, account_b, match_weight, match_probability, "
    "ip_bits, prompt_bits",
    "cluster_frontier(cluster_id, min_probability)": "account_id, other_cluster, members_linked, "
    "best_weight",
    "cluster_bridges(cluster_id)": "account_id, membership, neighbour_cluster, neighbours, "
    "best_weight",
    "cluster_replacements(cluster_id, within_s)": "suspended_account, later_account, seconds_after",
    "cluster_countries(cluster_id)": "declared_country, issuer_country, members, instruments",
    "clusters_sharing_identifiers(max_operators)": "cluster_a, cluster_b, kind, key, members_a, "
    "members_b",
    "account_identifiers(account_id)": "kind, key, value, role, uses, first_seen, last_seen, "
    "accounts, operators",
    "account_links(account_id)": "account_id, cluster_id, match_weight, match_probability, "
    "payment_bits, ip_bits, device_bits, prompt_bits, identifier_bits, timing_bits",
    "pair_shared(account_a, account_b)": "kind, key, value, first_a, last_a, first_b, last_b, "
    "accounts, operators",
    "pair_paths(account_a, account_b)": "via, weight_a, weight_b, cluster_id",
    "identifier_accounts(key)": "account_id, cluster_id, role, uses, first_seen, last_seen",
    "identifiers_public(min_operators, limit)": "kind, key, value, accounts, operators, clusters",
    "ip_same_hour(cluster_id, window_s)": "account_a, account_b, ip, network_kind, operators",
    "labels_against_verdicts()": "cluster_id, verdict, account_id, label, membership",
}

SIGNUP = "2026-01-05T08:00:00Z"
CARD = "2026-01-05T09:00:00Z"
NORTH = {"cluster_id": "C-north"}
SOUTH = {"cluster_id": "C-south"}

#: Query, what differs from its defaults, rows.
ROWS: list[tuple[str, dict[str, str], list[tuple[Any, ...]]]] = [
    (
        "clusters",
        {},
        [
            ("C-north", "abusive", 5, 0.99, 0.9, 0.001, None),
            ("C-acme", "legitimate", 4, 0.98, 0.05, 0.01, "company"),
            ("C-south", "coordinated", 4, 0.95, 0.3, 0.01, None),
            ("C-home", "unclear", 2, 0.6, None, 0.4, "household"),
        ],
    ),
    (
        "clusters",
        {"min_coordination": "0.98"},
        [
            ("C-north", "abusive", 5, 0.99, 0.9, 0.001, None),
            ("C-acme", "legitimate", 4, 0.98, 0.05, 0.01, "company"),
        ],
    ),
    (
        "cluster_members",
        NORTH,
        [
            ("north-1", 1.0, False, SIGNUP, "active", "DE"),
            ("north-2", 1.0, False, "2026-01-05T08:04:00Z", "suspended", "FR"),
            ("north-3", 1.0, False, "2026-01-05T08:09:00Z", "active", "US"),
            ("north-4", 1.0, False, "2026-01-09T12:00:00Z", "active", "DE"),
            ("north-5", 0.8, True, "2026-01-20T09:00:00Z", "active", "US"),
        ],
    ),
    (
        "cluster_shared",
        NORTH,
        [
            ("template", "template:t-north", "t-north", 5, 0, 1.0),
            ("email_domain", "email_domain:mail.example", "mail.example", 5, 10, 9.0),
            ("ip", "ip:203.0.113.7", "203.0.113.7", 4, 0, 1.0),
            ("payment", "payment:tok-north", "tok-north", 4, 0, 1.0),
            ("device", "device:dev-north", "dev-north", 2, 1, 2.0),
            ("referral", "referral:FRIEND50", "FRIEND50", 2, 1, 2.0),
        ],
    ),
    ("cluster_templates", NORTH, [("template:t-north", "family-north", 5, 0, 1.0, 15)]),
    (
        "cluster_templates",
        {"cluster_id": "C-home"},
        [("template:t-public", "family-public", 1, 3, 4.0, 1)],
    ),
    (
        "cluster_networks",
        SOUTH,
        [
            ("vpn", 64501, 1, 3, "2026-01-12T08:00:00Z", "2026-01-16T03:10:00Z"),
            ("residential", 64504, 1, 1, "2026-01-16T19:00:00Z", "2026-01-16T19:30:00Z"),
        ],
    ),
    ("cluster_signup_bursts", NORTH, [(SIGNUP, "2026-01-05T08:09:00Z", 3)]),
    ("cluster_signup_bursts", {**NORTH, "bucket_s": "300"}, [(SIGNUP, "2026-01-05T08:04:00Z", 2)]),
    ("cluster_signup_bursts", {**NORTH, "min_signups": "4"}, []),
    (
        "cluster_weak_links",
        NORTH,
        [
            ("north-1", "north-5", 1.551, 0.74556, 5.907, 7.814),
            ("north-2", "north-5", 1.551, 0.74556, 5.907, 7.814),
            ("north-3", "north-5", 1.551, 0.74556, 5.907, 7.814),
        ],
    ),
    (
        "cluster_frontier",
        NORTH,
        [("solo-4", None, 2, 0.703), ("south-4", "C-south", 1, 0.381)],
    ),
    ("cluster_frontier", {**NORTH, "min_probability": "0.6"}, [("solo-4", None, 2, 0.703)]),
    ("cluster_bridges", NORTH, [("north-5", 0.8, "C-south", 1, 0.381)]),
    ("cluster_bridges", SOUTH, [("south-4", 0.8, "C-north", 1, 0.381)]),
    ("cluster_replacements", NORTH, [("north-2", "north-5", 54000)]),
    ("cluster_replacements", {**NORTH, "within_s": "53999"}, []),
    (
        "cluster_countries",
        NORTH,
        [("DE", "BR", 2, 1), ("FR", "BR", 1, 1), ("US", "BR", 1, 1), ("US", "US", 1, 1)],
    ),
    ("cluster_countries", SOUTH, [("US", "US", 3, 3), ("US", None, 1, 0)]),
    (
        "clusters_sharing_identifiers",
        {},
        [("C-north", "C-south", "payment", "payment:tok-lent", 1, 1)],
    ),
    (
        "clusters_sharing_identifiers",
        {"max_operators": "9"},
        [
            ("C-home", "C-north", "email_domain", "email_domain:mail.example", 2, 5),
            ("C-home", "C-south", "email_domain", "email_domain:mail.example", 2, 4),
            ("C-north", "C-south", "email_domain", "email_domain:mail.example", 5, 4),
            ("C-north", "C-south", "payment", "payment:tok-lent", 1, 1),
        ],
    ),
    (
        "account_identifiers",
        {"account_id": "north-1"},
        [
            (
                "device",
                "device:dev-north",
                "dev-north",
                "use",
                1,
                *["2026-01-17T12:00:00Z"] * 2,
                3,
                2.0,
            ),
            (
                *("email", "email:north-1@mail.example", "north-1@mail.example", "signup", 1),
                *(SIGNUP, SIGNUP, 1, 1.0),
            ),
            (
                *("email_domain", "email_domain:mail.example", "mail.example", "signup", 1),
                *(SIGNUP, SIGNUP, 15, 9.0),
            ),
            (
                *("ip", "ip:203.0.113.7", "203.0.113.7", "use", 40),
                *("2026-01-06T10:00:00Z", "2026-01-06T10:20:00Z", 4, 1.0),
            ),
            ("payment", "payment:tok-north", "tok-north", "use", 1, CARD, CARD, 4, 1.0),
            (
                *("template", "template:t-north", "t-north", "use", 3),
                *("2026-01-22T00:00:00Z", "2026-01-22T00:14:00Z", 5, 1.0),
            ),
        ],
    ),
    (
        "account_links",
        {"account_id": "north-5"},
        [
            ("north-1", "C-north", 1.551, 0.74556, -2.17, 5.907, 0.0, 7.814, 0.0, 0.0),
            ("north-2", "C-north", 1.551, 0.74556, -2.17, 5.907, 0.0, 7.814, 0.0, 0.0),
            ("north-3", "C-north", 1.551, 0.74556, -2.17, 5.907, 0.0, 7.814, 0.0, 0.0),
            ("south-4", "C-south", 0.381, 0.565641, 12.966, -0.585, 0.0, -2.0, 0.0, 0.0),
        ],
    ),
    (
        "pair_shared",
        {"account_a": "north-5", "account_b": "south-4"},
        [
            ("payment", "payment:tok-lent", "tok-lent", *["2026-01-20T10:00:00Z"] * 4, 2, 2.0),
            (
                *("email_domain", "email_domain:mail.example", "mail.example"),
                *["2026-01-20T09:00:00Z"] * 2,
                *["2026-01-15T18:30:00Z"] * 2,
                *(15, 9.0),
            ),
        ],
    ),
    ("pair_shared", {"account_a": "north-1", "account_b": "north-1"}, []),
    (
        "pair_paths",
        {"account_a": "north-1", "account_b": "north-2"},
        [
            ("north-3", 17.687, 17.687, "C-north"),
            ("north-4", 11.195, 11.195, "C-north"),
            ("north-5", 1.551, 1.551, "C-north"),
            ("solo-4", 0.703, 0.703, None),
        ],
    ),
    (
        "identifier_accounts",
        {"key": "ip:198.51.100.20"},
        [
            ("south-1", "C-south", "use", 12, "2026-01-12T08:00:00Z", "2026-01-12T08:10:00Z"),
            ("south-2", "C-south", "use", 14, "2026-01-14T20:00:00Z", "2026-01-14T20:10:00Z"),
            ("south-3", "C-south", "use", 13, "2026-01-16T03:00:00Z", "2026-01-16T03:10:00Z"),
        ],
    ),
    (
        "identifiers_public",
        {},
        [
            ("email_domain", "email_domain:mail.example", "mail.example", 15, 9.0, 3),
            ("ip", "ip:100.64.9.9", "100.64.9.9", 6, 5.0, 1),
            ("template", "template:t-public", "t-public", 4, 4.0, 1),
        ],
    ),
    (
        "identifiers_public",
        {"limit": "1"},
        [("email_domain", "email_domain:mail.example", "mail.example", 15, 9.0, 3)],
    ),
    (
        "ip_same_hour",
        NORTH,
        [
            ("north-1", "north-2", "203.0.113.7", "datacenter", 1.0),
            ("north-1", "north-3", "203.0.113.7", "datacenter", 1.0),
            ("north-2", "north-3", "203.0.113.7", "datacenter", 1.0),
        ],
    ),
    ("ip_same_hour", SOUTH, []),
    (
        "labels_against_verdicts",
        {},
        [
            ("C-south", "coordinated", None, "legitimate", None),
            ("C-south", "coordinated", "south-4", "legitimate", 0.8),
        ],
    ),
]


@pytest.mark.parametrize(("name", "given", "rows"), ROWS)
def test_rows_on_the_small_case(
    graph: Graph, name: str, given: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    query = find_query(name)
    result = graph.query(query.text, query.values(given))
    assert [tuple(row.values()) for row in result.rows] == rows
    assert result.columns == tuple(query.columns)


def test_every_query_has_its_rows_asserted() -> None:
    assert {name for name, _, _ in ROWS} == set(load_queries())


@pytest.mark.parametrize(("signature", "columns"), CONTRACT.items())
def test_the_contract_is_kept(signature: str, columns: str) -> None:
    name, parameters = signature.rstrip(")").split("(")
    query = find_query(name)
    assert ", ".join(p.name for p in query.parameters) == parameters
    assert ", ".join(query.columns) == columns


@pytest.mark.parametrize("query", load_queries().values(), ids=lambda q: q.name)
def test_the_head_holds_against_the_text(query: NamedQuery) -> None:
    assert {p.name for p in query.parameters} == set(parameters_in(query.text))
    body = "\n".join(line for line in query.text.splitlines() if not line.startswith("//"))
    returned, ordered = body.rpartition("\nRETURN ")[2].split("\nORDER BY ")
    assert _aliases(returned) == list(query.columns)
    assert ordered.strip()
    assert query.question.endswith("?")


def _aliases(returned: str) -> list[str]:
    """The columns of a RETURN: the alias of each item, or the item where it is a name."""
    flat = re.sub(r"\([^()]*\)", "()", returned.removeprefix("DISTINCT ").replace("\n", " "))
    return [item.split(" AS ")[-1].strip() for item in flat.split(",")]


@pytest.mark.parametrize("query", load_queries().values(), ids=lambda q: q.name)
def test_the_text_stays_in_the_dialect_of_both_engines(query: NamedQuery) -> None:
    body = "\n".join(line for line in query.text.splitlines() if not line.startswith("//"))
    barred = r"shortestPath|reduce|\btype\(|toString|toFloat|toInteger|split\(|datetime|duration|"
    barred += (
        r"elementId|substring|labels\(|\bround\(|\bcollect\(|\[\s*\w+\s+IN\b.*\||\]-\(.*\*\.\."
    )
    assert not re.search(barred, body)


def test_an_unknown_query_names_the_nearest() -> None:
    with pytest.raises(
        UsageError, match="no query 'cluster_frontiers'; did you mean 'cluster_frontier'"
    ):
        find_query("cluster_frontiers")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"min_probabilty": "0.5"},
            "no parameter 'min_probabilty'; did you mean 'min_probability'",
        ),
        ({"min_probability": "high"}, "'min_probability' is of type float, found 'high'"),
        ({"x": "1"}, r"it takes: cluster_id \(string, default \".+\"\), min_probability \(float"),
    ],
)
def test_a_wrong_parameter_says_which_there_are(given: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        find_query("cluster_frontier").values(given)


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("// title: A\n", "needs a title and a question"),
        ("// title: A\n// note: B\n", "can't be read: // note: B"),
        ("// title: A\n// parameter: n integer: how many\n", "can't be read: n integer"),
        ('// title: A\n// parameter: n integer = "1": how many\n', "'n' is not of type integer"),
    ],
)
def test_a_broken_head_is_told(head: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        parse_query("mine", head + "RETURN 1 AS x")
