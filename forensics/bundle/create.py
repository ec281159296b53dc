"""Makes the bundle of one cluster: whole under its name, or not there at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forensics.bundle.bag import Chunks, sync_bag, write_bag
from forensics.bundle.cluster_json import FORMAT, cluster_json
from forensics.bundle.custody import attest
from forensics.bundle.evidence import Evidence
from forensics.bundle.graphml import graph_graphml
from forensics.bundle.keys import SigningKey
from forensics.bundle.placing import put_in_place
from forensics.bundle.queries import cluster_queries
from forensics.bundle.reader import load_evidence
from forensics.bundle.report import report_html
from forensics.bundle.statements import alternatives_json, provenance_json, redactions_json
from forensics.bundle.stix import stix_json
from forensics.bundle.tables import (
    accounts_csv,
    fits_csv,
    links_csv,
    shared_csv,
    sources_csv,
    timeline_csv,
)
from forensics.bundle.why import why_jsonl
from forensics.case.lock import is_held
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError
from forensics.progress import QUIET, Progress


def create_bundle(
    case: Case,
    run: Run,
    cluster_id: str,
    target_folder: Path,
    *,
    force: bool = False,
    signer: SigningKey | None = None,
    progress: Progress = QUIET,
) -> Path:
    """Write the whole (internal) bundle of one cluster as `target_folder`; see `write_bundle`.

    Raises:
        UsageError: the run has no such cluster.
        BundleError: the target exists (and `force` is not set), or it can't be written.
    """
    refuse_existing(target_folder, force)
    evidence = load_evidence(case, run, cluster_id)
    return write_bundle(evidence, target_folder, force=force, signer=signer, progress=progress)


def write_bundle(
    evidence: Evidence,
    target_folder: Path,
    *,
    force: bool = False,
    signer: SigningKey | None = None,
    progress: Progress = QUIET,
) -> Path:
    """Write a bundle of the evidence, as redacted, as the folder `target_folder`; return that.

    It is written under another name beside it, signed, synced, and then renamed. Without a
    `signer` nobody vouches for it. With `force` it takes the place of what stands there; of that,
    what people have attested is kept beside it (see `put_in_place`).

    Raises:
        BundleError: the target exists (and `force` is not set), or it can't be written.
    """
    refuse_existing(target_folder, force)
    with unfinished(target_folder) as folder:
        fill(folder, evidence, signer, progress)
        sync_bag(folder)
        put_in_place(folder, target_folder)
    return target_folder


def fill(
    folder: Path, evidence: Evidence, signer: SigningKey | None, progress: Progress = QUIET
) -> None:
    """Write and sign a bundle in an empty folder; nothing is synced yet."""
    payload = contents(evidence)
    with progress.step(f"Bundle {evidence.cluster_id}", len(payload), "files") as step:
        counted = {name: _counted(chunks, step.advance) for name, chunks in payload.items()}
        write_bag(folder, counted, _info(evidence))
    if signer:
        attest(folder, "created", signer, details=_made(evidence), sync=False)
        if evidence.profile != "internal":
            details = {"profile": evidence.profile}
            attest(folder, "redacted", signer, details=details, sync=False)


def contents(evidence: Evidence) -> dict[str, Chunks]:
    """Return the payload by path inside `data/`; a public one has no table of single things."""
    payload: dict[str, Chunks] = {
        "report.html": [report_html(evidence)],
        "cluster.json": [cluster_json(evidence)],
        "alternatives.json": [alternatives_json(evidence)],
        "provenance.json": [provenance_json(evidence)],
        "redactions.json": [redactions_json(evidence)],
        "stix.json": [stix_json(evidence)],
    }
    if evidence.profile == "public":
        return payload
    queries = cluster_queries(evidence.cluster_id)
    return {
        **payload,
        "accounts.csv": accounts_csv(evidence),
        "links.csv": links_csv(evidence),
        "fits.csv": fits_csv(evidence),
        "shared.csv": shared_csv(evidence),
        "timeline.csv": timeline_csv(evidence),
        "sources.csv": sources_csv(evidence),
        "why.jsonl": why_jsonl(evidence),
        "graph.graphml": graph_graphml(evidence),
        **{f"queries/{name}": [text] for name, text in queries.items()},
    }


def _info(evidence: Evidence) -> list[tuple[str, str]]:
    version = evidence.info["version"]
    return [
        ("External-Description", "Evidence on one cluster of accounts"),
        ("External-Identifier", evidence.cluster_id),
        ("Bag-Group-Identifier", str(evidence.info["run_id"])),
        ("Bag-Software-Agent", f"account-forensics {version}"),
        ("Bundle-Format", str(FORMAT)),
        ("Bundle-Profile", evidence.profile),
    ]


def _made(evidence: Evidence) -> dict[str, str]:
    return {
        "cluster_id": evidence.cluster_id,
        "run_id": str(evidence.info["run_id"]),
        "profile": evidence.profile,
        "account-forensics": evidence.info["version"],
    }


def refuse_existing(target: Path, force: bool) -> None:
    """Leave alone what stands at the target, unless `force` is set.

    Raises:
        BundleError: something does.
    """
    if os.path.lexists(target) and not force:
        raise BundleError(f"{target} exists: choose another folder, or replace it with --force")


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give a new folder beside the target, and remove it if it still has that name at the end.

    What an earlier process left there when it was killed is removed first.

    Raises:
        BundleError: in place of any OSError inside the block.
    """
    folder: Path | None = None
    handle = -1
    prefix = f".new-{target.name}-"
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for entry in os.scandir(target.parent):  # no glob: there may be thousands of bundles
            if entry.name.startswith(prefix) and not is_held(Path(entry)):
                shutil.rmtree(entry, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=prefix))
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)  # it ends with this process, however that ends
        yield folder
    except OSError as error:
        raise BundleError(
            f"{target} can't be written: {error.strerror}; nothing stands under that name"
        ) from None
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        if handle >= 0:
            os.close(handle)


def _counted(chunks: Chunks, advance: Callable[[], None]) -> Iterator[bytes]:
    yield from chunks
    advance()
