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
from forensics.bundle.some_links import explained, places_of, ranked_links, waterfalls
from forensics.bundle.statements import rules_of
from forensics.bundle.tables import fits_of
from forensics.bundle.timeline import draw_timeline
from forensics.bundle.wording import (
    KIND_WORDS,
    MEASURES,
    calibration_of,
    claims_of,
    headline,
    plural,
    sentence,
    words,
)
from forensics.case.run import KINDS
from forensics.score.coordination import CEILING
from forensics.score.scorecard import PRIOR, said_of
from forensics.score.words import (
    level_words,
    mostly_fits,
    nothing_for,
    reaching,
    statuses,
    staying_below,
)

#: How much of long lists a page shows; the CSV files hold all.
MAX_MEMBERS, MAX_SHARED, MAX_FITS = 60, 20, 8
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
        "kind": lambda name: KIND_WORDS.get(name, words(name)),
        "plural": plural,
    }
    return environment.get_template("report.html.j2")


def _context(evidence: Evidence) -> dict[str, Any]:
    """Return what the template shows, as plain values."""
    links = ranked_links(evidence.links)
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
        "members": _members(evidence.members),
        "bridges": evidence.members.filter(evidence.members["bridge"]).to_pylist(),
        "fits": _fits(evidence),
        "by_fit": mostly_fits(evidence.cluster),
        "neighbours": evidence.neighbours.slice(0, MAX_SHARED).to_pylist(),
        "lent": evidence.lent.slice(0, MAX_SHARED).to_pylist(),
        "all_lent": evidence.lent.num_rows,
        "measures": _measures(evidence.cluster),
        "kinds": _by_kind(evidence.evidence),
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
        "explanations": _explanations(evidence.explanations),
        "nothing_for": nothing_for(evidence.explanations.to_pylist()),
        "signals": evidence.signals.to_pylist(),
        "likeness": _likeness(evidence.likeness),
        "ceiling": CEILING,
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


def _members(members: pa.Table) -> list[dict[str, Any]]:
    """Bridges first, then those that the cluster holds least."""
    keyed = members.append_column("inner", pc.invert(members["bridge"]))
    order = [(name, "ascending") for name in ("inner", "membership", "account_id")]
    rows: list[dict[str, Any]] = keyed.sort_by(order).slice(0, MAX_MEMBERS).to_pylist()
    return rows


def _fits(evidence: Evidence) -> list[list[dict[str, Any]]]:
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


def _measures(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the probability of one operator was computed from; nothing in an older run."""
    rows = coordination_from(cluster)["measures"]
    return [{**row, "words": MEASURES[row["measure"]]} for row in rows if row["value"] is not None]


def _by_kind(evidence: pa.Table) -> list[dict[str, Any]]:
    rows = {row["kind"]: row for row in evidence.to_pylist()}
    return [rows[kind] for kind in KINDS if kind in rows]


def _shared(shared: pa.Table) -> pa.Table:
    order = ("bits", "fit_bits", "members")
    return shared.sort_by([*((name, "descending") for name in order), ("key", "ascending")])


def _likeness(likeness: pa.Table) -> list[dict[str, Any]]:
    """Return what tells a campaign from honest accounts, the prior and the weightiest first."""
    rows = likeness.to_pylist()
    rows.sort(key=lambda row: (row["item"] != PRIOR, -abs(row["bits"]), row["item"]))
    return [{**row, "words": said_of(row)} for row in rows]


def _explanations(explanations: pa.Table) -> list[dict[str, Any]]:
    order = [("holds", "descending"), ("strength", "descending"), ("explanation", "ascending")]
    rows: list[dict[str, Any]] = explanations.sort_by(order).to_pylist()
    return rows


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
