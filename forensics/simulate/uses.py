"""The tables of uses: payments, ips, devices, identifiers; and declared groups."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.simulate.activity import Sessions
from forensics.simulate.books import Books
from forensics.simulate.cohort import DECLARED_KINDS, KINDS, Cohort
from forensics.simulate.draws import Rng, mix
from forensics.simulate.options import DAY
from forensics.simulate.signups import CLIENTS, device_text, text, times


def payment_table(rng: Rng, books: Books, accounts: Cohort, names: pa.Array) -> pa.Table:
    """Return the `payments` table: monthly charges, the first soon after the sign-up."""
    length = books.options.length
    who, slot = np.nonzero(accounts.card >= 0)
    card = accounts.card[who, slot]
    created = accounts.created[who]
    # Those who were there before are billed on any day of the month.
    new = np.maximum(created, 0) + rng.exponential(1.5 * DAY, len(who))
    first = np.where(created < 0, rng.random(len(who)) * 30 * DAY, new)
    first += slot * rng.uniform(5, 20, len(who)) * DAY
    end = np.minimum(accounts.ended[who], length - 60)
    first = np.minimum(first, end)
    again = first + 30 * DAY
    repeat = again < end
    row = np.concatenate([np.arange(len(who)), np.flatnonzero(repeat)])
    at = np.concatenate([first, again[repeat]])
    columns = {"account_id": names.take(pa.array(who[row]))}
    columns |= books.cards.columns(card[row], books.options.seed)
    columns["at"] = times(at)
    return _sorted(pa.table(columns), "at")


def ip_table(rng: Rng, books: Books, accounts: Cohort, done: Sessions, names: pa.Array) -> pa.Table:
    """Return the `ips` table: one row per session."""
    requests = 1 + rng.poisson(3.0 * np.minimum(accounts.volume[done.account], 6))
    table = pa.table(
        {
            "account_id": names.take(pa.array(done.account)),
            "ip": books.networks.text(done.address),
            "at": times(done.at),
            "requests": pa.array(requests),
            "user_agent": text(np.array(CLIENTS), accounts.client[done.account]),
        }
    )
    return _sorted(table.filter(pa.array(done.address >= 0)), "at")


def device_table(books: Books, done: Sessions, names: pa.Array) -> pa.Table:
    """Return the `devices` table: one row per account, device and day."""
    used = done.device >= 0
    who, device, at = done.account[used], done.device[used], done.at[used]
    day = np.floor(at / DAY).astype(np.int64)
    order = np.lexsort((at, day, device, who))
    who, device, at, day = who[order], device[order], at[order], day[order]
    new = np.ones(len(who), bool)
    new[1:] = (np.diff(who) != 0) | (np.diff(device) != 0) | (np.diff(day) != 0)
    first = np.flatnonzero(new)
    table = pa.table(
        {
            "account_id": names.take(pa.array(who[first])),
            "device_id": device_text(device[first], books.options.seed),
            "at": times(at[first]),
            "count": pa.array(np.diff(np.append(first, len(who)))),
        }
    )
    return _sorted(table, "at")


def identifier_table(rng: Rng, books: Books, accounts: Cohort, names: pa.Array) -> pa.Table:
    """Return the `identifiers` table: TLS fingerprints of clients and referral codes."""
    count, evasion = len(accounts), books.options.evasion
    # A common client has a common fingerprint; campaigns' own clients leak one of their own.
    own = (accounts.abusive > 0) & (rng.random(count) < 0.3 * (1 - evasion))
    common = accounts.client * 3 + rng.integers(0, 3, count)
    tls = mix(np.where(own, accounts.operator + 1_000, common))
    # Some codes are popular; trial abusers refer themselves.
    code = (rng.pareto(0.8, count) * 3).astype(np.int64).clip(0, count // 4)
    selves = (accounts.kind == KINDS.index("trial_abuse")) & (rng.random(count) > evasion)
    code = mix(np.where(selves, accounts.operator + count, code) + (9 << 50))
    referred = rng.random(count) < np.where(selves, 0.5, 0.12)
    who = np.concatenate([np.arange(count), np.flatnonzero(referred)])
    value = [f"{t >> 32:08x}" for t in tls.tolist()]
    value += [f"REF-{c >> 40:06X}" for c in code[referred].tolist()]
    kind = ["tls_fingerprint"] * count + ["referral_code"] * int(referred.sum())
    table = pa.table(
        {
            "account_id": names.take(pa.array(who)),
            "kind": pa.array(kind, pa.string()),
            "value": pa.array(value, pa.string()),
            "at": times(accounts.created[who] + 5),
        }
    )
    return _sorted(table, "kind")


def declared_table(accounts: Cohort, names: pa.Array) -> pa.Table:
    """Return the `declared` table."""
    who = np.flatnonzero(accounts.declared >= 0)
    group = pc.binary_join_element_wise(
        "group-", pa.array(accounts.declared[who]).cast(pa.string()), ""
    )
    table = pa.table(
        {
            "account_id": names.take(pa.array(who)),
            "group_id": group,
            "kind": text(np.array(DECLARED_KINDS), accounts.declared_kind[who]),
            "verified_by": pa.array(["sales"] * len(who), pa.string()),
        }
    )
    return _sorted(table, "group_id")


def _sorted(table: pa.Table, by: str) -> pa.Table:
    return table.sort_by([(by, "ascending"), ("account_id", "ascending")])
