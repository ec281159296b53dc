"""Worlds: assumptions on who lives on a platform, what they share and what it records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from forensics.errors import UsageError, nearest

#: Who the honest accounts belong to: share of all honest accounts by kind. The rest is `honest`.
HONEST = {
    "family": 0.09,
    "company": 0.12,
    "campus": 0.07,
    "shared_computer": 0.012,
    "reseller": 0.02,
    "serial": 0.012,
    "benchmark": 0.02,
    "default_prompt": 0.02,
    "researchers": 0.003,
    "build_fleet": 0.008,
}

#: Share of all accounts that each kind of campaign runs.
CAMPAIGNS = {
    "proxy_network": 0.028,
    "datacentre_lab": 0.013,
    "careful": 0.009,
    "trial_abuse": 0.012,
    "device_farm": 0.008,
    "small_ring": 0.010,
}


@dataclass(frozen=True)
class World:
    """One set of assumptions.

    `honest` and `campaigns` say who there is (shares, see above). `paying` is the share of
    honest people with a payment instrument, `mobile` and `vpn` how often a person comes through
    a carrier's NAT or a VPN exit, `carrier_users` how many accounts stand behind one carrier
    address. `declared` is the share of companies and resellers that the platform knows to be
    one customer. `common_direction` is the norm of what all unit embeddings share (0.45 in real
    ones), `topicality` the cosine that two prompts of one topic have beyond it. `artefact` is the
    share of sessions logged with the platform's own address and device. `left_out` are tables,
    `blank` sign-up columns that the platform doesn't record.
    """

    name: str
    about: str
    honest: dict[str, float] = field(default_factory=lambda: dict(HONEST))
    campaigns: dict[str, float] = field(default_factory=lambda: dict(CAMPAIGNS))
    paying: float = 0.6
    mobile: float = 0.22
    vpn: float = 0.04
    carrier_users: int = 500
    declared: float = 0.4
    dimension: int = 384
    common_direction: float = 0.45
    topicality: float = 0.18
    artefact: float = 0.0
    identifiers: bool = False
    left_out: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()


def _variant(
    name: str, about: str, honest: dict[str, float] | None = None, **changes: object
) -> World:
    base = World(name, about, honest=HONEST | (honest or {}))
    return replace(base, **changes)  # type: ignore[arg-type]


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World("ordinary", "a bit of everything, every table", identifiers=True),
        _variant(
            "heavy_nat",
            "most people on mobile phones: thousands of accounts behind few carrier addresses",
            mobile=0.7,
            vpn=0.08,
            carrier_users=3_000,
        ),
        _variant("few_payments", "a free product: one account in twelve ever pays", paying=0.08),
        _variant("no_prompts", "no prompt is recorded", left_out=("prompts", "references")),
        _variant(
            "many_companies",
            "a business product: four accounts in ten belong to companies",
            honest={"company": 0.40, "build_fleet": 0.03, "reseller": 0.03, "campus": 0.02},
            paying=0.75,
            mobile=0.1,
            identifiers=True,
        ),
        _variant("no_fraud", "nobody abuses the platform", campaigns={}),
        _variant(
            "missing_tables",
            "no devices, no networks, no references, no phone numbers",
            left_out=("devices", "networks", "references", "declared"),
            blank=("device_id", "phone"),
        ),
        _variant(
            "wide_embeddings",
            "768 dimensions, most of each embedding common to all",
            dimension=768,
            common_direction=0.75,
        ),
        _variant(
            "tight_embeddings",
            "64 dimensions, in which topics crowd",
            dimension=64,
            topicality=0.28,
        ),
        _variant(
            "students",
            "campuses, course bursts and benchmark runs",
            honest={"campus": 0.38, "benchmark": 0.06, "company": 0.05, "shared_computer": 0.03},
            paying=0.3,
            identifiers=True,
        ),
        _variant(
            "gatherings",
            "hackathons, evening courses, schools, test teams and agencies",
            honest={
                "hackathon": 0.05,
                "course": 0.03,
                "school": 0.03,
                "testers": 0.02,
                "agency": 0.02,
            },
        ),
        _variant(
            "artefacts",
            "one session in twenty is logged with the platform's own address and device",
            artefact=0.05,
        ),
        _variant(
            "published_case",
            "one network among many people, as in the largest case made public; see --preset",
            campaigns={"proxy_network": 24_000 / 1_024_000},
        ),
        _variant(
            "resellers",
            "agencies and resellers with many end customers each, few of them declared",
            honest={"reseller": 0.16, "company": 0.14},
            declared=0.25,
            identifiers=True,
        ),
    )
}


def world_named(name: str) -> World:
    """Return a world.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in WORLDS:
        raise UsageError(
            f"no world '{name}'{nearest(name, WORLDS)} (there are: {', '.join(WORLDS)})"
        )
    return WORLDS[name]
