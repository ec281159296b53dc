"""What is taken away in the ablation, one thing at a time, and what stands in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from forensics.cluster.communities import components
from forensics.score.likeness import weigh_likeness

WHOLE = "nothing taken away"


@dataclass(frozen=True)
class Ablation:
    """What is left out: tables, columns of sign-ups, and functions or values by their full name.

    `patches` gives what stands in the place of each; `settings` is TOML.
    """

    name: str
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    patches: dict[str, Any] = field(default_factory=dict)
    settings: str = ""


def _same(label: Any, *_: Any) -> Any:
    """Stand in for a step on labels that changes nothing."""
    return label


def _first_guess(comparer: Any, *_: Any) -> Any:
    from forensics.link.compare import first_guess

    return first_guess(comparer.material)


def _none_public(families: Callable[..., Any]) -> Callable[..., Any]:
    """Return `families` that takes no template for public."""

    def found(templates: Any, comparisons: Any) -> Any:
        table = templates.described
        at = table.column_names.index("public")
        unknown = pa.nulls(len(table), table.schema.field(at).type)
        described = table.set_column(at, table.schema.field(at), unknown)
        return families(replace(templates, described=described), comparisons)

    return found


class _Everything:
    """Holds whatever it is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


def _all_bits(name: str, observations: Any, bits: dict[str, np.ndarray]) -> np.ndarray:
    del name, observations
    return sum(bits.values(), start=np.zeros(len(next(iter(bits.values()))), dtype=np.int64))


def _none_marked(first: Any, second: Any) -> Any:
    """Stand in for a test of values, given beside a name or their comparison: it marks none."""
    return np.zeros(len(second), dtype=bool)


def _no_weight(few: Any, members: Any) -> Any:
    del members
    return np.zeros_like(few)


def _no_trait(*_: Any) -> bool:
    return False


def _own_families(keys: Any, *_: Any) -> Any:
    import pyarrow.compute as pc

    return pc.replace_substring(keys.combine_chunks(), "template:t-", "f-")


def _plain_components(a: Any, b: Any, weight: Any, size: int, seed: int) -> Any:
    del weight, seed
    return components(a, b, size)


def _unobserved(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Return an observer that calls everything missing."""

    def missing(*given: Any, **named: Any) -> Any:
        observed = observe(*given, **named)
        return replace(observed, level=np.full_like(observed.level, -1))

    return missing


def ablations() -> list[Ablation]:
    """Return everything that is taken away, one at a time."""
    from forensics.link import material, observe

    link, find = "forensics.link", "forensics.cluster.find"
    names = ("merge_clusters", "split_bridged", "part_borrowed", "peel_loose")
    steps = {name: f"{find}.{name}" for name in names}
    return [
        Ablation(WHOLE),
        Ablation("no payments", tables=("payments",)),
        Ablation("no addresses", tables=("ips",), columns=("signup_ip",)),
        Ablation("no devices", tables=("devices",), columns=("device_id",)),
        Ablation("no prompts", tables=("prompts", "references")),
        Ablation("no e-mail, phone, identifiers", ("identifiers",), ("email", "phone")),
        Ablation("no networks", tables=("networks",)),
        Ablation("no references", tables=("references",)),
        Ablation("no declared groups", tables=("declared",)),
        Ablation(
            "no sign-up gaps",
            patches={f"{link}.compare.observe_gap": _unobserved(observe.observe_gap)},
        ),
        Ablation(
            "no synchrony",
            patches={f"{link}.compare.observe_synchrony": _unobserved(observe.observe_synchrony)},
        ),
        Ablation(
            "no coarse levels",
            patches={f"{link}.compare.COARSE": {}},
        ),
        Ablation(
            "each template its own family", patches={f"{link}.templates._families": _own_families}
        ),
        Ablation(
            "candidates by all that is shared alone",
            patches={f"{link}.candidates.CONTEXT": _Everything()},
        ),
        Ablation("rarity by accounts", patches={f"{link}.compare.Comparer.recount": _first_guess}),
        Ablation(
            "placeholders count as others",
            patches={
                f"{link}.uses.placeholders": _none_marked,
                f"{link}.compare.shared_tokens": _none_marked,
            },
        ),
        Ablation("traits count as identifiers", patches={f"{link}.compare.is_trait": _no_trait}),
        Ablation(
            "what devices carry counts beside them",
            patches={f"{link}.material.mark_carried": _same},
        ),
        Ablation("groups in a crowd count", patches={f"{link}.operators.CROWD": float("inf")}),
        Ablation(
            "default weights, no EM",
            patches={f"{link}.linkage.estimate": lambda observations, accounts, model: model},
        ),
        Ablation(
            "EM counts pairs, not accounts",
            patches={f"{link}.pairs.Pairs.account_weights": lambda _, rows: np.ones(len(rows))},
        ),
        Ablation(
            "EM with a kind in its own update",
            patches={f"{link}.estimate.independent_bits": _all_bits},
        ),
        Ablation("cards judged like other values", patches={f"{link}.estimate.PERSONAL": ()}),
        Ablation("echoes not bounded", patches={f"{link}.observe.CAUSES": {}}),
        Ablation(
            "no ceilings from other evidence",
            patches={f"{link}.weights.Model._ceiling": lambda _, o: np.full(len(o.level), np.inf)},
        ),
        Ablation("components, not Leiden", patches={f"{find}.communities": _plain_components}),
        Ablation("no split", patches={steps["split_bridged"]: _same}),
        Ablation("no part", patches={steps["part_borrowed"]: _same}),
        Ablation("what many use holds", patches={"forensics.cluster.holds.MOST_OPERATORS": 1e9}),
        Ablation("no merge", patches={steps["merge_clusters"]: _same}),
        Ablation("no peel", patches={steps["peel_loose"]: _same}),
        Ablation("no coincidence makes a group", patches={f"{find}.group_coinciding": _same}),
        Ablation("weak pairs make no group", patches={f"{find}.group_weak": _same}),
        Ablation("no account joins what it fits", patches={f"{find}.join_fitting": _same}),
        Ablation(
            "what fits another a little joins it", patches={"forensics.cluster.fit.OF_OWN": 0.0}
        ),
        Ablation(
            "nothing speaks against a fit",
            patches={"forensics.cluster.unlike.weight_against": _no_weight},
        ),
        Ablation(
            "one alone joins by as little as a group",
            patches={"forensics.cluster.fit.ALONE": 2_000},
        ),
        Ablation(
            "rings of one supplier are joined",
            patches={"forensics.cluster.communities.JOIN_SHARE": 0.0},
        ),
        Ablation("unstable groups stay whole", patches={f"{find}.Repeated.with_cores": _same}),
        Ablation("no stolen account is let go", patches={f"{find}.free_settled": _same}),
        Ablation("no merge, split, part, peel", patches=dict.fromkeys(steps.values(), _same)),
        Ablation(
            "no group evidence of cards",
            patches={"forensics.score.facts.cards_alike": _nothing_alike},
        ),
        Ablation(
            "public templates count as others",
            patches={f"{link}.material._families": _none_public(material._families)},
        ),
        Ablation("no group is released", settings="[cluster]\nrelease_below = 0.0\n"),
        Ablation(
            "templates and the clock count in full",
            patches={"forensics.score.readings.confirmed": lambda facts: 1.0},
        ),
        Ablation(
            "nothing is like a campaign, nor like honest accounts",
            patches={"forensics.score.looks.weigh_likeness": _nothing_told},
        ),
        Ablation(
            "a campaign is not said to be one operator's",
            patches={
                f"forensics.score.{module}.as_campaign": lambda found, _: found
                for module in ("weigh", "evidence")
            },
        ),
        Ablation(
            "nothing is innocent by being like honest accounts",
            patches={
                f"forensics.score.explanations.{name}": 0.0 for name in ("HONEST", "HONEST_UNTOLD")
            },
        ),
        Ablation(
            "no innocent explanations", patches={"forensics.score.weigh.weigh_explanations": _none}
        ),
        Ablation(
            "explanations account for all evidence",
            patches={"forensics.score.weigh.coordination_without": _nothing_left},
        ),
        Ablation(
            "no explanation accounts for abuse",
            patches={"forensics.score.verdict.ACCOUNTS_FOR": float("inf")},
        ),
        Ablation(
            "lives apart tell nothing",
            patches={"forensics.score.facts.lives_apart": _nobody_apart},
        ),
        Ablation("no test against chance", settings="[score]\nmax_q = 1.0\n"),
        Ablation("no test of stability", settings="[score]\nmin_stability = 0.0\n"),
    ]


def _nobody_apart(material: Any, label: np.ndarray, clusters: int) -> np.ndarray:
    del material, label
    return np.zeros(clusters)


def _nothing_alike(database: Any, clusters: int) -> np.ndarray:
    del database
    return np.zeros(clusters)


def _nothing_left(kinds: Any, linkage: Any, label: Any, whole: Any) -> np.ndarray:
    del kinds, linkage, label
    return np.zeros(len(whole.coordination))


def _nothing_told(facts: Any, measures: Any, told: Any) -> Any:
    return weigh_likeness(facts, measures, [False for _ in told])


def _none(*given: Any, **named: Any) -> list[Any]:
    del given, named
    return []
