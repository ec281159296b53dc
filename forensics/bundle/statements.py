"""`alternatives.json`, `provenance.json` and `redactions.json`.

What else may explain the cluster, what it was made from, and what was held back.
"""

from __future__ import annotations

from typing import Any

from forensics.bundle.canonical import canonical
from forensics.bundle.evidence import Evidence

_NEVER = {
    "what": "prompts and their embeddings",
    "done": "never exported",
    "why": "an embedding can be turned back into text",
}
_RULES = {
    "internal": [_NEVER],
    "partner": [
        _NEVER,
        {
            "what": "account ids, shared values, file names and digests, row digests, user agents, "
            "declared groups, the names of people who labelled, cluster and run ids",
            "done": "replaced by keyed hashes (HMAC-SHA-256, 128 bits)",
            "why": "whoever holds the share key can match them, and nobody else can guess them",
        },
        {
            "what": "names, e-mail addresses and domains, phones, organisations, plans, further "
            "columns of accounts, names and numbers of networks, reasons of labels, events",
            "done": "removed",
            "why": "they are about people or in free text, and no partner needs them",
        },
        {
            "what": "times",
            "done": "cut to the day",
            "why": "exact times single out accounts",
        },
        {
            "what": "names of files and columns in the settings, the digest of the settings, notes "
            "on the input",
            "done": "removed",
            "why": "they tell of the owner's systems, and a digest tells who guesses right",
        },
    ],
    "public": [
        _NEVER,
        {
            "what": "everything about single accounts, links, values, source rows and labels",
            "done": "removed; only totals are left",
            "why": "nothing in a public bundle may single out an account",
        },
        {
            "what": "the cluster's id, times of day, source files, settings of the input, the "
            "digest of the settings",
            "done": "replaced, cut to the day, or removed",
            "why": "ids are made from account ids; files tell of the owner's systems",
        },
    ],
}
_FORGOTTEN = (
    "what holds each member, and the kinds of evidence named: accounts were forgotten, and may "
    "have had a part in it"
)
_NOT_CHECKABLE = {
    "internal": [],
    "partner": [
        "whether source rows exist as digested: digests are keyed, only the maker can open them",
        "reproduction from sources: file names and column names are not in the bundle",
    ],
    "public": [
        "the bits of links, their sums and their source rows: no link is in the bundle",
        "reproduction from sources",
    ],
}


def alternatives_json(evidence: Evidence) -> bytes:
    """Return the innocent explanations that were weighed; what speaks against each comes first."""
    rows = sorted(
        evidence.explanations.to_pylist(),
        key=lambda row: (not row["holds"], -(row["strength"] or 0), row["explanation"]),
    )
    return _written(
        {
            "cluster_id": evidence.cluster_id,
            "verdict": evidence.cluster["verdict"],
            "alternatives": [
                {
                    "explanation": row["explanation"],
                    "if_so": row["claim"],
                    "holds": row["holds"],
                    "strength": row["strength"],
                    "coordination_without": row["coordination_without"],
                    "speaks_against": row["speaks_against"] or [],
                    "speaks_for": row["speaks_for"] or [],
                }
                for row in rows
            ],
        }
    )


def redactions_json(evidence: Evidence) -> bytes:
    """Return what was removed or replaced in the bundle's profile, why, and what that hides."""
    return _written(
        {
            "profile": evidence.profile,
            "share_key": evidence.share_key,
            "rules": _RULES[evidence.profile],
            "not_checkable": _NOT_CHECKABLE[evidence.profile],
        }
    )


def provenance_json(evidence: Evidence) -> bytes:
    """Return what the cluster was made from, by what, and what else had a say."""
    info = evidence.info
    return _written(
        {
            "made": {
                "cluster_id": evidence.cluster_id,
                "run_id": info["run_id"],
                "profile": evidence.profile,
            },
            "by": {"account-forensics": info["version"]},
            "from": {
                "sources": [{**source(file), **_read_by(file)} for file in evidence.files],
                "forgotten": evidence.forgotten,
                "settings": evidence.settings,
                "settings_digest": info["settings_digest"],
                "seed": info["seed"],
                "labels": evidence.labels.num_rows,
                "calibrations": info.get("calibrations"),
                "previous_run": info["previous_run"],
            },
        }
    )


def source(file: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of one source file."""
    return {n: file[n] for n in ("table", "file", "sha256", "rows", "stored", "quarantined")}


def _read_by(file: dict[str, Any]) -> dict[str, Any]:
    """Return by which settings a file was read; null where that was not recorded."""
    return {name: file[name] for name in ("columns", "max_value_bytes")}


def rules_of(profile: str) -> list[dict[str, str]]:
    """Return what a profile removes or replaces: what, done, why."""
    return _RULES[profile]


def not_checkable(profile: str, forgotten: bool = False) -> list[str]:
    """Return what a reader of a bundle in this profile has to take on trust.

    `forgotten` is whether accounts were taken out of the case before.
    """
    of_members = [] if profile == "public" or not forgotten else [_FORGOTTEN]
    return [*_NOT_CHECKABLE.get(profile, []), *of_members]


def _written(value: dict[str, Any]) -> bytes:
    return canonical(value) + b"\n"
