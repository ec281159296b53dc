"""Payment instruments: kinds, BINs, issuers. BINs begin with 9 and belong to no card scheme."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from forensics.simulate.draws import Ints, Rng, mix
from forensics.simulate.places import COUNTRIES

KINDS = ("card", "prepaid", "virtual", "bank", "wallet", "crypto", "invoice")
CARD, PREPAID, VIRTUAL, BANK, WALLET, CRYPTO, INVOICE = range(len(KINDS))
#: What people pay with; virtual cards of a few issuers are common, and shared by strangers.
_HONEST_KINDS = np.array([0.72, 0.03, 0.06, 0.06, 0.13, 0.0, 0.0])
_BINS_PER_COUNTRY = 12
_VIRTUAL_BINS = 6
_PREPAID_BINS = 5


class Cards:
    """All instruments of a platform, by number."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        weights = 1 / np.arange(1, _BINS_PER_COUNTRY + 1)
        self._popularity = weights / weights.sum()
        self._kind: list[Ints] = []
        self._bin: list[Ints] = []
        self._country: list[Ints] = []
        self.count = 0

    def add(self, country: Ints, kind: Ints, batch: Ints | None = None) -> Ints:
        """Add one instrument per entry; those of one `batch` (>= 0) come from one card issue."""
        count = len(country)
        issue = self.rng.choice(_BINS_PER_COUNTRY, count, p=self._popularity)
        if batch is not None:
            issue = np.where(batch >= 0, mix(batch + 77).astype(np.int64) & 0xFFFF, issue)
        bins = 900_000 + country * 100 + issue % _BINS_PER_COUNTRY
        bins = np.where(kind == VIRTUAL, 920_000 + issue % _VIRTUAL_BINS, bins)
        bins = np.where(kind == PREPAID, 930_000 + issue % _PREPAID_BINS, bins)
        issuer = np.where(np.isin(kind, (VIRTUAL, PREPAID)), bins % 3, country)
        self._kind.append(kind)
        self._bin.append(np.where(kind <= VIRTUAL, bins, -1))
        self._country.append(issuer)
        self.count += count
        return np.arange(self.count - count, self.count)

    def personal(self, country: Ints) -> Ints:
        """Add an ordinary person's instrument each."""
        return self.add(country, self.rng.choice(len(KINDS), len(country), p=_HONEST_KINDS))

    def columns(self, card: Ints, salt: int) -> dict[str, pa.Array]:
        """Return instrument_id, kind, bin and issuer_country of instruments."""
        token = mix(np.arange(self.count) + (salt << 40))
        names = np.array([f"pi_{t:016x}" for t in token.tolist()] or [""])
        bins = np.concatenate(self._bin)[card]
        return {
            "instrument_id": pa.array(names[card], pa.string()),
            "kind": pa.array(np.array(KINDS)[np.concatenate(self._kind)[card]], pa.string()),
            "bin": pa.array(bins.astype(str).astype(object), pa.string(), mask=bins < 0),
            "issuer_country": pa.array(
                np.array([c.code for c in COUNTRIES])[np.concatenate(self._country)[card]],
                pa.string(),
            ),
        }
