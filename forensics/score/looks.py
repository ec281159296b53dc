"""How abusive clusters look: signals of abuse, and what tells campaigns from honest accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.score.grounds import answers_told
from forensics.score.likeness import Likeness, weigh_likeness
from forensics.score.readings import Facts
from forensics.score.signals import abuse_of, measure_signals, told

Rows = list[dict[str, Any]]
#: From where on signals alone tell a campaign whose prompts have no length of answers.
SIGNALS_TELL = 0.6


@dataclass(frozen=True)
class Looks:
    """What is seen of each cluster; `signals` and `alike` are rows per cluster.

    `abuse` is how likely a campaign is by `likeness`, and where too little is known for that, what
    the signals say together; None where nothing tells what the accounts do.
    """

    signals: list[Rows]
    likeness: Likeness
    alike: list[Rows]
    abuse: list[float | None]


def look_at(facts: Sequence[Facts], measures: Mapping[str, np.ndarray]) -> Looks:
    """Look at every cluster; `measures` are those of coordination, an entry per cluster."""
    signals = [measure_signals(fact) for fact in facts]
    by_signals = [abuse_of(rows, fact) for rows, fact in zip(signals, facts, strict=True)]
    likeness = weigh_likeness(facts, measures, [told(rows) for rows in signals])
    more = _signals_tell_more(facts, by_signals, likeness)
    likeness = replace(likeness, told=likeness.told & ~more)
    campaign = likeness.campaign().tolist()
    abuse = [c if t else s for c, t, s in zip(campaign, likeness.told, by_signals, strict=True)]
    return Looks(signals, likeness, [likeness.rows(at) for at in range(len(facts))], abuse)


def _signals_tell_more(
    facts: Sequence[Facts], by_signals: Sequence[float | None], likeness: Likeness
) -> np.ndarray:
    """Return where signals tell more than likeness, which knows no length of answers."""
    said = np.array([value or 0.0 for value in by_signals])
    more: np.ndarray = np.array([not answers_told(fact) for fact in facts], dtype=bool)
    more &= (said >= SIGNALS_TELL) & (said > likeness.campaign())
    return more
