"""Placeholders: values that stand where the real one was not known, and are nobody's own.

A payment processor's test token, a device id of zeros, an address inside the platform's own
network: whoever has one in common has nothing in common. They are told by their form here; a test
token whose name does not tell is told by its users (`link/operators.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Where this share of a comparison's values look like placeholders, they are named so there.
TOO_MANY = 0.05
_NOTHING = (
    r"unknown|null|none|nil|n/?a|undefined|default|dummy|anonymous|0+|f{8,}|0{8}(-0{4}){3}-0{12}"
)
#: Blocks that no network outside knows (RFC 1918, 6598, 3927, 4193, 4291; loopback).
_INSIDE = (
    r"10\.|127\.|0\.|192\.168\.|169\.254\.|172\.(1[6-9]|2[0-9]|3[01])\."
    r"|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:"
)
_PATTERNS = {
    "instrument": rf"^payment:({_NOTHING}|(.*[^a-z])?test([^a-z].*)?|(tok|pm_card)_[a-z]+)$",
    "address": rf"^ip:({_INSIDE})",
}
_OTHERS = rf"^[^:]*:({_NOTHING})$"


def placeholders(name: str, keys: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which values of a comparison are placeholders."""
    found = pc.match_substring_regex(keys, _PATTERNS.get(name, _OTHERS), ignore_case=True)
    mask: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    few = bool(mask.sum() < max(TOO_MANY * len(keys), 2))
    return mask if few else np.zeros_like(mask)
