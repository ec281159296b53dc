"""The worlds: who lives on a platform, what it records, and which campaigns it suffers."""

from dataclasses import dataclass, field

HONEST = {  # shares of the honest accounts; single people make up the rest
    "mobile": 0.09, "student": 0.03, "vpn": 0.03, "traveller": 0.02, "benchmarker": 0.03,
    "default": 0.03, "launch": 0.04, "repeater": 0.03, "family": 0.04, "flatmates": 0.03,
    "several": 0.025, "returner": 0.015, "company": 0.07, "freemail_company": 0.02, "fleet": 0.02,
    "qa": 0.015, "agency": 0.025, "reseller": 0.025, "research": 0.015, "redteam": 0.01,
    "course": 0.025, "hackathon": 0.025, "cafe": 0.015, "library": 0.01, "shared_phone": 0.01,
    "product": 0.02,
}  # fmt: skip
CAMPAIGNS = {  # shares of the abusive accounts
    "distillation": 0.25, "ring": 0.12, "proxy_network": 0.15, "device_farm": 0.11,
    "card_testing": 0.08, "bought_batch": 0.1, "careful_ring": 0.07, "replacement": 0.06,
    "trial_farm": 0.06,
}  # fmt: skip
WEST = ("US", "US", "DE", "GB", "IN", "PL", "BR", "MX")
SOUTH = ("NG", "IN", "ID", "KE", "BR", "GH", "MX")


def but(base: dict[str, float], **changes: float) -> dict[str, float]:
    """The shares of a base with some of them multiplied."""
    return {kind: share * changes.get(kind, 1.0) for kind, share in base.items()}


@dataclass(frozen=True)
class World:
    abuse: float = 0.08
    honest: dict[str, float] = field(default_factory=lambda: HONEST)
    campaigns: dict[str, float] = field(default_factory=lambda: CAMPAIGNS)
    largest: int = 140  # accounts of a campaign
    countries: tuple[str, ...] = WEST
    days: int = 120
    dimension: int = 96
    prompts: int = 14  # of a median person
    paying: float = 0.65
    cardless: float = 0.1  # payers with a wallet or a bank account
    nat_pool: int = 16  # addresses of a carrier's region
    on_mobile: float = 0.35
    test_token: float = 0.02  # accounts with the processor's test instrument
    logged_proxy: float = 0.02  # sessions that show the platform's own proxy as their address
    recycled: float = 0.05  # telephone numbers that had an owner before, where there was one
    ranges: bool = False  # first and last sight instead of single sessions
    parquet: bool = False
    omit: frozenset[str] = frozenset()  # tables, or table.column


WORLDS = {
    "town": World(),
    "campus": World(abuse=0.06, dimension=48, days=100, paying=0.4, logged_proxy=0.0, honest=but(
        HONEST, student=5, course=5, hackathon=5, research=3, library=3, flatmates=3,
        company=0.3, reseller=0.3, fleet=0.3)),
    "carrier": World(abuse=0.09, nat_pool=5, on_mobile=0.7, ranges=True, days=150, honest=but(
        HONEST, mobile=5, family=1.5, company=0.6), omit=frozenset(["signups.device_id"])),
    "consumer": World(abuse=0.1, paying=0.2, prompts=9, days=90, parquet=True, honest=but(
        HONEST, family=2, several=2.5, returner=3, launch=3, cafe=2, company=0.3, fleet=0.2,
        agency=0.3, reseller=0.3), campaigns=but(CAMPAIGNS, trial_farm=3, distillation=0.7)),
    "business": World(abuse=0.06, dimension=256, days=180, paying=0.9, cardless=0.25, honest=but(
        HONEST, company=3.5, freemail_company=3, fleet=2.5, agency=3, reseller=3, qa=2,
        product=2, student=0.3, course=0.3, family=0.5)),
    "nodevices": World(omit=frozenset(["devices", "signups.device_id", "identifiers"])),
    "nopayments": World(abuse=0.07, omit=frozenset(["payments", "events"]), logged_proxy=0.2),
    "noprompts": World(abuse=0.09, ranges=True, omit=frozenset(["prompts", "references"])),
    "calm": World(abuse=0.0, test_token=0.04, logged_proxy=0.1, honest=but(HONEST, company=1.5)),
    "mobilefirst": World(
        abuse=0.09, countries=SOUTH, nat_pool=7, on_mobile=0.85, paying=0.35, cardless=0.5,
        recycled=0.4, days=140, dimension=48, parquet=True, honest=but(
            HONEST, mobile=3, shared_phone=6, cafe=6, family=2, library=2, company=0.4,
            agency=1.5, fleet=0.2, product=0.4), omit=frozenset(["networks", "signups.email"])),
    "developer": World(
        abuse=0.12, dimension=256, days=75, paying=0.8, largest=260, test_token=0.05, honest=but(
            HONEST, benchmarker=4, default=5, fleet=2, product=3, research=2, repeater=2,
            hackathon=2, redteam=2, cafe=0.3), campaigns=but(CAMPAIGNS, distillation=3.0)),
}  # fmt: skip
