"""Mail domains. Those of organisations end in .example (RFC 2606) and are nobody's."""

from __future__ import annotations

import numpy as np

from forensics.simulate.draws import Ints, Rng
from forensics.simulate.places import TRADES, WORDS

FREE_MAIL = (
    "gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "proton.me", "gmx.de",
    "mail.ru", "qq.com", "web.de", "yandex.com", "aol.com",
)  # fmt: skip
_FREE_SHARES = np.array([46, 14, 10, 8, 8, 4, 2, 2, 2, 1, 2, 1]) / 100
THROW_AWAY = (
    "mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com", "temp-mail.org",
    "trashmail.com", "sharklasers.com", "dispostable.com", "maildrop.cc", "getnada.com",
    "fakeinbox.com", "mintemail.com",
)  # fmt: skip


class Domains:
    """All mail domains of a platform, by number."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.names = [*FREE_MAIL, *THROW_AWAY]
        #: Domains below this number are anyone's.
        self.public = len(self.names)
        self._own = 0

    def free(self, count: int) -> Ints:
        """Return a free provider for each of `count` accounts."""
        return self.rng.choice(len(FREE_MAIL), count, p=_FREE_SHARES)

    def throw_away(self, count: int, choices: int) -> Ints:
        """Return a throw-away provider each, out of `choices` of them."""
        some = self.rng.permutation(len(THROW_AWAY))[:choices]
        return len(FREE_MAIL) + some[self.rng.integers(0, len(some), count)]

    def own(self, count: int, ending: str = "example") -> Ints:
        """Register `count` domains of organisations."""
        first = len(self.names)
        # A prime, so that the numbers differ and their order tells nothing.
        numbers = np.arange(self._own, self._own + count) * 7_919 % 999_983
        for n in (numbers + 131).tolist():
            word, other = WORDS[n % len(WORDS)], WORDS[n // 7 % len(WORDS)]
            self.names.append(f"{word}-{other}-{TRADES[n % len(TRADES)]}{n}.{ending}")
        self._own += count
        return np.arange(first, first + count)
