"""Keyed hashes in place of values: two who hold the same key get the same hash, nobody else can.

HMAC-SHA-256 (RFC 2104), cut to 128 bits. What is hashed is the domain ("account", "value", …), a
zero byte and the value, so that the same text in two roles gives two hashes.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

DIGITS = 32


@dataclass(frozen=True)
class Pseudonyms:
    """Replaces values under one share key (32 bytes)."""

    key: bytes

    @cached_property
    def _keyed(self) -> hmac.HMAC:
        return hmac.new(self.key, digestmod="sha256")

    def of(self, domain: str, value: str) -> str:
        """Return the hash of one value: 32 hexadecimal digits."""
        keyed = self._keyed.copy()
        keyed.update(domain.encode() + b"\0" + value.encode())
        return keyed.hexdigest()[:DIGITS]

    def account(self, account_id: str) -> str:
        """Return what stands for an account."""
        return f"a-{self.of('account', account_id)}"

    def value(self, key: str) -> str:
        """Return what stands for a shared value, "kind:canonical value"; the kind stays."""
        return f"{key.partition(':')[0]}:h-{self.of('value', key)}"

    def accounts(self, ids: pa.ChunkedArray) -> pa.Array:
        """Return `account` of each id; null stays null."""
        return self._each(ids, self.account)

    def values(self, keys: pa.ChunkedArray) -> pa.Array:
        """Return `value` of each key; null stays null."""
        return self._each(keys, self.value)

    def texts(self, domain: str, texts: pa.ChunkedArray) -> pa.Array:
        """Return `of` each text in this domain; null stays null."""
        return self._each(texts, lambda text: self.of(domain, text))

    def _each(self, texts: pa.ChunkedArray, change: Callable[[str], str]) -> pa.Array:
        encoded = texts.combine_chunks().dictionary_encode()
        changed = [change(text) for text in encoded.dictionary.to_pylist()]
        return pc.take(pa.array(changed, pa.string()), encoded.indices)
