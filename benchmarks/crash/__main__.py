"""Kills commands at random moments (SIGKILL), and looks at what is left.

python -m benchmarks.crash [KILLS] [SEED]

After each kill every part of the case (tables, quarantine, settings, labels, current run) has to be
as before the command or as after it, and the same command again has to give, byte for byte, what it
gives undisturbed. Commands run in processes forked from this one, which has everything imported, so
that every moment falls into their work.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import forensics.analyse
import forensics.bundle.many
import forensics.graph.build
import forensics.ingest.forget
import forensics.ingest.load  # noqa: F401
from forensics.case.labels import read_labels
from forensics.case.run import SCHEMAS, Run
from forensics.case.store import Case
from forensics.cli.main import run_command
from tests.factory import make_sources, source_bytes

COMMANDS = {
    "run": ["run", "first", "--case", "case"],
    "run, more": ["run", "first", "more", "--settings", "settings.toml", "--case", "case"],
    "ingest": ["ingest", "more", "--case", "case"],
    "label": ["label", "add", "north-1", "--verdict", "abusive", "--by", "me", "--case", "case"],
    "forget": ["account", "forget", "north-3", "--case", "case"],
    "bundle": ["bundle", "create", "C-6orr", "-o", "exported", "--force", "--case", "case"],
}
#: Where nothing is there before.
FRESH = ("run",)
#: What has a time of the clock in it, or is thrown away and made again.
LEFT_OUT = ("lock", ".lock", "log.jsonl", "labels.jsonl", "attestations", "graph")


def forked(work: Callable[[], Any]) -> int:
    """Start work in a process of its own; its exit code is the number returned."""
    process = os.fork()
    if process == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        code = 99
        try:
            code = int(work() or 0)
        finally:
            os._exit(code)
    return process


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def done(folder: Path, command: list[str]) -> int:
    """Run a command in a folder to its end; return the exit code."""
    return ended(forked(lambda: in_folder(folder, command)))


def in_folder(folder: Path, command: list[str]) -> int:
    os.chdir(folder)
    return run_command(command)


def parts(folder: Path) -> dict[str, str]:
    """What a reader sees of each part of the case, as digests; asked of another process."""
    told = folder / "parts.json"
    assert (
        ended(forked(lambda: told.write_text(json.dumps(read_parts(folder / "case"))) and 0)) == 0
    )
    found: dict[str, str] = json.loads(told.read_text())
    told.unlink()
    return found


def read_parts(root: Path) -> dict[str, str]:
    if not (root / "case.json").exists():
        return {}
    case = Case.open(root)
    waiting = case.manifest.waiting()
    side = [root / waiting.get(n, n) for n in case.manifest.files]
    side = [p if p.exists() else root / n for p, n in zip(side, case.manifest.files, strict=True)]
    run = Run.current(case) if case.current else None
    return {
        "tables": digest({name: case.read(name).to_pylist() for name in case.manifest.tables}),
        "settings": case.settings.digest,
        "files": digest([path.read_bytes() for path in side]),
        "labels": digest(sorted({(x.subject, x.verdict) for x in read_labels(case)})),
        "run": digest([run.info, *(run.read(name).to_pylist() for name in SCHEMAS)] if run else 0),
    }


def digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


def contents(folder: Path) -> dict[str, str]:
    """The digest of every file that is to be the same, once earlier states are cleaned away."""
    assert done(folder, ["status", "--clean", "--case", "case"]) == 0
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for place in ("case", "exported")
        for path in sorted((folder / place).rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & set(LEFT_OUT)
    }


def prepare(folder: Path) -> None:
    """Write the sources, and a case of the first of them that was analysed."""
    for name, rows in make_sources().items():
        most = len(rows) - (3 if name in ("ips", "prompts", "payments") else 0)
        for place, some in (("first", rows[:most]), ("more", rows[most:])):
            if some:
                (folder / place).mkdir(exist_ok=True)
                suffix = "jsonl" if name == "prompts" else "csv"
                path = folder / place / f"{name}-{place}.{suffix}"
                path.write_bytes(source_bytes(name, some))
    (folder / "settings.toml").write_text("seed = 7\n")
    assert done(folder, COMMANDS["run"]) == 0


def main(kills: int = 200, seed: int = 1) -> int:
    gc.freeze()
    random, failures, inside = Random(seed), 0, Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CONFIG_HOME"] = name
        start = Path(name) / "start"
        start.mkdir()
        prepare(start)
        clusters = Path(name) / "clusters"
        told = ended(forked(lambda: clusters.write_text(first_cluster(start)) and 0))
        assert told == 0
        COMMANDS["bundle"][2] = clusters.read_text()
        undisturbed = {}
        for title, command in COMMANDS.items():
            folder = fresh(start, Path(name) / "undisturbed", title)
            before = parts(folder)
            began = time.monotonic()
            assert done(folder, command) == 0, title
            undisturbed[title] = (before, parts(folder), time.monotonic() - began, contents(folder))
            print(f"{title}: {undisturbed[title][2]:.2f} s undisturbed", flush=True)
        for number in range(kills):
            title = list(COMMANDS)[number % len(COMMANDS)]
            before, after, seconds, whole = undisturbed[title]
            folder = fresh(start, Path(name) / "trial", title)
            process = forked(lambda f=folder, t=title: in_folder(f, COMMANDS[t]))
            time.sleep(random.uniform(0, seconds))
            os.kill(process, signal.SIGKILL)
            inside[title] += ended(process) == -signal.SIGKILL
            found = parts(folder)
            torn = [p for p in found if found[p] not in (before.get(p), after.get(p), empty(p))]
            code = done(folder, COMMANDS[title])
            same = contents(folder) == whole
            if torn or not same or code not in ((0, 1) if title == "forget" else (0,)):
                failures += 1
                print(f"kill {number}, {title}: torn {torn}, again {code}, same {same}")
            shutil.rmtree(folder)
    print(f"{kills} kills, {inside.total()} of them before the command's end, {failures} failures")
    return 1 if failures else 0


def empty(part: str) -> str:
    """The digest of a part of a case in which nothing is yet."""
    nothing: dict[str, Any] = {"tables": {}, "files": [], "labels": [], "run": 0}
    return digest(nothing[part]) if part in nothing else "defaults"


def first_cluster(folder: Path) -> str:
    run = Run.current(Case.open(folder / "case"))
    return str(run.read("clusters")["cluster_id"][0].as_py())


def fresh(start: Path, folder: Path, title: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(start, folder)
    if title in FRESH:
        shutil.rmtree(folder / "case")
    return folder


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
