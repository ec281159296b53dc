"""Makes many bundles at once, on all cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from forensics.bundle.create import fill, refuse_existing, unfinished
from forensics.bundle.keys import SigningKey
from forensics.bundle.placing import Placed, put_in_place
from forensics.bundle.reader import EvidenceReader, find_cluster
from forensics.bundle.redact import redact
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.parallel import interrupts_held, workers
from forensics.progress import QUIET, Progress

#: Bundles that are read, synced and renamed together.
BATCH = 50


def create_bundles(
    case: Case,
    run: Run,
    cluster_ids: Sequence[str],
    folder: Path,
    *,
    force: bool = False,
    update: bool = False,
    signer: SigningKey | None = None,
    profile: str = "internal",
    share_key: bytes | None = None,
    progress: Progress = QUIET,
) -> list[Placed]:
    """Write a bundle for each cluster, as `folder/<id>`, and return them in order.

    `profile` says what may leave (see `redact`); in one for sharing the ids are others. With
    `force` they replace those that exist, with `update` those that say something else; either way
    one that people have attested is kept (see `put_in_place`).

    Raises:
        UsageError: the run has no such cluster.
        BundleError: a target exists (and neither is set), or can't be written.
    """
    ids = list(dict.fromkeys(cluster_ids))
    clusters = run.read("clusters")
    for cluster_id in ids:
        find_cluster(run, clusters, cluster_id)
        if profile == "internal":
            refuse_existing(folder / cluster_id, force or update)
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    processes = min(os.cpu_count() or 1, len(batches))
    threads = 1 if processes > 1 else None  # the other cores have work of their own
    work = _Work(case.root, run.run_id, folder, force, update, signer, profile, share_key, threads)
    made: list[Placed] = []
    with progress.step("Writing bundles", len(ids), "bundles") as step:
        step.rows(len(clusters), len(ids))
        if processes < 2:
            for batch in batches:
                made += work(batch)
                step.advance(len(batch))
            return made
        with workers(processes) as pool:
            with interrupts_held():
                results = pool.map(work, batches)
            for done in results:
                made += done
                step.advance(len(done))
    return made


class _Work:
    """Writes one batch of bundles; can be sent to another process."""

    def __init__(
        self,
        root: Path,
        run_id: str,
        folder: Path,
        force: bool,
        update: bool,
        signer: SigningKey | None,
        profile: str,
        share_key: bytes | None,
        threads: int | None,
    ) -> None:
        self.root, self.run_id, self.folder = root, run_id, folder
        self.force, self.update = force, update
        self.signer, self.profile, self.share_key = signer, profile, share_key
        self.threads = threads

    def __call__(self, cluster_ids: list[str]) -> list[Placed]:
        case = Case.open(self.root)
        run = Run(self.run_id, case.root / "runs" / self.run_id)
        kept = cluster_ids if len(cluster_ids) > 1 else ()
        reader = EvidenceReader(case, run, kept, threads=self.threads)
        with ExitStack() as stack:
            finished = []
            for cluster_id in cluster_ids:
                evidence = redact(reader.read(cluster_id), self.profile, self.share_key)
                target = self.folder / evidence.cluster_id
                refuse_existing(target, self.force or self.update)
                new = stack.enter_context(unfinished(target))
                fill(new, evidence, self.signer)
                finished.append((new, target))
            os.sync()  # once for all; each file by itself takes longer than making it
            return [put_in_place(new, target, update=self.update) for new, target in finished]
