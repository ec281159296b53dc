"""What is said of clusters: their scores, why, and the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from forensics.link.uses import Ints
from forensics.score.calibrate import Calibrations
from forensics.score.chance import Chance

_ORDER = {"abusive": 0, "coordinated": 1, "unclear": 2, "legitimate": 3}


@dataclass(frozen=True)
class Scored:
    """Scores of the groups in `groups` (numbers of `Clustering.label`), one row each, unnamed.

    `clusters` has the columns of the run's table but for the ids; `evidence`, `signals`,
    `likeness` and `explanations` are lists of rows per group. `released` are groups that are no
    clusters.
    """

    groups: Ints
    clusters: list[dict[str, Any]]
    evidence: list[list[dict[str, Any]]]
    signals: list[list[dict[str, Any]]]
    likeness: list[list[dict[str, Any]]]
    explanations: list[list[dict[str, Any]]]
    chance: Chance
    calibrations: Calibrations = field(default_factory=Calibrations)
    released: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def release(self, below: float) -> Scored:
        """Let go of groups that are linked by where accounts are or what they do, not by whom.

        A course shares homework, an hour of sign-up and the school's address: pairs of it are
        linked, and nothing beyond that holds the group together.
        """
        kept = [at for at, row in enumerate(self.clusters) if row["coordination"] >= below]
        gone = np.setdiff1d(np.arange(len(self.clusters)), kept)
        return replace(
            self,
            groups=self.groups[kept],
            clusters=[self.clusters[at] for at in kept],
            evidence=[self.evidence[at] for at in kept],
            signals=[self.signals[at] for at in kept],
            likeness=[self.likeness[at] for at in kept],
            explanations=[self.explanations[at] for at in kept],
            released=self.groups[gone],
        )


def ranked(rows: list[dict[str, Any]]) -> list[int]:
    """Return the order in which clusters are shown: findings, the most abusive, the largest."""
    return sorted(
        range(len(rows)),
        key=lambda i: (
            _ORDER[rows[i]["verdict"]],
            -round(rows[i]["abuse"] or 0, 1),
            -rows[i]["accounts"],
            -rows[i]["coordination"],
            str(rows[i]["first_seen"]),
            i,
        ),
    )
