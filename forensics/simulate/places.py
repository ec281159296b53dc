"""Countries and people's names."""

from __future__ import annotations

from dataclasses import dataclass

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

FIRST = np.array(
    ["ada", "aiko", "alan", "amara", "ana", "anders", "anil", "anita", "arjun", "asha", "bela", "bruno", "carla", "carlos", "chen", "chiara", "clara", "daan", "dana", "david", "deepa", "diego", "dmitri", "elena", "emeka", "emil", "emma", "eva", "fatima", "felix", "fumi", "gita", "grace", "hana", "hans", "hugo", "ines", "ivan", "jan", "jana", "joao", "jonas", "jorge", "julia", "kamal", "karin", "kenji", "kofi", "lars", "laura", "leila", "leo", "liam", "lina", "lucas", "luis", "maria", "marta", "mateo", "maya", "mei", "mia", "mila", "mina", "mira", "mohan", "nadia", "naoki", "nina", "noah", "nora", "olga", "omar", "otto", "pablo", "paula", "pedro", "petra", "priya", "rafael", "raj", "rosa", "ruth", "sam", "sara", "sofia", "sven", "tara", "teo", "thomas", "tomas", "uma", "vera", "victor", "wanjiru", "wei", "yara", "yuki", "yusuf", "zoe"]
)
LAST = np.array(
    ["abe", "adams", "almeida", "anand", "baker", "bauer", "becker", "berg", "bianchi", "brown", "castro", "chan", "chavez", "cohen", "costa", "cruz", "davis", "devi", "diaz", "dubois", "eze", "fernandes", "fischer", "fontaine", "garcia", "gomez", "gupta", "haas", "hall", "han", "hassan", "hayashi", "horvat", "ibrahim", "ito", "iyer", "jansen", "jensen", "johnson", "joshi", "kaya", "khan", "kim", "klein", "kowalski", "kumar", "lang", "lee", "lima", "lopez", "marin", "martin", "mehta", "meyer", "mori", "moreau", "mwangi", "nair", "nakamura", "nguyen", "novak", "nowak", "obi", "okafor", "oliveira", "otieno", "park", "patel", "perez", "pinto", "popov", "rao", "reddy", "reyes", "rossi", "roy", "sato", "schmidt", "sharma", "silva", "singh", "smith", "sousa", "suzuki", "tan", "tanaka", "torres", "tran", "vega", "wagner", "walker", "weber", "weiss", "wong", "wood", "yamada", "yilmaz", "young", "zhang"]
)
WORDS = np.array(
    ["acorn", "alder", "amber", "anchor", "apex", "arbor", "atlas", "aurora", "basalt", "beacon", "birch", "bright", "cedar", "cobalt", "comet", "copper", "coral", "crest", "delta", "ember", "falcon", "fern", "flint", "forge", "garnet", "glacier", "granite", "harbor", "hazel", "helix", "horizon", "indigo", "iris", "jade", "juniper", "kestrel", "lantern", "larch", "linden", "lotus", "lumen", "maple", "marble", "meadow", "mesa", "mint", "nimbus", "north", "nova", "oak", "onyx", "opal", "orbit", "orchid", "osprey", "pebble", "pine", "pixel", "polar", "prism", "quartz", "quill", "raven", "reef", "ridge", "river", "rowan", "sable", "sage", "silver", "slate", "solar", "sparrow", "spruce", "summit", "swift", "terra", "thistle", "tidal", "timber", "topaz", "umber", "vale", "vector", "violet", "willow", "wren", "zenith"]
)
TRADES = np.array(
    ["labs", "works", "analytics", "systems", "health", "logistics", "robotics", "media", "energy", "foods", "legal", "motors", "insurance", "studio", "data", "bank", "travel", "retail", "biotech", "games"]
)
