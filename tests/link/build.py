"""What link tests compare: comparisons and material given as plain lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from forensics.link.material import Material
from forensics.link.observed import CAUSES, LEVELS, Observed
from forensics.link.pairs import Pairs, Shared, SharedValues
from forensics.link.uses import Comparison


def comparison(name: str, users: Mapping[str, Iterable[int]], size: int) -> Comparison:
    """Return a comparison from the accounts that use each value."""
    keys = sorted(users)
    uses = sorted({(account, keys.index(key)) for key in keys for account in users[key]})
    account, value = (np.array(column, np.int64) for column in zip(*uses, strict=True))
    zeros = np.zeros(len(uses), np.int64)
    return Comparison(name, pa.array(keys), account, value, zeros, zeros, size)


def material(size: int, *comparisons: Comparison, **given: object) -> Material:
    """Return material of these comparisons alone; no sign-up is known unless `created_s` is."""
    nothing = np.empty(0, np.int64)
    parts = {
        "prefix_of": nothing,
        "families": None,
        "family_of": nothing,
        "minutes": None,
        "hours": None,
        "created_s": np.zeros(size, np.int64),
        **given,
    }
    return Material({c.name: c for c in comparisons}, **parts)


def pairs_of(*pairs: tuple[int, int], size: int) -> Pairs:
    """Return pairs, ordered."""
    ordered = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return Pairs(ordered[:, 0], ordered[:, 1], size)


def all_pairs(size: int) -> Pairs:
    """Return every pair of accounts."""
    a, b = np.triu_indices(size, k=1)
    return Pairs(a.astype(np.int64), b.astype(np.int64), size)


def shared_by(found: Comparison, pairs: Pairs) -> Shared:
    """Return what pairs share in one comparison."""
    return SharedValues(found)(pairs)[found.name]


KIND = {
    "device": "device",
    "phone": "identifier",
    "instrument": "payment",
    "synchrony": "timing",
    "template": "prompt",
}


def observed(
    name: str,
    level: np.ndarray,
    *,
    u: float | np.ndarray = 1.0,
    kind: str | None = None,
    cap: float = 18.0,
    rarity: np.ndarray | None = None,
    causes: tuple[str, ...] | None = None,
) -> Observed:
    """Return a comparison; an agreement (level above 0) has probability `u` between strangers."""
    n = len(level)
    return Observed(
        name,
        kind or KIND[name],
        LEVELS.get(name, ("different", "same")),
        level,
        np.full(n, -1),
        np.where(level > 0, u, 1.0),
        np.full(n, cap),
        np.zeros(n, bool),
        np.full(n, -1) if rarity is None else rarity,
        CAUSES.get(name, ()) if causes is None else causes,
    )
