"""What tells campaigns from honest groups: the items of the scorecard, each read off one cluster.

How much accounts use and where somebody is from are none of them; that cards are issued in another
country than their accounts declare is one. What costs nothing to have, an organisation's name,
counts as far as something bears it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forensics.score.grounds import met_once, own_domain
from forensics.score.readings import MIN_EVENTS, Facts

Measures = Mapping[str, float]
#: What is known of a cluster before its items are: the bits of how rare campaigns are.
PRIOR = "prior"
#: Kinds of evidence that tell what accounts do.
BEHAVIOUR = ("prompt", "timing")
#: Bits from which an item is named.
LEAST_BITS = 0.5


@dataclass(frozen=True)
class Item:
    """One thing that tells campaigns from honest groups.

    Its value is the fact of its name, unless `worked_out` gives it from the facts of a cluster and
    the measures of `coordination` (None: no data). `kind` is the kind of evidence without which
    there is no such value, "" if none is. `campaign` and `honest` say what it is where it speaks
    for either, "" where it never does; `expected` are the kinds of declared groups of which it is
    the nature.
    """

    name: str
    kind: str
    campaign: str = ""
    honest: str = ""
    expected: tuple[str, ...] = ()
    worked_out: Callable[[Facts, Measures], float | None] | None = None

    def read(self, facts: Facts, measures: Measures) -> float | None:
        """Return its value for a cluster, None without data."""
        value = self.worked_out(facts, measures) if self.worked_out else facts[self.name]
        return None if value is None else float(value)


def measure(name: str) -> Callable[[Facts, Measures], float | None]:
    """Return a reader of a measure of `coordination`."""
    return lambda _, m: m[name]


def named(f: Facts, _: Measures) -> float:
    """Return how far the accounts give one organisation's name, and something bears it out.

    A name costs nothing; a mail domain of one's own, a network or a declaration does.
    """
    marks = (own_domain(f), f["on_corporate"], f["on_education"], f["school_mail"])
    borne_out = max(f["declared_share"], *(mark or 0.0 for mark in marks))
    return float(min(f["organisation_share"] or 0.0, borne_out))


def suspended(f: Facts, _: Measures) -> float | None:
    """Return the share of accounts that the platform suspended, None if it records no status."""
    return float(f["suspended"] / f["accounts"]) if f["with_status"] else None


def evenness(f: Facts, _: Measures) -> float | None:
    """Return how even activity is over the hours of the day, None of too few events to say.

    A dozen can't fill a day, whoever is awake.
    """
    return f["evenness"] if (f["events"] or 0) >= MIN_EVENTS else None


ITEMS = (
    Item("country_differs", "payment", campaign="cards of other countries than declared"),
    Item("payer_share", "payment", honest="one payer for many accounts, openly"),
    Item(
        "instruments_per_account", "payment", campaign="several payment instruments to an account"
    ),
    Item(
        "devices",
        "device",
        campaign="devices in common that few operators have",
        worked_out=measure("devices"),
    ),
    Item(
        "capability_share",
        "prompt",
        campaign="prompts about one capability",
        expected=("research",),
    ),
    Item(
        "output_ratio",
        "prompt",
        campaign="longer answers than elsewhere",
        honest="answers hardly longer than elsewhere",
    ),
    Item(
        "pivoted",
        "prompt",
        campaign="a turn to new models, more than elsewhere",
        honest="no turn to new models",
    ),
    Item(
        "even_load",
        "prompt",
        campaign="numbers of prompts alike from account to account",
        honest="numbers of prompts as varied as elsewhere",
        expected=("research", "internal"),
    ),
    Item(
        "own_prompt_share",
        "prompt",
        campaign="prompts that follow templates of their own",
        expected=("research", "internal", "organisation", "reseller", "education"),
    ),
    Item(
        "common_prompt_share",
        "prompt",
        honest="prompts that are public, or that many outsiders send",
    ),
    Item(
        "evenness",
        "timing",
        campaign="activity at all hours of the day",
        honest="activity at some hours of the day",
        expected=("internal", "reseller"),
        worked_out=evenness,
    ),
    Item(
        "parallel", "timing", campaign="use on the same days", honest="little use on the same days"
    ),
    Item("same_hours", "timing", campaign="use in the same hours"),
    Item(
        "met_once",
        "ip",
        honest="what they share was in use for some days, and they live apart",
        worked_out=lambda f, _: met_once(f),
    ),
    Item("on_vpn", "ip", campaign="VPN addresses"),
    Item("on_corporate", "ip", honest="a corporate network"),
    Item("on_education", "ip", honest="a school's or a university's network"),
    Item("own_domains", "identifier", honest="a mail domain for each that hardly anybody else has"),
    Item("school_mail", "identifier", honest="mail of a school"),
    Item(
        "named",
        "identifier",
        honest="one organisation's name, borne out by a domain, a network or a declaration",
        worked_out=named,
    ),
    Item("throw_away_mail", "identifier", campaign="throw-away mail"),
    Item("declared_share", "", honest="declared to the platform as one group"),
    Item("suspended", "", campaign="accounts that the platform suspended", worked_out=suspended),
    Item("replaced", "", campaign="new accounts after suspensions", worked_out=measure("replaced")),
)


#: What has to be known of an item's value beside its words.
_VALUE_NOTES = {"country_differs": "share of the cards; fewer than three count as three"}
_BY_NAME = {item.name: item for item in ITEMS}


def said_of(row: Mapping[str, Any]) -> str:
    """Return what a row of the run's `likeness` says: of a campaign, or of honest accounts."""
    item = _BY_NAME.get(row["item"])
    if item is None:
        return "how rare campaigns are" if row["item"] == PRIOR else str(row["item"])
    return item.campaign if row["bits"] > 0 else item.honest


def row_words(row: Mapping[str, Any]) -> str:
    """Return what a row of the run's `likeness` says where its value stands beside it."""
    note = _VALUE_NOTES.get(row["item"])
    return f"{said_of(row)} ({note})" if note else said_of(row)


def words_of(rows: Sequence[Mapping[str, Any]], campaign: bool) -> list[str]:
    """Return what speaks for a campaign (or for honest accounts), the weightiest first.

    What adds fewer bits than `LEAST_BITS` is left out, and the prior.
    """
    side = [
        row
        for row in rows
        if row["item"] != PRIOR and (row["bits"] > 0) == campaign and abs(row["bits"]) >= LEAST_BITS
    ]
    return [said_of(row) for row in sorted(side, key=lambda row: -abs(row["bits"]))]


def tells_behaviour(row: Mapping[str, Any]) -> bool:
    """Return whether a row tells what the accounts do, not how they are set up."""
    item = _BY_NAME.get(row["item"])
    return item is not None and item.kind in BEHAVIOUR
