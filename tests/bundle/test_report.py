from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from forensics.bundle import svg
from forensics.bundle.custody import attest
from forensics.bundle.evidence import Evidence
from forensics.bundle.names import kind_words
from forensics.bundle.report import report_html
from forensics.bundle.wording import claims_of, headline
from tests.bundle.test_mutations import MINE
from tests.conftest import Ran

VOID = {"meta", "br", "rect", "line", "circle", "polygon"}


class Page(HTMLParser):
    """What a reader of the page sees, and whether its elements are nested well."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())


@pytest.fixture(scope="module")
def text(evidence: Evidence) -> str:
    return report_html(evidence).decode()


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_eleven_parts_stand_in_order(text: str) -> None:
    assert Page(text).texts["h2"] == [
        "1. What is claimed, and what is not",
        "2. The data",
        "3. The members",
        "4. The evidence",
        "5. The graph",
        "6. The timeline",
        "7. Alternatives",
        "8. How wrong this may be",
        "9. Method",
        "10. Decisions of people",
        "11. Custody, redaction, verification, glossary",
    ]


def test_it_runs_nothing_and_fetches_nothing(text: str) -> None:
    page = Page(text)
    assert page.open == []
    assert not {"script", "iframe", "object", "embed", "img", "link", "base", "form"} & {
        tag for tag, _ in page.seen
    }
    for _, attributes in page.seen:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert str(attributes.get("href", "#")).startswith("#")
    assert not re.search(r"https?:|//[a-z]|url\((?!#)|@import", text)
    assert "default-src 'none'" in text


def test_ids_are_unique_and_headings_do_not_skip_a_level(text: str) -> None:
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_have_words_and_tables_have_heads(text: str) -> None:
    page = Page(text)
    pictures = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(pictures) == 5
    assert all(attributes["role"] == "img" for attributes in pictures)
    assert len(page.texts["desc"]) == 5
    tables = [tag for tag, _ in page.seen if tag == "table"]
    assert len(tables) == len(page.texts["caption"])
    assert all(attributes.get("scope") for tag, attributes in page.seen if tag == "th")


def test_the_claims_stand_first_and_apart(text: str, evidence: Evidence) -> None:
    assert headline(evidence) == (
        "One operator runs these 5 accounts with a probability of 0.99; what they have and do "
        "looks abusive (0.9 of 1)."
    )
    assert [(claim.level, claim.claimed) for claim in claims_of(evidence)] == [
        ("linked", True),
        ("one operator", True),
        ("abusive", True),
        ("attribution", False),
    ]
    assert text.index("Not claimed") < text.index("2. The data")


def test_each_verdict_claims_what_it_may(evidence: Evidence) -> None:
    def claimed(**changed: object) -> list[bool]:
        cluster = {**evidence.cluster, **changed}
        return [claim.claimed for claim in claims_of(replace(evidence, cluster=cluster))]

    assert claimed(verdict="coordinated", abuse=0.1) == [True, True, False, False]
    assert claimed(verdict="legitimate", abuse=0.1) == [True, True, False, False]
    assert claimed(verdict="unclear", coordination=0.6) == [True, False, False, False]
    assert claimed(verdict="unclear") == [True, False, False, False]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("internal", "are what accounts gave; that they are the operator's is not claimed."),
        ("partner", "keyed hashes, and none of them is claimed to be the operator's own;"),
        ("public", "This bundle holds totals alone and names nobody."),
    ],
)
def test_attribution_is_not_claimed_whatever_a_bundle_holds_on_people(
    evidence: Evidence, profile: str, said: str
) -> None:
    attribution = claims_of(replace(evidence, profile=profile))[3]
    assert not attribution.claimed
    assert said in attribution.text
    assert "identifies" not in attribution.text


def test_a_contested_finding_says_what_stands_against_it(evidence: Evidence) -> None:
    contested = {"verdict": "unclear", "reasons": ["contested"], "explanation": "company"}
    told = replace(evidence, cluster={**evidence.cluster, **contested})
    against = "but an innocent explanation stands against the finding (company)."
    assert headline(told) == f"One operator likely runs these 5 accounts, {against}"
    one = claims_of(told)[1]
    assert one.text.startswith("One operator likely runs the cluster (probability 0.99")
    assert one.text.endswith(against)


def test_what_a_claim_needs_is_told_only_where_it_is_made(evidence: Evidence) -> None:
    without = "Without any one of these it would not be claimed: "
    assert without in words(report_html(evidence).decode())
    contested = {"verdict": "unclear", "reasons": ["contested"], "explanation": "company"}
    told = replace(evidence, cluster={**evidence.cluster, **contested})
    shown = words(report_html(told).decode())
    assert without not in shown
    assert "Without any one kind" not in shown


def test_that_no_kind_is_indispensable_is_not_put_as_if_one_would_do(evidence: Evidence) -> None:
    rows = [{**r, "coordination_without": 0.95} for r in evidence.evidence.to_pylist()]
    table = pa.Table.from_pylist(rows, evidence.evidence.schema)
    shown = words(report_html(replace(evidence, evidence=table)).decode())
    assert (
        "Without any one kind the claim still holds: its probability still reaches 0.9. That no "
        "kind is indispensable does not say that one would do alone."
    ) in shown
    # A kind may carry measures of the cluster, and no bits of links.
    rows[0] |= {"bits": 0.0, "coordination_without": 0.5}
    table = pa.Table.from_pylist(rows, evidence.evidence.schema)
    shown = words(report_html(replace(evidence, evidence=table)).decode())
    assert "Without any one kind" not in shown


def test_the_adjustment_is_said_to_work_both_ways(text: str, evidence: Evidence) -> None:
    """A difference is bounded at -0.6 bits, so that its adjustment may well raise the sum."""
    shown = words(text)
    assert "From evidence for one operator it only takes away" in shown
    assert "Evidence against one operator it limits to 0.6 bits a comparison" in shown
    assert "the adjustment is above 0 and raises the sum" in shown


def test_what_the_file_of_events_lacks_is_said(text: str) -> None:
    shown = words(text)
    assert "has every event" not in shown
    assert "such as a prompt that follows no template, is in the picture alone" in shown


def test_what_holds_beside_the_claim_is_part_of_it(evidence: Evidence) -> None:
    shared = {
        "explanation": "shared computer",
        "claim": "not one operator",
        "strength": 0.55,
        "holds": True,
        "speaks_for": ["few devices"],
        "speaks_against": [],
        "coordination_without": 0.9562,
    }
    table = pa.Table.from_pylist([shared], evidence.explanations.schema)
    told = replace(evidence, explanations=table)
    part = (
        "an innocent explanation holds for part of the evidence ('shared computer' accounts for "
        "addresses and devices; without these the probability is 0.956)"
    )
    assert headline(told) == (
        "One operator runs these 5 accounts with a probability of 0.99, but an innocent "
        "explanation holds for part of the evidence ('shared computer'; 0.956 without what it "
        "accounts for); what they have and do looks abusive (0.9 of 1)."
    )
    assert claims_of(told)[1].text.endswith(f"stability 0.95). But {part}.")
    shown = words(report_html(told).decode())
    assert "It accounts for addresses and devices; without these the probability of one" in shown


def test_where_somebody_is_from_is_told_from_where_a_card_is(evidence: Evidence) -> None:
    bits = {"prior": -5.5, "parallel": 3.7, "country_differs": 3.9}
    rows = [{"item": item, "value": 1.0, "bits": b} for item, b in bits.items()]
    likeness = pa.Table.from_pylist(rows, evidence.likeness.schema)
    shown = words(report_html(replace(evidence, likeness=likeness)).decode())
    assert (
        "Where somebody is from is never a signal of abuse, nor is how much they use. That cards "
        "are issued in another country than their accounts declare is one sign among others; here "
        "it adds +3.90 bits above, and without it the cluster would look abusive by 0.221, where "
        "0.50 is needed."
    ) in shown
    assert "is one sign among others." in words(report_html(evidence).decode())


def test_a_measured_value_is_shown_as_the_run_has_it(evidence: Evidence) -> None:
    rows = [{"item": "own_prompt_share", "value": 0.6329, "bits": 1.3}]
    likeness = pa.Table.from_pylist(rows, evidence.likeness.schema)
    shown = words(report_html(replace(evidence, likeness=likeness)).decode())
    assert "Prompts that follow templates of their own 0.6329 +1.30" in shown


def test_the_members_are_shown_with_how_many_they_are_linked_to(evidence: Evidence) -> None:
    """north-4 hangs on one link, whatever its membership says; north-5 is the bridge."""
    few = [("north-1", "north-2"), ("north-1", "north-3"), ("north-2", "north-3"),
           ("north-1", "north-5"), ("north-2", "north-5"), ("north-1", "north-4")]  # fmt: skip
    links = [r for r in evidence.links.to_pylist() if (r["account_a"], r["account_b"]) in few]
    assert len(links) == len(few)
    table = pa.Table.from_pylist(links, evidence.links.schema)
    shown = words(report_html(replace(evidence, links=table)).decode())
    assert "1 member hangs on one link only. Bridges come first, then who hangs on one" in shown
    rows = shown.partition("Account Membership Linked to Joined by")[2]
    assert re.findall(r"(north-\d)(?: bridge)? \d\.\d\d (\d)", rows)[:3] == [
        ("north-5", "2"),
        ("north-4", "1"),
        ("north-1", "4"),
    ]


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"same payment"}, "Payment cards"),
        ({"same card range"}, "Card ranges"),
        ({"same payment", "same card range"}, "Cards and card ranges"),
    ],
)
def test_cards_that_are_not_shared_are_not_said_to_be(
    evidence: Evidence, levels: set[str], said: str
) -> None:
    rows, paid = [], 0
    for row in evidence.reasons.to_pylist():
        if row["comparison"] == "instrument" and row["bits"] > 0:
            row["level"] = sorted(levels)[paid % len(levels)]
            paid += 1
        rows.append(row)
    assert paid > 1
    reasons = pa.Table.from_pylist(rows, evidence.reasons.schema)
    told = replace(evidence, reasons=reasons, fits=evidence.fits.slice(0, 0))
    assert kind_words(told)["payment"] == said
    assert f"Links with it One operator without it {said} +" in words(report_html(told).decode())
    assert kind_words(replace(told, profile="public"))["payment"] == "Cards or card ranges"


def test_what_a_claim_lacks_is_said(evidence: Evidence) -> None:
    cluster = {**evidence.cluster, "verdict": "unclear", "coordination": 0.6, "abuse": None}
    texts = [claim.text for claim in claims_of(replace(evidence, cluster=cluster))]
    assert "it would need a probability of 0.90 (probability 0.6" in texts[1]
    few = {**evidence.cluster, "verdict": "unclear", "accounts": 2}
    told = claims_of(replace(evidence, cluster=few))[1]
    assert ": it would need 3 accounts (probability 0.99" in told.text
    unknown = [{"signal": n, "value": None} for n in ("work_splitting", "round_the_clock")]
    signals = pa.Table.from_pylist(unknown, evidence.signals.schema)
    assert claims_of(replace(evidence, cluster=cluster, signals=signals))[2].text.endswith(
        "the data hold too little on what the accounts do (no prompt of theirs and fewer than 40 "
        "times at which they were active)."
    )


def test_reasons_lead_to_file_and_row(text: str) -> None:
    shown = words(text)
    assert "north-1 and north-2: +28.98 bits" in shown
    assert (
        "Device: same device device:dev-north +11.29 devices.csv row 1 devices.csv row 2" in shown
    )
    assert "prompts.jsonl rows 1, 2, 3 prompts.jsonl rows 4, 5, 6" in shown


def test_the_members_are_counted_by_status(text: str) -> None:
    assert "5 accounts: 4 active, 1 suspended, 0 deleted." in words(text)


def test_where_the_signer_and_the_time_of_export_stand_is_said(
    text: str, north: Path, cli: Callable[..., Ran]
) -> None:
    said = words(text)
    assert "folder attestations , beside data . forensics bundle verify FOLDER prints them" in said
    attest(north, "created", MINE)
    printed = cli("bundle", "verify", north, "--allow-untrusted").err
    assert re.search(
        r"created \d{4}-\d\d-\d\dT[\d:]+Z with key " + MINE.public.fingerprint[:16], printed
    )
    assert MINE.public.fingerprint not in text


def test_labels_and_their_disagreement_are_shown(evidence: Evidence) -> None:
    cluster = {**evidence.cluster, "verdict": "legitimate", "explanation": "company"}
    shown = words(report_html(replace(evidence, cluster=cluster)).decode())
    assert "north-1 abusive analyst-1 2026-02-01T00:00:00Z resold access" in shown
    assert "changes nothing in the claims" not in shown
    assert "all of them together, calibrate the scores of all clusters alike: part 8" in shown
    assert "Disagreement: 1 label says the opposite of the verdict (legitimate)" in shown


def test_what_the_data_do_not_hold_is_said(evidence: Evidence) -> None:
    bare = replace(
        evidence,
        explanations=evidence.explanations.slice(0, 0),
        signals=evidence.signals.slice(0, 0),
        labels=evidence.labels.slice(0, 0),
    )
    shown = words(report_html(bare).decode())
    assert "weighed no innocent explanation of this cluster. That is a gap, not a result." in shown
    assert "No signal of abuse could be measured." in shown
    assert "No person has labelled this cluster" in shown
    assert "Tables that were not given: events, references." in shown
    assert "Estimated on generated data." in shown


def test_no_probability_is_shown_as_certain(text: str) -> None:
    assert "over 0.999999" in text
    assert "1.000000" not in text


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_from_its_ground(text: str) -> None:
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", text))
    for ground in ("#ffffff", colours["wash"]):
        for words_ in ("ink", "grey", "accent"):
            assert contrast(colours[words_], ground) >= 4.5
    for look in svg.LOOKS.values():
        assert contrast(svg.INK, look.fill) >= 7
    assert contrast(svg.GREY, svg.PAPER) >= 4.5


def test_no_shape_stands_for_two_kinds() -> None:
    shapes = [(look.sides, look.turn) for look in svg.LOOKS.values()]
    letters = [look.letter for look in svg.LOOKS.values()]
    assert len(set(shapes)) == len(set(letters)) == len(shapes) == 5


def test_no_explanation_with_anything_for_it_is_said(evidence: Evidence) -> None:
    rows = [{**r, "strength": 0.0, "speaks_for": []} for r in evidence.explanations.to_pylist()]
    table = pa.Table.from_pylist(rows, evidence.explanations.schema)
    said = "None of the innocent explanations has anything for it. What speaks against each"
    assert said in words(report_html(replace(evidence, explanations=table)).decode())
    assert said not in words(report_html(evidence).decode())


def test_abuse_is_claimed_by_what_it_rests_on(evidence: Evidence) -> None:
    bits = {"replaced": 3.0, "country_differs": 1.0, "on_vpn": 0.2, "payer_share": -2.0}
    rows = [{"item": item, "value": 1.0, "bits": b} for item, b in bits.items()]
    likeness = pa.Table.from_pylist(rows, evidence.likeness.schema)
    unknown = [{"signal": "work_splitting", "value": None}]
    signals = pa.Table.from_pylist(unknown, evidence.signals.schema)
    cluster = {**evidence.cluster, "abuse": 0.8}
    told = replace(evidence, cluster=cluster, signals=signals, likeness=likeness)
    assert claims_of(told)[2].text == (
        "What the accounts have and do, as far as it can be told without prompts, looks abusive, "
        "by new accounts after suspensions and cards of other countries than declared: 0.8 on a "
        "scale of 0 to 1, where 0.50 is needed."
    )


def test_a_cluster_too_small_for_a_test_is_not_called_chance(evidence: Evidence) -> None:
    cluster = {**evidence.cluster, "accounts": 2, "verdict": "unclear", "q_value": None}
    told = replace(evidence, cluster=cluster)
    assert "not tested against chance" in claims_of(told)[1].text
    shown = words(report_html(told).decode())
    assert "Chance (q-value) not tested Stability" in shown
    why = "was not tested against chance, since groups of fewer than 3 accounts are no findings"
    assert why in shown


def test_no_figure_of_the_page_crosses_its_cut_off(evidence: Evidence) -> None:
    close = {"coordination": 0.8996, "q_value": 0.0501, "stability": 0.6999, "verdict": "unclear"}
    told = replace(evidence, cluster={**evidence.cluster, **close})
    assert "(probability 0.899, q-value 0.0501, stability 0.699)" in claims_of(told)[1].text
    shown = words(report_html(told).decode())
    assert "One operator 0.899 Chance (q-value) 0.0501 Stability 0.699" in shown


def test_bridges_come_with_the_cluster_and_the_card_that_they_lend(evidence: Evidence) -> None:
    shown = words(report_html(evidence).decode())
    assert (
        "Value Bridges with it Other cluster Its accounts with it payment:tok-lent 1 C-south 1"
    ) in shown
    alone = replace(evidence, lent=evidence.lent.slice(0, 0), neighbours=evidence.neighbours[:0])
    every = evidence.cluster | {"accounts": 1}
    for told, said in (
        (alone, "should be looked at on its own. To which, no row of this run shows."),
        (replace(evidence, cluster=every), "All of its accounts are bridges: they also hold to"),
    ):
        assert said in words(report_html(told).decode())


def test_files_of_one_name_are_told_apart_by_their_digest(evidence: Evidence) -> None:
    (devices,) = [file for file in evidence.files if file["file"] == "devices.csv"]
    again = replace(evidence, files=[*evidence.files, {**devices, "sha256": "f" * 64}])
    shown = words(report_html(again).decode())
    named = f"devices.csv ({devices['sha256'][:8]})"
    assert f"device:dev-north +11.29 {named} row 1 {named} row 2" in shown
    assert "payments.csv row" in shown


def test_a_status_after_the_period_is_told(text: str, evidence: Evidence) -> None:
    said = "That is sign-ups and use; the status of members is known to 2026-01-19T18:00:00Z."
    assert said not in words(text)
    period = ["2026-01-01T00:00:00Z", "2026-01-19T17:59:59Z"]
    earlier = replace(evidence, info={**evidence.info, "period": period})
    assert said in words(report_html(earlier).decode())
