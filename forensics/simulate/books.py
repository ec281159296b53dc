"""The registers that every part of a platform draws from: addresses, devices, cards, and so on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forensics.simulate.cards import Cards
from forensics.simulate.draws import Ints, Reals, Rng, rng_for
from forensics.simulate.geometry import Geometry
from forensics.simulate.mail import Domains
from forensics.simulate.networks import Networks
from forensics.simulate.options import DAY, SimulationOptions
from forensics.simulate.places import COUNTRY_WEIGHTS
from forensics.simulate.themes import Themes

#: Public benchmarks by number of prompts; the last is not listed in `references`.
BENCHMARKS = (("maths-word-problems", 120), ("code-completion", 100), ("reasoning-mix", 140))
DEFAULTS = ("agent-framework-default", "chat-widget-default", "summariser-default")
CAPABILITIES = ("agentic coding", "stepwise reasoning", "tool use")


@dataclass
class Schedules:
    """Job schedules: the moments at which a campaign's (or a fleet's) accounts act together."""

    times: list[Reals] = field(default_factory=list)

    def add(self, rng: Rng, length: float, batches: int) -> int:
        """Add a schedule of `batches` moments, even round the clock; returns its number."""
        gaps = rng.exponential(1.0, batches) + 0.2
        self.times.append(np.cumsum(gaps) / gaps.sum() * length)
        return len(self.times) - 1


class Books:
    """All registers of one platform, and what is public on it: carriers, VPNs, known prompts."""

    def __init__(self, options: SimulationOptions) -> None:
        world, accounts = options.assumptions, options.accounts
        self.options = options
        self.networks = Networks(rng_for(options.seed, "networks"), accounts)
        self.cards = Cards(rng_for(options.seed, "cards"))
        self.domains = Domains(rng_for(options.seed, "domains"))
        geometry = Geometry(options.dimension or world.dimension, world.common_direction)
        self.themes = Themes(rng_for(options.seed, "themes"), geometry)
        self.schedules = Schedules()
        self.devices = self.phones = self.mailboxes = self.organisations = self.groups = 0
        self.carriers = self._carriers(world.mobile, world.carrier_users)
        self.vpns = self.networks.pools(
            np.array(self.networks.vpns), int(np.clip(accounts // 2_500, 3, 200))
        )
        #: What a careless log writes instead of the client's own address and device.
        self.gateway = int(self.networks.pools(np.array(self.networks.clouds[:1]), 1)[0])
        self.placeholder = int(self.new_devices(1)[0])
        rng = rng_for(options.seed, "public prompts")
        bank = len(geometry.prompts)
        self.benchmarks = [
            self.themes.known(rng.choice(bank, size, replace=False), 0.9999)
            for _, size in BENCHMARKS
        ]
        #: Prompts that spread among people by word of mouth; in no list of references.
        self.viral = [self.themes.known(rng.integers(0, bank, 1), 0.93) for _ in range(8)]
        self.defaults = [self.themes.known(rng.integers(0, bank, 1), 0.985) for _ in DEFAULTS]
        self.capabilities = rng.choice(len(geometry.topics), len(CAPABILITIES), replace=False)
        #: Address pools of honest homes, which residential proxies borrow from.
        self.honest_homes = np.zeros(0, np.int64)

    def _carriers(self, mobile: float, users: int) -> Ints:
        behind = self.options.accounts * min(1.0, 2.2 * mobile) * COUNTRY_WEIGHTS
        sizes = np.maximum(2, np.ceil(behind / users)).astype(np.int64)
        return self.networks.pools(np.array(self.networks.carriers), sizes)

    def new_devices(self, count: int) -> Ints:
        """Return the numbers of `count` new devices."""
        self.devices += count
        return np.arange(self.devices - count, self.devices)

    def new_phones(self, count: int) -> Ints:
        """Return the numbers of `count` new phone numbers."""
        self.phones += count
        return np.arange(self.phones - count, self.phones)

    def new_mailboxes(self, count: int) -> Ints:
        """Return the numbers of `count` new mailboxes."""
        self.mailboxes += count
        return np.arange(self.mailboxes - count, self.mailboxes)

    def new_organisations(self, count: int) -> Ints:
        """Return the numbers of `count` new organisations, which have names."""
        self.organisations += count
        return np.arange(self.organisations - count, self.organisations)

    def new_groups(self, count: int) -> Ints:
        """Return the numbers of `count` new groups that may be declared."""
        self.groups += count
        return np.arange(self.groups - count, self.groups)

    @property
    def launch(self) -> float:
        """When a hackathon brings new people, seconds from the start of the period."""
        return float(np.floor(self.options.days / 3) * DAY + 9 * 3600)

    @property
    def release(self) -> float:
        """When the new model is released, seconds from the start of the period."""
        return float(np.floor(self.options.days * 0.55) * DAY + 17 * 3600)
