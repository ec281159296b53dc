"""`report.html`: one static page for people, with the eleven parts of a finding.

Every text that comes from outside goes through `hostile.visible` and is then escaped; the page
has no script and asks for nothing from a network. What the data do not hold, the page says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from forensics.bundle import svg
from forensics.bundle.canonical import when
from forensics.bundle.cluster_json import FORMAT, coordination_from
from forensics.bundle.draw import draw
from forensics.bundle.evidence import Evidence, holding_values
from forensics.bundle.hostile import shortened, visible
from forensics.bundle.membership import linked_to, shown_fits, shown_members
from forensics.bundle.names import MEASURES, kind_words, plural, sentence, words
from forensics.bundle.some_links import explained, ranked_links, waterfalls
from forensics.bundle.statements import rules_of
from forensics.bundle.timeline import draw_timeline
from forensics.bundle.wording import calibration_of, claims_of, headline
from forensics.case.run import KINDS
from forensics.link.weights import LEAST_BITS
from forensics.score.coordination import CEILING
from forensics.score.in_part import covered, left_without
from forensics.score.scorecard import PRIOR, row_words
from forensics.score.words import (
    level_words,
    mostly_fits,
    nothing_for,
    on_one_link,
    reaching,
    statuses,
    staying_below,
)

#: How much of long lists a page shows; the CSV files hold all.
MAX_SHARED = 20
MAX_TEXT = 1000
ABSENT = "\u2013"
MARKINGS = {
    "internal": "holds personal data: for those named, and no further",
    "partner": "keyed hashes, no personal data: for the partner who holds the key",
    "public": "totals alone: may be passed on",
}


def report_html(evidence: Evidence) -> bytes:
    """Return the page."""
    return _template().render(**_context(evidence)).encode()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bits": lambda value: ABSENT if value is None else f"{value:+.2f}",
        "share": _share,
        "membership": lambda value: ABSENT if value is None else reaching(value),
        "q_value": _q_value,
        "probability": lambda v: "over 0.999999" if v > 0.999999 else f"{v:.6f}",
        "count": lambda value: ABSENT if value is None else f"{value:,}",
        "time": lambda value: ABSENT if value is None else when(value).replace("T", " ")[:16],
        "day": lambda value: ABSENT if value is None else when(value)[:10],
        "short": lambda value, length=44: shortened(str(value), length),
        "words": words,
        "level": level_words,
        "sentence": sentence,
        "on_one_link": on_one_link,
        "plural": plural,
    }
    return environment.get_template("report.html.j2")


def _context(evidence: Evidence) -> dict[str, Any]:
    """Return what the template shows, as plain values."""
    links = ranked_links(evidence.links)
    linked = linked_to(evidence)
    whole = evidence.profile != "public"
    holding = holding_values(evidence.shared)
    return {
        "cluster": evidence.cluster,
        "info": evidence.info,
        "headline": headline(evidence),
        "claims": claims_of(evidence),
        "calibration": calibration_of(evidence.info),
        "statuses": statuses(evidence.cluster),
        "limits": evidence.settings["score"],
        "profile": evidence.profile,
        "marking": MARKINGS[evidence.profile],
        "rules": rules_of(evidence.profile),
        "format": FORMAT,
        "files": evidence.files,
        "late_status": _late_status(evidence),
        "members": shown_members(evidence.members, linked),
        "hanging": pc.sum(pc.equal(linked, 1)).as_py(),
        "bridges": evidence.members.filter(evidence.members["bridge"]).to_pylist(),
        "fits": shown_fits(evidence),
        "by_fit": mostly_fits(evidence.cluster),
        "neighbours": evidence.neighbours.slice(0, MAX_SHARED).to_pylist(),
        "lent": evidence.lent.slice(0, MAX_SHARED).to_pylist(),
        "all_lent": evidence.lent.num_rows,
        "measures": _measures(evidence.cluster),
        "kinds": _by_kind(evidence),
        "waterfalls": [
            {"title": title, "picture": _picture(picture)}
            for title, picture in waterfalls(evidence, links)
        ],
        "links": links,
        "explained": explained(evidence, links),
        "shared": _shared(holding).slice(0, MAX_SHARED).to_pylist(),
        "all_shared": holding.num_rows,
        "picture": _drawn(evidence) if whole else None,
        "timeline": _picture(draw_timeline(evidence)) if whole else None,
        "explanations": _explanations(evidence),
        "nothing_for": nothing_for(evidence.explanations.to_pylist()),
        "signals": evidence.signals.to_pylist(),
        "likeness": _likeness(evidence.likeness),
        "abroad": _abroad(evidence),
        "ceiling": CEILING,
        "least_bits": LEAST_BITS,
        "weights": evidence.weights.to_pylist(),
        "settings": list(_flat(evidence.settings)),
        "labels": evidence.labels.to_pylist(),
        "disagreeing": _disagreeing(evidence),
        "lineage": evidence.lineage.to_pylist(),
    }


def _late_status(evidence: Evidence) -> str | None:
    """Return when the last status of a member was set, where that is after the period."""
    last = pc.max(evidence.members["status_at"]).as_py()
    said = None if last is None else when(last)
    return said if said and said > evidence.info["period"][1] else None


def _measures(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the probability of one operator was computed from; nothing in an older run."""
    rows = coordination_from(cluster)["measures"]
    return [{**row, "words": MEASURES[row["measure"]]} for row in rows if row["value"] is not None]


def _by_kind(evidence: Evidence) -> list[dict[str, Any]]:
    said = kind_words(evidence)
    rows = {row["kind"]: row for row in evidence.evidence.to_pylist()}
    return [{**rows[kind], "word": said[kind]} for kind in KINDS if kind in rows]


def _shared(shared: pa.Table) -> pa.Table:
    order = ("bits", "fit_bits", "members")
    return shared.sort_by([*((name, "descending") for name in order), ("key", "ascending")])


def _likeness(likeness: pa.Table) -> list[dict[str, Any]]:
    """Return what tells a campaign from honest accounts, the prior and the weightiest first."""
    rows = likeness.to_pylist()
    rows.sort(key=lambda row: (row["item"] != PRIOR, -abs(row["bits"]), row["item"]))
    return [{**row, "words": row_words(row)} for row in rows]


def _abroad(evidence: Evidence) -> dict[str, Any] | None:
    """Return the bits of cards of other countries, where they speak for a campaign.

    `without` is what abuse would be without them, where it falls below its cut-off by that.
    """
    rows = evidence.likeness.to_pylist()
    mine = [row["bits"] for row in rows if row["item"] == "country_differs" and row["bits"] > 0]
    if not mine:
        return None
    least, whole = evidence.settings["score"]["min_abuse"], sum(row["bits"] for row in rows)
    before, after = (CEILING / (1 + 2**-bits) for bits in (whole, whole - mine[0]))
    return {"bits": mine[0], "without": after if after < least <= before else None}


def _explanations(evidence: Evidence) -> list[dict[str, Any]]:
    """Return what holds first; `covered` and `left` are of those that a part is left without."""
    order = [("holds", "descending"), ("strength", "descending"), ("explanation", "ascending")]
    of_kind = evidence.evidence.to_pylist()
    return [
        {
            **row,
            "covered": covered(row["explanation"], of_kind),
            "left": left_without(row, evidence.cluster, evidence.info),
        }
        for row in evidence.explanations.sort_by(order).to_pylist()
    ]


def _disagreeing(evidence: Evidence) -> list[dict[str, Any]]:
    """Labels that say the opposite of the verdict."""
    opposite = {"abusive": "legitimate", "coordinated": "legitimate", "legitimate": "abusive"}
    other = opposite.get(evidence.cluster["verdict"])
    return [row for row in evidence.labels.to_pylist() if row["verdict"] == other]


def _flat(values: dict[str, Any], prefix: str = "") -> Any:
    for name in sorted(values):
        if isinstance(values[name], dict):
            yield from _flat(values[name], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", values[name]


def _drawn(evidence: Evidence) -> Markup:
    network = {name: getattr(evidence, name) for name in ("members", "links", "reasons", "shared")}
    fitted = pc.drop_null(pc.unique(evidence.fits["key"]))
    rows = evidence.sources.select(["account_id", "key"])
    network["fitting"] = rows.filter(pc.is_in(rows["key"], fitted))
    return _picture(draw(evidence.cluster_id, network))


def _picture(document: str) -> Markup:
    return Markup(svg.inline(document))


def _share(value: float | None) -> str:
    if value is None:
        return "not known"
    return "under 0.001" if 0 < value < 0.001 else reaching(value, 3)


def _q_value(value: float | None) -> str:
    if value is None:
        return "not tested"
    return "under 0.001" if value < 0.001 else staying_below(value)


def _shown(value: Any) -> Any:
    if value is None:
        return ABSENT
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(shortened(value, MAX_TEXT))
