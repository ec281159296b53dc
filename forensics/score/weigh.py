"""What the links and the facts say of the clusters, before any of it is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.case.settings import ScoreSettings, Settings
from forensics.cluster.find import Clustering
from forensics.link.candidates import LOOKS
from forensics.link.linkage import Linkage
from forensics.link.uses import Ints
from forensics.score.coordination import Beside, coordination_of, measure_hold, measures_of
from forensics.score.evidence import (
    Whole,
    as_campaign,
    card_ranges_alone,
    coordination_without,
    fitting_members,
    measure_evidence,
)
from forensics.score.explanations import EXPLANATIONS, weigh_explanations
from forensics.score.grounds import own_domain
from forensics.score.looks import Looks, look_at
from forensics.score.readings import Facts, never_rests, one_campaign, replacement, untold


@dataclass(frozen=True)
class Weighed:
    """What the links and the facts say of the clusters.

    `evidence` and `looks` have an entry per cluster; `measures`, `left` (coordination without what
    an explanation covers), `links` inside, `fitting` members and `ranges` (whether it rests on card
    ranges and no card) one per group of the labelling.
    """

    whole: Whole
    measures: dict[str, np.ndarray]
    looks: Looks
    evidence: list[list[dict[str, Any]]]
    left: dict[str, np.ndarray]
    links: Ints
    fitting: Ints
    ranges: np.ndarray

    def scores(self, at: int) -> dict[str, Any]:
        """Return what is measured of a cluster."""
        g = self.whole.groups[at]
        return {
            "measured_coordination": float(self.whole.coordination[g]),
            "measured_abuse": self.looks.abuse[at],
            "links": int(self.links[g]),
            "fitting": int(self.fitting[g]),
            **{f"hold_{name}": float(value[g]) for name, value in self.measures.items()},
        }

    def explanations(self, at: int, fact: Facts, settings: ScoreSettings) -> list[dict[str, Any]]:
        """Return the innocent explanations of a cluster, weighed."""
        g = self.whole.groups[at]
        return weigh_explanations(
            fact,
            self.looks.abuse[at],
            settings.min_abuse,
            left={name: round(float(without[g]), 4) for name, without in self.left.items()},
            likeness=self.looks.alike[at],
        )


def weigh(
    linkage: Linkage,
    clustering: Clustering,
    facts: list[dict[str, Any]],
    groups: Ints,
    settings: Settings,
) -> Weighed:
    """Weigh the clusters, which are the groups `groups`; `facts` has an entry for each."""
    label, every = clustering.label, len(clustering.sizes)
    beside = beside_of(facts, groups, every)
    most = LOOKS * settings.link.max_links_per_account
    measures = measures_of(measure_hold(linkage, label, most), beside)
    looks = look_at(facts, {name: found[groups] for name, found in measures.items()})
    coordination = coordination_of(measures)
    coordination[groups] = as_campaign(coordination[groups], looks.likeness.campaign())
    whole = Whole(coordination, beside, most, groups, looks.likeness)
    inside = _links_inside(linkage, label, settings)
    return Weighed(
        whole=whole,
        measures=measures,
        looks=looks,
        evidence=measure_evidence(linkage, clustering, inside, groups, whole),
        left={
            e.name: coordination_without(e.covers, linkage, label, whole)
            for e in EXPLANATIONS
            if e.covers
        },
        links=np.bincount(label[linkage.pairs.a[inside]], minlength=every),
        fitting=fitting_members(clustering),
        ranges=card_ranges_alone(linkage, clustering, inside),
    )


def _links_inside(linkage: Linkage, label: Ints, settings: Settings) -> Ints:
    linked = linkage.probabilities >= settings.link.min_probability
    return np.flatnonzero(linked & (label[linkage.pairs.a] == label[linkage.pairs.b]))


def beside_of(facts: list[dict[str, Any]], groups: Ints, every: int) -> Beside:
    """Return what the facts of each group say of one operator, beside its links."""

    def of_groups(value: Callable[[dict[str, Any]], float]) -> np.ndarray:
        found = np.zeros(every)
        found[groups] = [value(fact) for fact in facts]
        return found

    return Beside(
        cards=of_groups(lambda f: f["cards_alike"]),
        payers=of_groups(lambda f: (f["payer_share"] or 0) * f["accounts"]),
        # The students of a school are declared together, and are many.
        declared=of_groups(lambda f: f["declared_share"] * (f["declared_kind"] != "education")),
        campaign=of_groups(one_campaign),
        apart=of_groups(lambda f: f["lives_apart"] or 0),
        domain=of_groups(own_domain),
        replaced=of_groups(lambda f: replacement(f) or 0),
        clock=of_groups(lambda f: never_rests(f) or 0),
        untold=of_groups(untold),
    )
