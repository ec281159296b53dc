"""What a simulated platform is asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forensics.errors import UsageError
from forensics.simulate.worlds import WORLDS, World, world_named

#: Begin of the simulated period, seconds since 1970: 2026-01-01T00:00:00Z, a Thursday.
START = 1_767_225_600
DAY = 86_400.0


@dataclass(frozen=True)
class SimulationOptions:
    """The options of `forensics simulate`.

    `evasion` in [0, 1]: 0, campaigns leak as published cases did; 1, they hide as well as they
    can. `dimension` None takes the world's own. `campaign_share` is the share of all accounts
    that campaigns run, None as the world has it. Equal options give equal bytes.
    """

    accounts: int = 3_000
    evasion: float = 0.0
    seed: int = 1
    world: str = "ordinary"
    dimension: int | None = None
    prompts_per_account: float = 8.0
    days: int = 45
    campaign_share: float | None = None

    def __post_init__(self) -> None:
        world_named(self.world)
        _within("accounts", self.accounts, 50, 5_000_000)
        _within("evasion", self.evasion, 0, 1)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("prompts-per-account", self.prompts_per_account, 0, 1_000)
        _within("days", self.days, 7, 366)
        if self.dimension is not None:
            _within("dimension", self.dimension, 8, 1_040)
        if self.campaign_share is not None:
            _within("campaign-share", self.campaign_share, 0, 0.5)

    @property
    def assumptions(self) -> World:
        """The world's assumptions."""
        return WORLDS[self.world]

    @property
    def length(self) -> float:
        """Length of the simulated period in seconds."""
        return self.days * DAY


#: Named sets of options.
PRESETS: dict[str, dict[str, Any]] = {
    "published-case": {
        "accounts": 1_024_000,
        "world": "published_case",
        "dimension": 384,
        "prompts_per_account": 15.4,
    }
}


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UsageError(f"--{name} {value:g}: expected a number from {low:,} to {high:,}")
