"""What the screens and the report say of a cluster in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def contested(cluster: Mapping[str, Any]) -> bool:
    """Return whether all cut-offs are met, and a legitimate reason stands against abuse."""
    return cluster["verdict"] == "unclear" and "contested" in (cluster["reasons"] or ())


def nothing_for(explanations: Sequence[Mapping[str, Any]]) -> str:
    """Return that no innocent explanation has anything for it, where that is so; else nothing."""
    if not explanations or any(e["strength"] > 0 for e in explanations):
        return ""
    more = "more for it than against it" if any(e["speaks_for"] for e in explanations) else ""
    return f"none of the innocent explanations has {more or 'anything for it'}"


def statuses(cluster: Mapping[str, Any]) -> str:
    """Return how many accounts of a cluster are active, suspended and deleted, in words.

    An account without a recorded status counts in `active`; here it is said apart, where the run
    knows of it.
    """
    unknown = cluster.get("without_status") or 0
    if unknown == cluster["accounts"]:
        return "no status recorded"
    said = [f"{cluster['active'] - unknown:,} active", f"{cluster['suspended']:,} suspended"]
    if cluster.get("deleted") is not None:
        said.append(f"{cluster['deleted']:,} deleted")
    if unknown:
        said.append(f"{unknown:,} without a recorded status")
    return ", ".join(said)
