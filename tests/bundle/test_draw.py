from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from forensics.bundle.draw import draw, draw_cluster
from forensics.bundle.evidence import Evidence
from forensics.bundle.scene import MAX_GROUPS, NAMED_ACCOUNTS, compose
from forensics.bundle.timeline import Axis, draw_timeline
from forensics.bundle.waterfall import draw_waterfall
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import UsageError

SVG = "{http://www.w3.org/2000/svg}"


def network(accounts: int) -> dict[str, pa.Table]:
    """Cards for every tenth of the accounts, addresses at random, one template for all."""
    ids = [f"account-{n:05}" for n in range(accounts)]
    drawn = random.Random(1)
    step = max(2, accounts // 10)
    values = [("template:t", "PromptTemplate", ids)]
    values += [
        (f"payment:{n:02}", "PaymentInstrument", ids[n : n + step])
        for n in range(0, accounts, step)
    ]
    values += [
        (f"ip:198.51.100.{n}", "IpAddress", sorted(drawn.sample(ids, min(accounts, 40))))
        for n in range(60)
    ]
    pairs = [(a, b, key) for key, _, held in values for a, b in pairwise(held)]
    reasons = {
        name: [pair[n] for pair in pairs]
        for n, name in enumerate(("account_a", "account_b", "key"))
    }
    return {
        "members": pa.table(
            {
                "account_id": ids,
                "bridge": [n == 3 for n in range(accounts)],
                "status": [
                    {4: "suspended", 5: "deleted"}.get(n, "active") for n in range(accounts)
                ],
            }
        ),
        "reasons": pa.table({**reasons, "bits": [5.0] * len(pairs)}),
        "links": pa.table({**reasons}),
        "shared": pa.table(
            {
                "key": [key for key, _, _ in values],
                "class": [look for _, look, _ in values],
                "members": [len(held) for _, _, held in values],
                "accounts": [len(held) + 1 for _, _, held in values],
                "bits": [5.0 * len(held) for _, _, held in values],
                "fit_bits": [0.0] * len(values),
            }
        ),
        "fitting": pa.schema({"account_id": pa.string(), "key": pa.string()}).empty_table(),
    }


def unlinked(accounts: int) -> dict[str, pa.Table]:
    """The same without a link: all fit by the template, every tenth by a range of addresses."""
    tables = network(accounts)
    ids = tables["members"]["account_id"].to_pylist()
    held = {"template:t": ids, "prefix:198.51.100.0/24": ids[::10]}
    having = [{"account_id": a, "key": key} for key, some in held.items() for a in some]
    shared = {
        "key": list(held),
        "class": ["PromptTemplate", "IpAddress"],
        "members": [len(some) for some in held.values()],
        "accounts": [len(some) + 2 for some in held.values()],
        "bits": [0.0, 0.0],
        "fit_bits": [4.0 * accounts, 3.0 * len(ids[::10])],
    }
    nothing = {name: tables[name].slice(0, 0) for name in ("links", "reasons")}
    fitting = pa.Table.from_pylist(having)
    return {**tables, **nothing, "shared": pa.table(shared), "fitting": fitting}


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def circles(picture: str) -> list[tuple[float, float, float]]:
    """Circles below the legend: x, y, radius; without the inner rings of bridges."""
    found = [
        tuple(float(circle.attrib[name]) for name in ("cx", "cy", "r"))
        for circle in ElementTree.fromstring(picture).iter(f"{SVG}circle")
    ]
    outer = {(x, y): r for x, y, r in sorted(found) if y > 80}
    return [(x, y, r) for (x, y), r in outer.items()]


def test_ten_accounts_each_have_a_circle_and_a_name() -> None:
    picture = draw("C-10", network(10))
    assert len(circles(picture)) == 10
    assert {f"account-{n:05}" for n in range(10)} <= set(texts(picture))
    assert "T1" in texts(picture)


def test_accounts_that_are_over_are_dashed() -> None:
    picture = draw("C-10", network(10))
    assert picture.count("stroke-dasharray") == 3  # one suspended, one deleted, one in the legend
    assert "suspended or deleted" in texts(picture)


@pytest.mark.parametrize("accounts", [31, 3000])
def test_many_accounts_are_grouped_and_none_is_lost(accounts: int) -> None:
    tables = network(accounts)
    scene = compose(tables)
    assert sum(len(group.accounts) for group in scene.groups) == accounts
    assert 1 < len(scene.groups) <= MAX_GROUPS
    picture = draw("C-many", tables)
    counts = [
        int(text.replace(",", "")) for text in texts(picture) if re.fullmatch(r"[\d,]+", text)
    ]
    assert sum(counts) == accounts


@pytest.mark.parametrize("accounts", [2, 10, NAMED_ACCOUNTS, 3000])
def test_everything_lies_inside_and_no_circle_covers_another(accounts: int) -> None:
    picture = draw("C-many", network(accounts))
    root = ElementTree.fromstring(picture)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    found = circles(picture)
    for x, y, r in found:
        assert r <= x <= width - r
        assert r <= y <= height - r
    for n, (x, y, r) in enumerate(found):
        for other_x, other_y, other_r in found[n + 1 :]:
            assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 > 0.9 * (r + other_r)


def test_what_is_not_drawn_is_said_in_numbers() -> None:
    scene = compose(network(3000))
    drawn = sum(value.more + 1 for value in scene.values)
    words = " ".join(texts(draw("C-many", network(3000))))
    assert f"Drawn: 3,000 accounts and {drawn} of 71 shared values." in words
    assert f"Not drawn as lines: {scene.links:,} links" in words


def test_a_cluster_without_links_is_drawn_by_what_its_members_fit_by() -> None:
    scene = compose(unlinked(40))
    assert [(v.key, v.members, v.outsiders) for v in scene.values] == [
        ("template:t", 40, 2),
        ("prefix:198.51.100.0/24", 4, 2),
    ]
    both = ("template:t", "prefix:198.51.100.0/24")
    assert [(group.keys, len(group.accounts)) for group in scene.groups] == [
        (both[:1], 36),
        (both, 4),
    ]
    words = " ".join(texts(draw("C-40", unlinked(40))))
    assert "Drawn: 40 accounts and 2 of 2 shared values." in words
    assert "Not drawn" not in words
    assert "without a line" not in words


def test_values_that_the_same_accounts_hold_are_one_shape() -> None:
    scene = compose(network(10))
    addresses = [value for value in scene.values if value.look == "IpAddress"]
    assert [(value.more, value.members) for value in addresses] == [(59, 10)]


def test_kinds_are_told_apart_by_shape_and_letter() -> None:
    picture = draw("C-10", network(10))
    corners = {
        shape.attrib["fill"]: len(shape.attrib["points"].split())
        for shape in ElementTree.fromstring(picture).iter(f"{SVG}polygon")
    }
    assert sorted(corners.values()) == [3, 4, 6]
    assert {"T", "A", "C"} <= set(texts(picture))


def test_the_same_cluster_gives_the_same_picture() -> None:
    assert draw("C-many", network(500)) == draw("C-many", network(500))


def test_a_cluster_of_a_run_is_drawn(small_case: Case) -> None:
    run = Run.current(small_case)
    picture = draw_cluster(run, "C-north")
    assert {"north-1", "payment:tok-north", "4 here, 0 elsewhere"} <= set(texts(picture))
    with pytest.raises(UsageError, match="did you mean 'C-north'"):
        draw_cluster(run, "C-nroth")


def test_the_timeline_counts_signups_prompts_and_suspensions(evidence: Evidence) -> None:
    picture = draw_timeline(evidence)
    root = ElementTree.fromstring(picture)
    assert (root.findtext(f"{SVG}desc") or "").startswith("5 sign-ups, 1 suspension or deletion, ")
    kept = [{**row, "status_at": None} for row in evidence.members.to_pylist()]
    none = pa.Table.from_pylist(kept, evidence.members.schema)
    active = ElementTree.fromstring(draw_timeline(replace(evidence, members=none)))
    assert (active.findtext(f"{SVG}desc") or "").startswith("5 sign-ups, 0 suspensions or del")
    assert {"5 in all", "15 in all", "1 in all", "UTC", "north-5"} <= set(texts(picture))


def test_an_axis_holds_all_times_in_few_bars() -> None:
    def seconds(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    times = pa.array([seconds("2026-01-01 10:20"), seconds("2026-02-20 01:00")]).to_numpy()
    axis = Axis.over(times)
    assert axis.bucket == 86_400
    assert axis.bars(times).tolist() == [1, *[0] * 49, 1]
    assert Axis.over(times[:1]).bars(times[:1]).tolist() == [1]


def test_a_waterfall_names_each_step_and_the_total() -> None:
    link = dict.fromkeys(("payment_bits", "ip_bits", "device_bits", "prompt_bits"), 0.0)
    link |= {"identifier_bits": 0.0, "timing_bits": 2.0, "prior_bits": -10.0, "match_weight": 3.5}
    link |= {"payment_bits": 12.0, "device_bits": -0.5}
    words = texts(draw_waterfall("x", "A link", link))
    assert words == [
        "Prior", "-10.00", "Payment cards", "+12.00", "Devices", "-0.50", "Timing", "+2.00",
        "Match weight", "+3.50 bits",
    ]  # fmt: skip
