"""Builds a bundle again from its source files, and compares it byte for byte.

Only the source files and what the bundle says of settings and seed go in. What people decided
(labels, and how they calibrated the scores), what earlier runs left (the ids of runs and clusters,
the lineage), and how many rows were set aside as the files were loaded one after the other, can't
follow from the sources: that is taken from the bundle as it stands.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from forensics import __version__
from forensics.analyse import analyse
from forensics.bundle.container import DAMAGED, Container, open_container
from forensics.bundle.create import contents
from forensics.bundle.evidence import Evidence
from forensics.bundle.gather import gather, open_gathered
from forensics.bundle.hostile import csv_texts
from forensics.bundle.integrity import check_integrity
from forensics.bundle.names import plural
from forensics.bundle.reader import load_evidence
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError, InputError
from forensics.ingest.load import load_found
from forensics.progress import QUIET, Progress
from forensics.score.calibrate import Calibrations


@dataclass(frozen=True)
class Reproduction:
    """What came of it. `differences` name what is not the same, the first that matters first."""

    files: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether every file of the payload came out the same."""
        return not self.differences


def reproduce_bundle(path: Path, sources: Path, *, progress: Progress = QUIET) -> Reproduction:
    """Build the case of a bundle again from the source files in a folder, and compare.

    Raises:
        BundleError: the bundle can't be read or was changed, its profile hides what would be
            needed, or a source file is missing or is another.
    """
    try:
        with open_container(path) as bag:
            return _reproduce(bag, path, sources, progress)
    except DAMAGED as error:
        raise BundleError(f"{path} can't be read: {error}") from None


def settings_toml(settings: dict[str, Any]) -> bytes:
    """Return settings as a TOML file that reads back the same."""
    lines = [f"{name} = {json.dumps(v)}" for name, v in settings.items() if not isinstance(v, dict)]
    for name, section in settings.items():
        if isinstance(section, dict):
            lines += _section(name, section)
    return "".join(f"{line}\n" for line in lines).encode()


def _section(name: str, values: dict[str, Any]) -> list[str]:
    lines = [f"[{name}]"]
    inner = {key: value for key, value in values.items() if isinstance(value, dict)}
    for key, value in values.items():
        if key not in inner:
            lines.append(f"{_quoted(key)} = {_quoted(value)}")
    for key, value in inner.items():
        lines += _section(f"{name}.{_quoted(key)}", value)
    return lines


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _reproduce(bag: Container, path: Path, sources: Path, progress: Progress) -> Reproduction:
    problems, digests = check_integrity(bag)
    if problems:
        raise BundleError(f"{path} is not as it was made: {problems[0]}")
    told = json.loads(bag.read("data/cluster.json", 1 << 30))
    origin = json.loads(bag.read("data/provenance.json", 1 << 30))
    if told["profile"] != "internal":
        raise BundleError(
            f"{path} can't be reproduced: profile {told['profile']} hides the names of its sources"
        )
    notes = []
    made_by = origin["by"]["account-forensics"]
    if made_by != __version__:
        notes.append(f"made by version {made_by}, reproduced by version {__version__}")
    if forgotten := origin["from"].get("forgotten"):
        notes.append(
            f"{'an account was' if forgotten == 1 else f'{forgotten:,} accounts were'} forgotten "
            "in the case before the bundle was made; the sources still tell of "
            f"{'it' if forgotten == 1 else 'them'}, so what follows from them is something else"
        )
    with tempfile.TemporaryDirectory(prefix="forensics-") as name:
        case = _loaded(Path(name) / "case", origin["from"], path, sources, progress)
        calibrations = Calibrations.of(origin["from"].get("calibrations") or {})
        run = analyse(case, calibrations=calibrations, progress=progress)
        cluster_id = _same_members(run, _members(bag))
        if cluster_id is None:
            return Reproduction(0, ("no cluster with these members came out",), tuple(notes))
        evidence = _as_given(load_evidence(case, run, cluster_id), told, origin, _labels(bag))
        notes += _set_aside(case, origin["from"]["sources"])
        differences, count = _compare(bag, evidence, digests)
    return Reproduction(count, tuple(differences), tuple(notes))


def _loaded(
    root: Path, origin: dict[str, Any], path: Path, sources: Path, progress: Progress
) -> Case:
    """Load the sources into a new case, each by the names of columns that it was read by."""
    wanted = origin["sources"]
    found = gather(wanted, sources, progress)
    case = Case.create(root)
    try:
        load_found(
            case,
            lambda settings: open_gathered(wanted, found, settings),
            settings=settings_toml(origin["settings"]),
            max_bad=1.0,
            progress=progress,
        )
    except InputError as error:
        raise BundleError(f"{path} can't be built again by what it says: {error}") from None
    return Case.open(root)


def _set_aside(case: Case, given: list[dict[str, Any]]) -> list[str]:
    """Say where the numbers of quarantined rows differ: they follow from the order of the loads."""
    told = {(source["table"], source["sha256"]): source["quarantined"] for source in given}
    return [
        f"{source.file}: {plural(source.quarantined, 'row')} quarantined when all files are loaded "
        f"at once; the bundle's number, {told[source.table, source.sha256]:,}, is taken as it "
        "stands"
        for source in case.manifest.sources
        if told[source.table, source.sha256] != source.quarantined
    ]


def _members(bag: Container) -> list[str]:
    with bag.files["data/accounts.csv"]() as file:
        options = pa.csv.ConvertOptions(
            include_columns=["account_id"], column_types={"account_id": pa.string()}
        )
        ids: list[str] = pa.csv.read_csv(file, convert_options=options)["account_id"].to_pylist()
    return ids


def _same_members(run: Run, members: list[str]) -> str | None:
    table = run.read("members", ["cluster_id", "account_id"])
    of: dict[str, set[str]] = {}
    ids = csv_texts(table["account_id"]).to_pylist()
    for cluster_id, account_id in zip(table["cluster_id"].to_pylist(), ids, strict=True):
        of.setdefault(cluster_id, set()).add(account_id)
    wanted = set(members)
    return next((cid for cid, accounts in of.items() if accounts == wanted), None)


def _labels(bag: Container) -> list[str | None]:
    """The members' labels, in their order."""
    with bag.files["data/accounts.csv"]() as file:
        options = pa.csv.ConvertOptions(
            include_columns=["label"],
            column_types={"label": pa.string()},
            null_values=[""],
            strings_can_be_null=True,
        )
        labels: list[str | None] = pa.csv.read_csv(file, convert_options=options)[
            "label"
        ].to_pylist()
    return labels


def _as_given(
    evidence: Evidence, told: dict[str, Any], origin: dict[str, Any], labels: list[str | None]
) -> Evidence:
    """Take from the bundle what can't follow from the sources."""
    place = evidence.members.schema.get_field_index("label")
    field = evidence.members.schema.field("label")
    set_aside = {(s["table"], s["sha256"]): s["quarantined"] for s in origin["from"]["sources"]}
    return replace(
        evidence,
        files=[
            {**file, "quarantined": set_aside[file["table"], file["sha256"]]}
            for file in evidence.files
        ],
        forgotten=origin["from"].get("forgotten", 0),
        cluster={**evidence.cluster, "cluster_id": told["cluster_id"], "label": told["label"]},
        info={
            **evidence.info,
            "run_id": told["run_id"],
            "previous_run": origin["from"]["previous_run"],
            "version": origin["by"]["account-forensics"],
        },
        members=evidence.members.set_column(place, field, pa.array(labels, pa.string())),
        lineage=pa.Table.from_pylist(told["lineage"], evidence.lineage.schema),
        labels=pa.Table.from_pylist(told["labels"], evidence.labels.schema),
    )


def _compare(bag: Container, evidence: Evidence, digests: dict[str, str]) -> tuple[list[str], int]:
    differences, count = [], 0
    built = contents(evidence)
    for name in sorted(
        {n for n in digests if n.startswith("data/")} | {f"data/{n}" for n in built}
    ):
        count += 1
        chunks = built.get(name.removeprefix("data/"))
        if chunks is None or name not in digests:
            where = "in the bundle" if chunks is None else "in what was built"
            differences.append(f"{name} is only {where}")
            continue
        data = b"".join(chunks)
        if hashlib.sha256(data).hexdigest() != digests[name]:
            differences.append(f"{name} differs{_where(data, b''.join(bag.blocks(name)))}")
    return differences, count


def _where(built: bytes, given: bytes) -> str:
    lines = zip(built.split(b"\n"), given.split(b"\n"), strict=False)
    number = next((n for n, (a, b) in enumerate(lines, 1) if a != b), None)
    return f" from line {number:,} on" if number else " in length"
