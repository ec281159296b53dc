"""The links that a report shows: the strongest, the weakest, and why, down to the source rows."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forensics.bundle.evidence import Evidence
from forensics.bundle.hostile import shortened
from forensics.bundle.names import kind_words, plural
from forensics.bundle.waterfall import draw_waterfall
from forensics.bundle.why import why_of
from forensics.case.run import KINDS
from forensics.score.words import mostly_fits, named_alike

MAX_LINKS, MAX_SOURCES = 5, 3

Rows = list[dict[str, Any]]


def ranked_links(links: pa.Table) -> dict[str, Rows]:
    """Return the "strongest" links and the "weakest", by match weight, none in both."""
    names = [("account_a", "ascending"), ("account_b", "ascending")]
    ranked = links.sort_by([("match_weight", "descending"), *names])
    count = min(MAX_LINKS, (links.num_rows + 1) // 2)
    weakest = ranked.slice(max(count, links.num_rows - MAX_LINKS)).to_pylist()
    return {"strongest": ranked.slice(0, count).to_pylist(), "weakest": weakest[::-1]}


def waterfalls(evidence: Evidence, ranked: dict[str, Rows]) -> list[tuple[str, str]]:
    """Return the title and SVG document of the mean link, the strongest and the weakest.

    Where most members fit as a whole, the mean is of how they do.
    """
    chosen = []
    for name, sort in (("strongest", "Strongest"), ("weakest", "Weakest")):
        for row in ranked[name][:1]:
            pair = f"{shortened(row['account_a'], 40)} and {shortened(row['account_b'], 40)}"
            chosen.append((name, f"{sort} link: {pair}", row))
    drawn = [
        (title, draw_waterfall(name, title, row, said=kind_words(evidence, _pair(row))))
        for name, title, row in chosen
    ]
    return [*_mean(evidence), *drawn]


def _mean(evidence: Evidence) -> list[tuple[str, str]]:
    """Return the mean of all links or fits; nothing where the profile has no fits."""
    cluster, fits = evidence.cluster, evidence.fits
    bits = {row["kind"]: row["bits"] for row in evidence.evidence.to_pylist()}
    mean = {f"{kind}_bits": bits.get(kind, 0.0) for kind in KINDS}
    if mostly_fits(cluster):
        priors = fits.filter(pc.equal(fits["comparison"], "prior"))["bits"]
        title, ends_at = f"Mean of how {plural(cluster['fitting'], 'member')} fit", "In all"
        mean["prior_bits"] = pc.mean(priors).as_py()
    else:
        title, ends_at = f"Mean of all {plural(cluster['links'], 'link')}", "Match weight"
        mean["prior_bits"] = float(evidence.info["prior"]["bits"])
    if mean["prior_bits"] is None:
        return []
    mean["match_weight"] = sum(mean.values())
    return [(title, draw_waterfall("mean", title, mean, ends_at, kind_words(evidence)))]


def _pair(link: dict[str, Any]) -> tuple[str, str]:
    return link["account_a"], link["account_b"]


def explained(evidence: Evidence, ranked: dict[str, Rows]) -> Rows:
    """Return the strongest link and the two weakest, each with its `reasons` (see `why_of`).

    A reason's `rows_a` and `rows_b` name the source rows of either account in words.
    """
    chosen = ranked["strongest"][:1] + ranked["weakest"][:2]
    pairs = {_pair(row): row for row in chosen}
    if not pairs:
        return []
    few = replace(
        evidence,
        reasons=evidence.reasons.filter(_of_pairs(evidence.reasons, list(pairs))),
        sources=evidence.sources.filter(
            pc.is_in(
                evidence.sources["account_id"],
                pa.array(sorted({x for pair in pairs for x in pair})),
            )
        ),
    )
    found: dict[tuple[str, str], Rows] = {pair: [] for pair in pairs}
    for row in (row for part in why_of(few) for row in part.to_pylist()):
        row["rows_a"] = places_of(evidence, row["first_a"], row["last_a"])
        row["rows_b"] = places_of(evidence, row["first_b"], row["last_b"])
        found[row["account_a"], row["account_b"]].append(row)
    return [{"link": pairs[pair], "reasons": rows} for pair, rows in found.items()]


def _of_pairs(rows: pa.Table, pairs: list[tuple[str, str]]) -> pa.ChunkedArray:
    """Return which rows are about one of a few pairs."""
    sides = rows["account_a"], rows["account_b"]
    are = [pc.and_(*map(pc.equal, sides, pair)) for pair in pairs]
    return reduce(pc.or_, are)


def places_of(evidence: Evidence, first: int | None, last: int | None) -> str:
    """Name the first of some source rows by file and row, and say how many more there are.

    Of files with one name the SHA-256 begins differently; that is named as well.
    """
    if first is None or last is None:
        return "no stored row"
    alike = named_alike((file["file"], file["sha256"]) for file in evidence.files)
    rows = evidence.sources.slice(first - 1, min(last - first + 1, MAX_SOURCES)).to_pylist()
    by_file: dict[str, list[str]] = {}
    for row in rows:
        file = shortened(row["file"], 28)
        file += f" ({row['sha256'][:8]})" if row["file"] in alike else ""
        by_file.setdefault(file, []).append(f"{row['row']:,}")
    named = "; ".join(
        f"{file} row{'s' if len(places) > 1 else ''} {', '.join(places)}"
        for file, places in by_file.items()
    )
    more = last - first + 1 - len(rows)
    return f"{named} and {more:,} more" if more else named
