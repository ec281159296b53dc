"""The tables of a run that linking fills: shared values, uses, links, reasons, weights."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.run import KINDS, SCHEMAS
from forensics.link.linkage import Linkage
from forensics.link.material import Collected
from forensics.link.observed import COARSE, Observed
from forensics.link.operators import Operators
from forensics.link.uses import Ints

AT_ONCE = 1 << 16  # links whose reasons are put down at a time
#: The class of the values of a comparison, where it is not "Identifier".
_CLASS = {
    "instrument": "PaymentInstrument",
    "address": "IpAddress",
    "device": "Device",
    "template": "PromptTemplate",
}
#: Comparisons whose values stand for others, and are not written.
_RANGES = ("prefix", "card_range")


def uses_table(collected: Collected) -> pa.Table:
    """Return the run's `uses`."""
    database = _database(uses=collected.uses, accounts=collected.accounts)
    return (
        database.sql(
            """SELECT account_id, key, role, uses, u.first_seen, u.last_seen
           FROM uses u JOIN accounts USING (account)
           ORDER BY account_id, key, role"""
        )
        .to_arrow_table()
        .cast(SCHEMAS["uses"])
    )


def identifiers_table(collected: Collected, linkage: Linkage, payments: pa.Table) -> pa.Table:
    """Return the run's `identifiers`: every shared value with its accounts and operators."""
    values = value_facts(collected, linkage)
    values = values.filter(pc.invert(pc.is_in(values["comparison"], pa.array(_RANGES))))
    parts = pc.extract_regex(values["key"], r"(?s)^(?P<kind>[^:]*):(?P<value>.*)$")
    cards = _cards(payments)
    card = pc.index_in(values["key"], cards["key"])
    columns = {
        **{name: values[name] for name in values.column_names},
        "class": _classes(values["comparison"]),
        **{name: pc.struct_field(parts, name) for name in ("kind", "value")},
        **{name: cards[name].take(card) for name in ("bin", "issuer_country")},
        "public": pc.is_valid(values["public"]),
    }
    schema = SCHEMAS["identifiers"]
    typed = [columns[field.name].cast(field.type) for field in schema]
    return pa.table(typed, schema=schema)


def _classes(comparisons: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the class of the values of each comparison."""
    known = pc.index_in(comparisons, pa.array(list(_CLASS)))
    return pc.fill_null(pa.array(list(_CLASS.values())).take(known), "Identifier")


def _cards(payments: pa.Table) -> pa.Table:
    """Return what is known of each payment instrument, by key."""
    return (
        _database(payments=payments)
        .sql(
            """SELECT 'payment:' || instrument_id AS key, min(bin) AS bin,
                  min(issuer_country) AS issuer_country
           FROM payments GROUP BY 1"""
        )
        .to_arrow_table()
    )


def value_facts(collected: Collected, linkage: Linkage) -> pa.Table:
    """Return each shared value, coarse ones too: accounts, operators, and what describes it."""
    parts = []
    for name, comparison in sorted(collected.material.comparisons.items()):
        parts.append(
            pa.table(
                {
                    "comparison": pa.repeat(pa.scalar(name), len(comparison.keys)),
                    "key": comparison.keys,
                    "accounts": comparison.counts,
                    "operators": np.round(operators_of(name, collected, linkage), 3),
                    "public": _nobodys(linkage.operators[name]),
                }
            )
        )
    schema = pa.schema(
        {
            "comparison": pa.string(),
            "key": pa.string(),
            "accounts": pa.int64(),
            "operators": pa.float64(),
            "public": pa.string(),
        }
    )
    values = pa.concat_tables(parts) if parts else schema.empty_table()
    values = values.take(pc.sort_indices(values["key"]))
    templates, address = (
        collected.templates.described,
        collected.material.comparisons.get("address"),
    )
    of_template = pc.index_in(values["key"], templates["key"])
    public = pc.coalesce(values["public"], templates["public"].take(of_template))
    values = values.set_column(values.column_names.index("public"), "public", public)
    for name in ("prompts", "family", "capability"):
        values = values.append_column(name, templates[name].take(of_template))
    keys = address.keys if address is not None else pa.array([], pa.string())
    of_address = pc.index_in(values["key"], keys)
    for name in collected.addresses.column_names:
        values = values.append_column(name, collected.addresses[name].take(of_address))
    return values


def _nobodys(operators: Operators) -> pa.Array:
    """Return per value a name for what is nobody's own, null else."""
    nobodys = pa.array(operators.nobodys)
    return pc.if_else(nobodys, pa.scalar("placeholder"), pa.scalar(None, pa.string()))


def operators_of(name: str, collected: Collected, linkage: Linkage) -> np.ndarray:
    """Return the operators per value of a comparison; a template has those of its family."""
    if name == "template":
        return linkage.operators["family"].effective[collected.material.family_of]
    return linkage.operators[name].effective


def links_table(
    collected: Collected, linkage: Linkage, kept: Ints, cluster_ids: pa.Array
) -> pa.Table:
    """Return the run's `links` for the pairs in `kept`; `cluster_ids` per account, or null."""
    ids = collected.accounts["account_id"].combine_chunks()
    a, b = linkage.pairs.a[kept], linkage.pairs.b[kept]
    by_kind = {kind: np.zeros(len(kept), dtype=np.int64) for kind in KINDS}
    for o in linkage.observations:
        by_kind[o.kind] += linkage.bits[o.name][kept]
    cluster_a, cluster_b = cluster_ids.take(pa.array(a)), cluster_ids.take(pa.array(b))
    same = pc.fill_null(pc.equal(cluster_a, cluster_b), False)
    return pa.table(
        {
            "account_a": ids.take(pa.array(a)),
            "account_b": ids.take(pa.array(b)),
            "match_weight": linkage.total[kept] / 1000,
            "match_probability": np.round(linkage.probabilities[kept], 6),
            "prior_bits": np.full(len(kept), round(linkage.model.prior_bits * 1000) / 1000),
            **{f"{kind}_bits": by_kind[kind] / 1000 for kind in KINDS},
            "evidence_kinds": sum((by_kind[k] >= 2000).astype(np.int64) for k in KINDS),
            "cluster_id": pc.if_else(same, cluster_a, pa.scalar(None, pa.string())),
        },
        schema=SCHEMAS["links"],
    )


def reasons_parts(collected: Collected, linkage: Linkage, kept: Ints) -> Iterator[pa.Table]:
    """Yield `reasons_table` part by part: it has many rows for each pair."""
    for start in range(0, max(len(kept), 1), AT_ONCE):
        yield reasons_table(collected, linkage, kept[start : start + AT_ONCE])


def reasons_table(collected: Collected, linkage: Linkage, kept: Ints) -> pa.Table:
    """Return the run's `reasons`: what each comparison says of each pair in `kept`."""
    parts = [_reasons_of(o, collected, linkage, kept) for o in linkage.observations]
    reasons = pa.concat_tables(parts) if parts else SCHEMAS["reasons"].empty_table()
    order = [(c, "ascending") for c in ("account_a", "account_b", "kind", "comparison")]
    return reasons.sort_by(order)


def _reasons_of(o: Observed, collected: Collected, linkage: Linkage, kept: Ints) -> pa.Table:
    ids = collected.accounts["account_id"].combine_chunks()
    rows = kept[o.level[kept] >= 0]
    weight = linkage.model.weights[o.name]
    level = o.level[rows]
    m = weight.m[level]
    u = np.clip(weight.u[level] * o.given_u[rows], 1e-9, 1)
    bits = linkage.bits[o.name][rows] / 1000
    key, accounts, operators = _values(o, collected, linkage, rows)
    return pa.table(
        {
            "account_a": ids.take(pa.array(linkage.pairs.a[rows])),
            "account_b": ids.take(pa.array(linkage.pairs.b[rows])),
            "kind": pa.repeat(o.kind, len(rows)),
            "comparison": pa.repeat(o.name, len(rows)),
            "level": pa.array(o.levels, pa.string()).take(pa.array(level)),
            "key": key,
            "m": m,
            "u": u,
            "adjustment": np.round(bits - np.log2(m / u), 9),
            "bits": bits,
            "accounts": accounts,
            "operators": operators,
        },
        schema=SCHEMAS["reasons"],
    )


def _values(
    o: Observed, collected: Collected, linkage: Linkage, rows: Ints
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return key, accounts and operators of the value behind each row, null without one."""
    fine, coarse = o.value[rows].copy(), o.value[rows].copy()
    fine[o.coarse[rows]], coarse[~o.coarse[rows]] = -1, -1
    material = collected.material
    sources = []
    if o.name in material.comparisons:
        sources.append((material.comparisons[o.name], o.name, fine))
    if COARSE.get(o.name) in material.comparisons:
        sources.append((material.comparisons[COARSE[o.name]], COARSE[o.name], coarse))
    key = pa.nulls(len(rows), pa.string())
    accounts, operators = pa.nulls(len(rows), pa.int64()), pa.nulls(len(rows), pa.float64())
    for comparison, name, value in sources:
        at = pa.array(value, mask=value < 0)
        key = pc.coalesce(key, comparison.keys.take(at))
        accounts = pc.coalesce(accounts, pa.array(comparison.counts).take(at))
        counted = operators_of(name, collected, linkage)[np.maximum(value, 0)]
        operators = pc.coalesce(operators, pa.array(np.round(counted, 3), mask=value < 0))
    return key, accounts, operators


def weights_table(linkage: Linkage) -> pa.Table:
    """Return the run's `weights`: m and u per comparison and level beside their defaults."""
    rows = [
        {
            "kind": o.kind,
            "comparison": o.name,
            "level": level,
            "m": weight.m[at],
            "u": weight.u[at],
            "default_m": weight.default_m[at],
            "default_u": weight.default_u[at],
            "pairs": round(float(weight.pairs[at]), 3),
        }
        for o in sorted(linkage.observations, key=lambda o: (o.kind, o.name))
        for weight in [linkage.model.weights[o.name]]
        for at, level in enumerate(o.levels)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["weights"])


def _database(**tables: pa.Table) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    for name, table in tables.items():
        database.register(name, table)
    return database
