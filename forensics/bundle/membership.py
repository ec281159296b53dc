"""The members that a report shows: whom it is least sure of, and by what they belong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence
from forensics.bundle.some_links import places_of
from forensics.bundle.tables import fits_of

#: How many a page shows; the CSV files hold all.
MAX_MEMBERS, MAX_FITS = 60, 8


def linked_to(evidence: Evidence) -> pa.Array:
    """Return to how many others each of the members is linked."""
    links, members = evidence.links, evidence.members["account_id"]
    ends = [*links["account_a"].chunks, *links["account_b"].chunks]
    at = pc.index_in(pa.chunked_array(ends, pa.string()), members.combine_chunks())
    return pa.array(np.bincount(pc.drop_null(at).to_numpy(), minlength=len(members)))


def shown_members(members: pa.Table, linked: pa.Array) -> list[dict[str, Any]]:
    """Bridges first, then those that one link alone holds, then whom the cluster holds least."""
    keyed = members.append_column("inner", pc.invert(members["bridge"]))
    keyed = keyed.append_column("linked", linked)
    keyed = keyed.append_column("held", pc.not_equal(linked, 1))
    order = [(name, "ascending") for name in ("inner", "held", "membership", "account_id")]
    rows: list[dict[str, Any]] = keyed.sort_by(order).slice(0, MAX_MEMBERS).to_pylist()
    return rows


def shown_fits(evidence: Evidence) -> list[list[dict[str, Any]]]:
    """Return the rows of each of the members that fit least, the prior and the strongest first.

    `rows` names the source rows of each in words.
    """
    of_account: dict[str, list[dict[str, Any]]] = {}
    for row in fits_of(evidence).to_pylist():
        of_account.setdefault(row["account_id"], []).append(row)
    least = sorted(of_account.items(), key=lambda item: (_sum(item[1]), item[0]))[:MAX_FITS]
    for row in (row for _, rows in least for row in rows):
        row["rows"] = places_of(evidence, row["first_source"], row["last_source"])
    return [sorted(rows, key=_place_of_fit) for _, rows in least]


def _sum(rows: list[dict[str, Any]]) -> int:
    return sum(round(1000 * row["bits"]) for row in rows)


def _place_of_fit(row: dict[str, Any]) -> tuple[bool, float, str]:
    return row["comparison"] != "prior", -row["bits"], row["comparison"]
