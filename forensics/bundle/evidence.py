"""Everything that a bundle says of one cluster; every file of a bundle is built from it alone.

That is also where redaction has its place: it turns one `Evidence` into another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Evidence:
    """One cluster of one run.

    Attributes:
        cluster: its row of `clusters`.
        info: the run's `run.json`.
        settings: all settings, by section.
        files: the loaded source files: table, file, sha256, rows, stored, quarantined.
        members: `members` with their columns of `accounts`, by account_id.
        links: the links between members, by account_a and account_b.
        reasons: the reasons of these links, by account_a, account_b, kind, comparison and key.
        shared: the values behind the reasons and fits, or that two members use: columns of
            `identifiers`, `members` (how many use it), `links` and `bits` (sum over the links that
            rest on it), `fits` and `fit_bits` (the same of the members that fit by it).
        uses: the members' uses of these values.
        sources: the stored rows behind the reasons and fits: `ROWS` of forensics.case.rows,
            `source` (a number from 1) and `row_sha256`. Of a fit they are those of all members that
            have the value. The rows of one account, comparison and key adjoin.
        evidence, signals, likeness, explanations, lineage, fits: the run's rows of this cluster.
        weights: the run's m and u.
        neighbours: other clusters that members are linked with: cluster_id, members, links, bits.
        lent: cards and devices that bridges have in common with other clusters: other_cluster, key,
            bridges (how many have it), others (accounts there that have it).
        labels: what people decided on the cluster and its members: subject (an id), verdict,
            operator, reason, by, at (text).
        activity: the members' prompts by the hour: at, prompts.
        events: what happened in the period: name, at, kind.
        forgotten: how many accounts were taken out of the case before.
        profile: what was taken out or replaced: "internal" (nothing), "partner" or "public".
        share_key: the name of the key that values were replaced under, None without one.
    """

    cluster: dict[str, Any]
    info: dict[str, Any]
    settings: dict[str, Any]
    files: list[dict[str, Any]]
    members: pa.Table
    links: pa.Table
    reasons: pa.Table
    shared: pa.Table
    uses: pa.Table
    sources: pa.Table
    evidence: pa.Table
    signals: pa.Table
    likeness: pa.Table
    explanations: pa.Table
    lineage: pa.Table
    fits: pa.Table
    weights: pa.Table
    neighbours: pa.Table
    lent: pa.Table
    labels: pa.Table
    activity: pa.Table
    events: pa.Table
    forgotten: int = 0
    profile: str = "internal"
    share_key: str | None = None

    @property
    def cluster_id(self) -> str:
        """The cluster's id."""
        return str(self.cluster["cluster_id"])


def holding_values(shared: pa.Table) -> pa.Table:
    """Return the shared values that a link rests on, or that a member fits by."""
    return shared.filter(pc.or_(pc.greater(shared["links"], 0), pc.greater(shared["fits"], 0)))
