"""Countries and people's names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np


@dataclass(frozen=True)
class Country:
    """A country: ISO code, calling code, offset from UTC in hours, share of honest accounts."""

    name: str
    code: str
    calling: str
    offset: float
    share: float


COUNTRIES = (
    Country("United States", "US", "1", -6, 26),
    Country("India", "IN", "91", 5.5, 14),
    Country("Brazil", "BR", "55", -3, 8),
    Country("United Kingdom", "GB", "44", 0, 7),
    Country("Germany", "DE", "49", 1, 7),
    Country("Japan", "JP", "81", 9, 6),
    Country("France", "FR", "33", 1, 5),
    Country("Indonesia", "ID", "62", 7, 5),
    Country("Nigeria", "NG", "234", 1, 4),
    Country("Mexico", "MX", "52", -6, 4),
    Country("South Korea", "KR", "82", 9, 4),
    Country("Poland", "PL", "48", 1, 4),
    Country("Singapore", "SG", "65", 8, 3),
    Country("Kenya", "KE", "254", 3, 3),
)
COUNTRY_WEIGHTS = np.array([c.share for c in COUNTRIES]) / sum(c.share for c in COUNTRIES)

_NAMES = {
    kind: np.array(names.split())
    for kind, names in json.loads(
        (files("forensics.simulate") / "data" / "names.json").read_text()
    ).items()
}
#: First and last names of people; words and trades that names of organisations are made of.
FIRST, LAST = _NAMES["first"], _NAMES["last"]
WORDS, TRADES = _NAMES["words"], _NAMES["trades"]
