"""From a case to what pairs are compared on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.database import connect
from forensics.case.store import Case
from forensics.link.accounts import collect_accounts
from forensics.link.addresses import describe_addresses
from forensics.link.carried import mark_carried
from forensics.link.templates import Templates, find_templates
from forensics.link.timing import collect_moments
from forensics.link.uses import Comparison, Ints, collect_uses, comparisons_of
from forensics.progress import QUIET, Progress

#: Networks of which every address serves strangers. (A VPN exit is judged by its operators.)
PUBLIC_NETWORKS = ("mobile", "education")


@dataclass(frozen=True)
class Material:
    """What pairs are compared on.

    `comparisons` are the sorts of shared values (coarse ones and templates included),
    `prefix_of` the prefix of each address, `family_of` the family of each template and `families`
    their comparison; `minutes` and `hours` are activity by the minute and use of addresses by the
    hour; `created_s` is 0 where unknown.
    """

    comparisons: dict[str, Comparison]
    prefix_of: Ints
    families: Comparison | None
    family_of: Ints
    minutes: Comparison | None
    hours: Comparison | None
    created_s: Ints

    @property
    def size(self) -> int:
        """Accounts on the platform."""
        return len(self.created_s)


@dataclass(frozen=True)
class Collected:
    """All that a case says of its accounts.

    `accounts` has a row per account, `uses` one per account, value and role, `addresses` describes
    the values of the comparison "address" in its order, `templates` the prompt templates.
    """

    accounts: pa.Table
    uses: pa.Table
    addresses: pa.Table
    templates: Templates
    material: Material


def collect(case: Case, progress: Progress = QUIET) -> Collected:
    """Read a case: accounts, uses, addresses, templates, and their comparisons."""
    database = connect(case)
    with progress.step("Reading accounts and uses"):
        accounts = collect_accounts(database)
        size = len(accounts)
        uses = collect_uses(database)
        minutes, hours = collect_moments(database, size)
        ranges = _card_ranges(database, size)
    del database  # and what it holds in memory
    templates = find_templates(case, accounts, progress=progress)
    with progress.step("Arranging comparisons"):
        uses = pa.concat_tables([uses, templates.uses.cast(uses.schema)])
        created_s = _created_s(accounts)
        dated = {n: _from_signup_on(c, created_s) for n, c in comparisons_of(uses, size).items()}
        comparisons = mark_carried(dated)
        addresses, prefix_of = _addresses(case, comparisons)
        if ranges is not None:
            comparisons["card_range"] = ranges
        family_of, families = _families(templates, comparisons)
        material = Material(
            comparisons,
            prefix_of,
            families,
            family_of,
            minutes,
            hours,
            created_s,
        )
    return Collected(accounts, uses, addresses, templates, material)


def _created_s(accounts: pa.Table) -> Ints:
    """Return when each account signed up, in whole epoch seconds, 0 where that is unknown."""
    whole = pc.floor_temporal(accounts["created_at"], unit="second")
    seconds = pc.cast(whole, pa.timestamp("s", "UTC")).cast(pa.int64())
    created: Ints = pc.fill_null(seconds, 0).to_numpy().astype(np.int64)
    return created


def _addresses(case: Case, comparisons: dict[str, Comparison]) -> tuple[pa.Table, Ints]:
    """Describe the addresses, and add the comparison of their prefixes."""
    address = comparisons.get("address")
    if address is None:
        empty = pa.array([], pa.string())
        return describe_addresses(empty, case.read("networks")), np.empty(0, dtype=np.int64)
    texts = pc.utf8_slice_codeunits(address.keys, start=len("ip:"))
    described = describe_addresses(texts, case.read("networks"))
    keys, prefix_of = _encode(pc.binary_join_element_wise("prefix", described["prefix"], ":"))
    comparisons["prefix"] = coarsen(address, "prefix", keys, prefix_of)
    public = pc.fill_null(pc.is_in(described["network_kind"], pa.array(PUBLIC_NETWORKS)), False)
    comparisons["address"] = replace(address, public=public.to_numpy(zero_copy_only=False))
    return described, prefix_of


def _from_signup_on(uses: Comparison, created_s: Ints) -> Comparison:
    """Return uses without the times of those that begin before the sign-up of their account."""
    early = uses.first_s < created_s[uses.account]
    return replace(
        uses, first_s=np.where(early, 0, uses.first_s), last_s=np.where(early, 0, uses.last_s)
    )


def _families(
    templates: Templates, comparisons: dict[str, Comparison]
) -> tuple[Ints, Comparison | None]:
    template = comparisons.get("template")
    if template is None:
        return np.empty(0, dtype=np.int64), None
    described = templates.described.take(
        pc.index_in(template.keys, templates.described["key"].combine_chunks())
    )
    keys, family_of = _encode(described["family"])
    public = pc.is_valid(described["public"].combine_chunks()).to_numpy(zero_copy_only=False)
    comparisons["template"] = replace(template, public=public)
    own = template.take(~public[template.value])
    return family_of, coarsen(own, "template", keys, family_of)


def coarsen(fine: Comparison, name: str, keys: pa.Array, of_value: Ints) -> Comparison:
    """Return the comparison in which each value of `fine` is replaced by a coarser one.

    That is a placeholder if all that it stands for are.
    """
    codes = fine.account * max(len(keys), 1) + of_value[fine.value]
    unique, inverse = np.unique(codes, return_inverse=True)
    first, last = np.full(len(unique), np.iinfo(np.int64).max), np.zeros(len(unique), np.int64)
    np.minimum.at(first, inverse, fine.first_s)
    np.maximum.at(last, inverse, fine.last_s)
    width, unknown = max(len(keys), 1), np.ones(len(keys), dtype=bool)
    unknown[of_value[~fine.placeholder]] = False
    account, value = unique // width, unique % width
    return Comparison(name, keys, account, value, first, last, fine.size, unknown=unknown)


def _card_ranges(database: duckdb.DuckDBPyConnection, size: int) -> Comparison | None:
    uses = database.sql(
        """SELECT a.account, 'card_range' AS comparison, 'bin:' || p.bin AS key, 'use' AS role,
                  1 AS uses, p.first_seen, p.last_seen
           FROM payments p JOIN accounts a USING (account_id) WHERE p.bin IS NOT NULL"""
    ).to_arrow_table()
    return comparisons_of(uses, size).get("card_range")


def _encode(texts: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, Ints]:
    """Return the distinct texts in order, and for each text its index among them."""
    flat = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    keys = pc.unique(flat)
    keys = keys.take(pc.sort_indices(keys))
    return keys, pc.index_in(flat, keys).to_numpy(zero_copy_only=False).astype(np.int64)
