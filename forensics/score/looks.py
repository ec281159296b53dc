"""How abusive clusters look: signals of abuse, and what tells campaigns from honest accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.score.likeness import Likeness, weigh_likeness
from forensics.score.readings import Facts
from forensics.score.signals import abuse_of, measure_signals, told

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Looks:
    """What is seen of each cluster; `signals` and `alike` are rows per cluster.

    `abuse` is how likely a campaign is by `likeness`, and where the case knows too little for that,
    what the signals say together; None where nothing tells what the accounts do.
    """

    signals: list[Rows]
    likeness: Likeness
    alike: list[Rows]
    abuse: list[float | None]


def look_at(facts: Sequence[Facts], measures: Mapping[str, np.ndarray]) -> Looks:
    """Look at every cluster; `measures` are those of coordination, an entry per cluster."""
    signals = [measure_signals(fact) for fact in facts]
    likeness = weigh_likeness(facts, measures, [told(rows) for rows in signals])
    campaign = likeness.campaign().tolist()
    abuse = [
        campaign[at] if likeness.told[at] else abuse_of(signals[at], fact)
        for at, fact in enumerate(facts)
    ]
    return Looks(signals, likeness, [likeness.rows(at) for at in range(len(facts))], abuse)
