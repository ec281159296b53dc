"""Builds a bundle again from its source files, and compares it byte for byte.

Only the source files and what the bundle says of settings and seed go in. What people decided
(labels, and how they calibrated the scores) and what earlier runs left (the ids of runs and
clusters, the lineage) can't follow from the sources: that is taken from the bundle as it stands.
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
from forensics.bundle.hostile import csv_texts
from forensics.bundle.integrity import check_integrity
from forensics.bundle.reader import load_evidence
from forensics.case.files import sha256_file
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError
from forensics.ingest.load import load
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
    with tempfile.TemporaryDirectory(prefix="forensics-") as name:
        folder = Path(name)
        _gather(origin["from"]["sources"], sources, folder / "sources")
        case = Case.create(folder / "case")
        toml = settings_toml(origin["from"]["settings"])
        load(case, [folder / "sources"], settings=toml, max_bad=1.0, progress=progress)
        case = Case.open(case.root)
        calibrations = Calibrations.of(origin["from"].get("calibrations") or {})
        run = analyse(case, calibrations=calibrations, progress=progress)
        cluster_id = _same_members(run, _members(bag))
        if cluster_id is None:
            return Reproduction(0, ("no cluster with these members came out",), tuple(notes))
        evidence = _as_given(load_evidence(case, run, cluster_id), told, origin, _labels(bag))
        differences, count = _compare(bag, evidence, digests)
    return Reproduction(count, tuple(differences), tuple(notes))


def _gather(wanted: list[dict[str, Any]], sources: Path, folder: Path) -> None:
    """Put the source files under their old names, each checked by its digest."""
    for source in wanted:
        there = sources / source["file"]
        if not there.is_file():
            there = sources / Path(source["file"]).name
        if not there.is_file():
            raise BundleError(f"{source['file']} is not in {sources}: the bundle was made from it")
        digest = sha256_file(there)
        if digest != source["sha256"]:
            raise BundleError(
                f"{there} is another file than the bundle was made from: "
                f"SHA-256 {digest}, expected {source['sha256']}"
            )
        place = folder / source["file"]
        if ".." in Path(source["file"]).parts or not place.is_relative_to(folder):
            raise BundleError(f"{source['file']} points outside its folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(there.absolute())


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
    return replace(
        evidence,
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
