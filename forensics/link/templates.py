"""Which prompt template each stored prompt belongs to, and which templates are one family."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.run import SCHEMAS
from forensics.case.store import Case
from forensics.link.embeddings import (
    Bytes,
    Directions,
    centre,
    direction_sum,
    mean_direction,
    read_batches,
    stored_vectors,
)
from forensics.link.families import join_families
from forensics.link.modes import Modes, find_modes
from forensics.link.nearest import Ints
from forensics.parallel import in_order
from forensics.progress import QUIET, Progress

#: Prompts among which modes are looked for; the rest is only assigned.
SAMPLE = 400_000
_ASSIGNED = ["account_id", "at", "source_sha256", "source_row"]
#: A template this close to a capability's reference is about it. Real prompts of one topic have a
#: mean cosine of 0.35, and one in a hundred pairs 0.59.
CAPABILITY_COSINE = 0.45


@dataclass(frozen=True)
class Templates:
    """The templates found.

    `described` has a row per template: key, prompts, family, public (name of the reference that
    it is, null otherwise), capability (name of the one that it is about, null otherwise). `uses`
    are their uses in the columns of `collect_uses`. `assignments` names the template of each
    stored prompt that has one.
    """

    described: pa.Table
    uses: pa.Table
    assignments: pa.Table


def find_templates(
    case: Case, accounts: pa.Table, *, sample: int = SAMPLE, progress: Progress = QUIET
) -> Templates:
    """Find the templates of a case's prompts in two streamed passes over the embeddings."""
    total = case.manifest.rows("prompts")
    with progress.step("Finding prompt templates", 2 * total, "prompts") as step:
        mean, vectors, owners = _sample(
            case, accounts, min(1.0, sample / max(total, 1)), step.advance
        )
        if len(vectors) < 2:
            return _nothing()
        modes = find_modes(centre(vectors, mean), owners)
        keys = _keys(modes)
        assigned = []

        def assign(batch: tuple[pa.RecordBatch, Bytes]) -> tuple[int, pa.Table]:
            columns, stored = batch
            nearest = modes.assign(centre(stored, mean))
            rows = np.flatnonzero(nearest >= 0)
            found = pa.table(columns.drop_columns(["embedding"])).take(pa.array(rows))
            return len(stored), found.append_column("key", keys.take(pa.array(nearest[rows])))

        for rows, found in in_order(assign, read_batches(case.parts("prompts"), _ASSIGNED)):
            assigned.append(found)
            step.advance(rows)
    references = _named_references(case, modes, mean, keys)
    return _describe(pa.concat_tables(assigned), accounts, references)


def _sample(
    case: Case, accounts: pa.Table, share: float, advance: Callable[[float], None]
) -> tuple[np.ndarray, Bytes, Ints]:
    """Return the mean direction of all prompts, and the vectors and accounts of a sample.

    Which prompts are drawn follows from their ids alone, and so does their order.
    """
    limit = np.uint64(min(int(share * 2**64), 2**64 - 1))
    owners = accounts["account_id"].combine_chunks()

    def draw(batch: tuple[pa.RecordBatch, Bytes]) -> tuple[np.ndarray, pa.RecordBatch, Bytes, int]:
        columns, stored = batch
        names = columns.column("prompt_id").to_numpy(zero_copy_only=False)
        drawn = np.flatnonzero(pd.util.hash_array(names, categorize=False) <= limit)
        ids = columns.select(["prompt_id", "account_id"]).take(pa.array(drawn))
        return direction_sum(stored), ids, stored[drawn], len(stored)

    total, ids, vectors = np.zeros(case.manifest.dimension or 0, dtype=np.int64), [], []
    for added, drawn, stored, rows in in_order(
        draw, read_batches(case.parts("prompts"), ["prompt_id", "account_id"])
    ):
        total += added
        ids.append(drawn)
        vectors.append(stored)
        advance(rows)
    if not ids:
        return total, np.empty((0, 0), dtype=np.int8), np.empty(0, dtype=np.int64)
    table = pa.Table.from_batches(ids)
    order = pc.sort_indices(table["prompt_id"]).to_numpy()
    owner = pc.index_in(table["account_id"], owners).to_numpy().astype(np.int64)
    mean = mean_direction(total, case.manifest.rows("prompts"))
    return mean, np.concatenate(vectors)[order], owner[order]


def _keys(modes: Modes) -> pa.Array:
    digests = [
        hashlib.sha256(c.astype(np.int8).tobytes()).hexdigest() for c in modes.centres.vectors
    ]
    return pa.array([f"template:t-{d[:10]}" for d in digests], pa.string())


def _named_references(case: Case, modes: Modes, mean: np.ndarray, keys: pa.Array) -> pa.Table:
    """Return per template the public reference that it holds, and the capability it is about."""
    references = case.read("references", ["name", "kind", "embedding"])
    public, capability = (
        references.filter(pc.is_in(references["kind"], pa.array(kinds)))
        for kinds in (["benchmark", "default"], ["capability"])
    )
    named = [pa.nulls(len(keys), pa.string())] * 2
    if len(public) and len(modes):
        nearest = modes.assign(_directions(public, mean))
        order = pc.sort_indices(public["name"]).to_numpy()[::-1]
        held = np.full(len(modes), -1, dtype=np.int64)
        rows = order[nearest[order] >= 0]
        held[nearest[rows]] = rows
        named[0] = _take(public["name"], held)
    if len(capability) and len(modes):
        cosines = modes.centres.cosines(_directions(capability, mean))
        near = np.where(cosines.max(axis=1) >= CAPABILITY_COSINE, cosines.argmax(axis=1), -1)
        named[1] = _take(capability["name"], near)
    return pa.table([keys, *named], names=["key", "public", "capability"])


def _directions(references: pa.Table, mean: np.ndarray) -> Directions:
    return centre(stored_vectors(references["embedding"].combine_chunks()), mean)


def _take(names: pa.ChunkedArray, rows: Ints) -> pa.Array:
    """Return the names at some rows; null at -1."""
    return names.combine_chunks().take(pa.array(rows, mask=rows < 0))


def _describe(assigned: pa.Table, accounts: pa.Table, references: pa.Table) -> Templates:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    database.register("assigned", assigned)
    database.register("accounts", accounts.select(["account_id", "account"]))
    database.register("named", references)
    uses = database.sql(
        """SELECT account, 'template' AS comparison, key, 'use' AS role, count(*)::BIGINT AS uses,
                  min("at") AS first_seen, max("at") AS last_seen
           FROM assigned JOIN accounts USING (account_id)
           GROUP BY account, key ORDER BY key, account"""
    ).to_arrow_table()
    described = database.sql(
        """SELECT key, count(*)::BIGINT AS prompts, any_value(public) AS public,
                  any_value(capability) AS capability
           FROM assigned LEFT JOIN named USING (key) GROUP BY key ORDER BY key"""
    ).to_arrow_table()
    public = pc.is_valid(described["public"].combine_chunks()).to_numpy(zero_copy_only=False)
    families = _families(described["key"], public, uses, len(accounts))
    described = described.append_column("family", families)
    assignments = database.sql(
        """SELECT account_id, key, source_sha256, source_row FROM assigned
           ORDER BY ALL"""
    ).to_arrow_table()
    return Templates(described, uses, assignments.cast(SCHEMAS["assignments"]))


def _families(
    keys: pa.ChunkedArray, public: npt.NDArray[np.bool_], uses: pa.Table, size: int
) -> pa.Array:
    """Return the name of the family of each template: that of its first one."""
    template = pc.index_in(uses["key"], keys.combine_chunks()).to_numpy()
    label = join_families(template, uses["account"].to_numpy(), public, size)
    first: Ints = np.unique(label, return_index=True)[1]
    named = keys.combine_chunks().take(pa.array(first[label]))
    return pc.replace_substring(named, "template:t-", "f-")


def _nothing() -> Templates:
    uses = pa.schema(
        {
            "account": pa.int32(),
            "comparison": pa.string(),
            "key": pa.string(),
            "role": pa.string(),
            "uses": pa.int64(),
            "first_seen": pa.timestamp("us", "UTC"),
            "last_seen": pa.timestamp("us", "UTC"),
        }
    )
    described = pa.schema(
        {
            "key": pa.string(),
            "prompts": pa.int64(),
            "public": pa.string(),
            "capability": pa.string(),
            "family": pa.string(),
        }
    )
    return Templates(
        described.empty_table(), uses.empty_table(), SCHEMAS["assignments"].empty_table()
    )
