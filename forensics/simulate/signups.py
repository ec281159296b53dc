"""The `signups` table: ids, names, mail and phone numbers of the planned accounts.

Phone numbers have a subscriber part that begins with 000 and are nobody's.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forensics.simulate.books import Books
from forensics.simulate.cohort import KINDS, PLANS, STATUSES, Cohort
from forensics.simulate.draws import Ints, Reals, Rng, mix
from forensics.simulate.options import START
from forensics.simulate.places import COUNTRIES, FIRST, LAST, TRADES, WORDS

Names = NDArray[np.str_]
#: A prime: multiplying modulo it gives every phone a number of its own.
_PHONES = 99_999_989
TIME = pa.timestamp("us", tz="UTC")
CLIENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/143.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_2) Safari/26.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Safari/26.1",
    "Mozilla/5.0 (Linux; Android 16) Chrome/143.0",
    "python-httpx/0.28",
    "platform-sdk-python/2.14",
    "platform-sdk-node/6.10",
)


def times(seconds: Reals) -> pa.Array:
    """Return seconds from the start of the period as timestamps; infinity becomes null."""
    none = ~np.isfinite(seconds)
    whole = np.where(none, 0, seconds).round().astype(np.int64) + START
    return pa.array(whole * 1_000_000, TIME, mask=none)


def text(choices: Names, index: Ints) -> pa.Array:
    """Return `choices[index]` as text, null where the index is negative."""
    return pa.array(choices[np.maximum(index, 0)].astype(object), pa.string(), mask=index < 0)


def account_names(rng: Rng, count: int) -> pa.Array:
    """Return account ids that say nothing about their accounts."""
    width = max(6, len(str(count * 4)))
    numbers = np.sort(rng.choice(10**width, count, replace=False))
    return pc.binary_join_element_wise(
        "acc-", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0"), ""
    )


def signup_table(
    rng: Rng, books: Books, accounts: Cohort, names: pa.Array, ip: pa.Array
) -> pa.Table:
    """Return the `signups` table; `ip` are the addresses that accounts signed up from."""
    count = len(accounts)
    first, last = FIRST[rng.integers(0, len(FIRST), count)], LAST[rng.integers(0, len(LAST), count)]
    return pa.table(
        {
            "account_id": names,
            "created_at": times(accounts.created),
            "email": _mail(rng, books, accounts, first, last),
            "phone": _phones(accounts, books.options.seed),
            "name": pc.utf8_title(_join(" ", first, last)),
            "country": text(np.array([c.code for c in COUNTRIES]), accounts.country),
            "plan": text(np.array(PLANS), accounts.plan),
            "organisation": _organisations(books, accounts),
            "signup_ip": ip,
            "device_id": device_text(
                np.where(rng.random(count) < 0.85, accounts.device[:, 0], -1), books.options.seed
            ),
            "user_agent": text(np.array(CLIENTS), accounts.client),
            "status": text(np.array(STATUSES), accounts.status),
            "status_at": times(np.where(accounts.status > 0, accounts.ended, np.inf)),
        }
    )


def truth_table(accounts: Cohort, names: pa.Array) -> pa.Table:
    """Return who really runs each account: account_id, operator, verdict, kind."""
    width = len(str(int(accounts.operator.max()))) if len(accounts) else 1
    return pa.table(
        {
            "account_id": names,
            "operator": _join("", "op-", _padded(accounts.operator, width)),
            "verdict": text(np.array(["legitimate", "abusive"]), accounts.abusive),
            "kind": text(np.array(KINDS), accounts.kind),
        }
    )


def device_text(device: Ints, seed: int) -> pa.Array:
    """Return device ids, null where there is none."""
    token = mix(np.maximum(device, 0) + (seed % 9_973 << 34) + (5 << 50))
    return text(
        np.array([f"dev-{t:016x}" for t in token.tolist()] or [""]),
        np.where(device < 0, -1, np.arange(len(device))),
    )


def _mail(rng: Rng, books: Books, accounts: Cohort, first: Names, last: Names) -> pa.Array:
    """first.last4821@domain; at most a short number inside organisations; aliases by a tag."""
    count = len(accounts)
    free = accounts.domain < books.domains.public
    numbers = np.where(free, rng.integers(10, 9_999_999, count), rng.integers(1, 999, count))
    local = _join("", _join(".", first, last), pa.array(numbers).cast(pa.string()))
    tagged = _join("", "m", pa.array(accounts.mailbox).cast(pa.string()), ".box")
    tagged = _join("+", tagged, pa.array(rng.integers(1, 99_999, count)).cast(pa.string()))
    local = pc.if_else(pa.array(accounts.mailbox >= 0), tagged, local)
    return _join("@", local, np.array(books.domains.names)[accounts.domain])


def _phones(accounts: Cohort, seed: int) -> pa.Array:
    """+<country>000<number>, null for those who gave none."""
    _, first, number = np.unique(accounts.phone, return_index=True, return_inverse=True)
    calling = np.array([c.calling for c in COUNTRIES])[accounts.country[first][number]]
    number = _padded((accounts.phone + seed % 9_973) * 7_654_321 % _PHONES, 8)
    phone = _join("", "+", calling, "000", number)
    return pc.if_else(pa.array(accounts.phone >= 0), phone, None)


def _organisations(books: Books, accounts: Cohort) -> pa.Array:
    number = np.arange(max(1, books.organisations))
    word, trade = WORDS[number % len(WORDS)], TRADES[number * 7 % len(TRADES)]
    second = WORDS[number * 31 // len(WORDS) % len(WORDS)]
    names = np.array(pc.utf8_title(_join(" ", word, second, trade)).to_pylist())
    return text(names, accounts.organisation)


def _padded(numbers: Ints, width: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")


def _join(separator: str, *parts: str | Names | pa.Array) -> pa.Array:
    columns = [
        pa.array(p.astype(object), pa.string()) if isinstance(p, np.ndarray) else p for p in parts
    ]
    return pc.binary_join_element_wise(*columns, separator)
