"""The platforms that quality is measured on, and which of them nobody developed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.elsewhere.build import platform
from benchmarks.elsewhere.worlds import WORLDS as THEIRS
from forensics.evaluate.truth import Truth, read_truth
from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate
from forensics.simulate.worlds import WORLDS

#: Worlds to develop on. The others, and all seeds from `REPORT_SEED`, are for reporting only:
#: nobody looks at single results there, and nothing is tuned to them.
DEVELOP = (
    "ordinary",
    "heavy_nat",
    "few_payments",
    "no_prompts",
    "many_companies",
    "no_fraud",
    "artefacts",
    "gatherings",
)
REPORT = tuple(name for name in WORLDS if name not in DEVELOP)
REPORT_SEED = 101
EVASIONS = (0.0, 0.4, 0.7)
#: The worlds of a generator by people who knew the problem and neither the tool nor its simulator.
ELSEWHERE = {f"elsewhere.{name}": name for name in THEIRS}


@dataclass(frozen=True)
class Platform:
    """One generated platform."""

    world: str
    evasion: float
    seed: int
    accounts: int

    @property
    def name(self) -> str:
        """A name that tells it apart from all others."""
        return f"{self.world}-{self.evasion:g}-{self.seed}-{self.accounts}"

    @property
    def split(self) -> str:
        """Whether it may be developed on: develop, or report."""
        known = self.world in DEVELOP and self.seed < REPORT_SEED
        return "develop" if known else "report"

    @property
    def key(self) -> dict[str, str | float | int]:
        """The columns that name it in every table of results."""
        return {
            "platform": self.name,
            "split": self.split,
            "world": self.world,
            "evasion": self.evasion,
            "seed": self.seed,
        }

    def make(self, folder: Path) -> Truth:
        """Write its tables into `folder` and return who really runs which account."""
        if self.world in ELSEWHERE:
            theirs = platform(ELSEWHERE[self.world], self.evasion, self.seed, self.accounts)
            theirs.write(folder)
        else:
            options = SimulationOptions(
                accounts=self.accounts, evasion=self.evasion, seed=self.seed, world=self.world
            )
            simulate(folder, options)
        return read_truth(folder / "truth" / "truth.csv")


def matrix(
    worlds: Sequence[str], evasions: Sequence[float], seeds: Sequence[int], accounts: int
) -> list[Platform]:
    """Return every combination; a world without fraud has nobody who could evade."""
    return [
        Platform(world, evasion, seed, accounts)
        for world in worlds
        for evasion in evasions
        for seed in seeds
        if has_fraud(world) or evasion == evasions[0]
    ]


def has_fraud(world: str) -> bool:
    """Return whether a world has campaigns in it."""
    if world in ELSEWHERE:
        return THEIRS[ELSEWHERE[world]].abuse > 0
    return bool(WORLDS[world].campaigns)
