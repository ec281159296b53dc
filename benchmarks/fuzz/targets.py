"""What is fuzzed: every reader of sources, and the check of bundles; and files to begin with."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from forensics.bundle.create import create_bundle
from forensics.bundle.keys import Ed25519PrivateKey, SigningKey
from forensics.bundle.verify import verify_bundle
from forensics.case.run import Run
from forensics.case.settings import parse_settings
from forensics.case.store import Case
from forensics.errors import InputError, UsageError
from forensics.ingest.load import load
from tests.factory import make_case
from tests.mutations import spoiled

#: Table and name of the file that a spoiled source is loaded as.
SOURCES = {
    "csv": "signups.csv",
    "csv.gz": "ips.csv.gz",
    "jsonl": "prompts.jsonl",
    "jsonl.gz": "payments.jsonl.gz",
    "parquet": "prompts.parquet",
    "parquet columns": "signups.parquet",
}


def seeds() -> dict[str, bytes]:
    """Return one good file for each reader."""
    signups = (
        "account_id,created_at,email,phone,signup_ip,favourite\n"
        '1,2026-01-01T00:00:00Z,a@b.example,+4930123456,192.0.2.1,"red, or ""blue"""\n'
        "2,1767312000,c@d.example,,2001:db8::1,\n3,2026-01-03,,,,x\n"
    )
    ips = "account_id,ip,at,requests\n" + "".join(
        f"{n},192.0.2.{n},2026-01-01T00:00:{n:02}Z,{n}\n" for n in range(40)
    )
    prompts = [
        {"prompt_id": f"p{n}", "account_id": str(n), "at": "2026-01-01Z", "embedding": [0.5, n, 1]}
        for n in range(20)
    ]
    payments = [
        {"account_id": str(n), "instrument_id": f"tok-{n}", "kind": "card", "at": 1767312000 + n}
        for n in range(20)
    ]
    lines = ["".join(json.dumps(row) + "\n" for row in rows) for rows in (prompts, payments)]
    nested = pa.table(
        {
            "account_id": ["1", "2"],
            "created_at": pa.array([0, 1], pa.timestamp("us", "UTC")),
            "lists": [[1], None],
            "structs": [{"a": 1}, {"a": None}],
            "binary": [b"\xff", b"x"],
            "dictionary": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    return {
        "csv": signups.encode(),
        "csv.gz": gzip.compress(ips.encode(), mtime=0),
        "jsonl": lines[0].encode(),
        "jsonl.gz": gzip.compress(lines[1].encode(), mtime=0),
        "parquet": parquet(pa.Table.from_pylist(prompts)),
        "parquet columns": parquet(nested),
    }


def parquet(table: pa.Table) -> bytes:
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def load_source(kind: str, data: bytes, *, refused: bool = True) -> None:
    """Load a spoiled source: it is loaded, or refused in one clear sentence, and nothing else."""
    with tempfile.TemporaryDirectory() as name:
        case = Case.create(Path(name) / "case")
        source = Path(name) / SOURCES[kind]
        source.write_bytes(data)
        with contextlib.suppress(*[InputError] * refused):
            load(case, [source], max_bad=1)
        Case.open(case.root).read("signups")


def read_settings(data: bytes) -> None:
    """Read a spoiled settings file."""
    with contextlib.suppress(UsageError):
        parse_settings(data, "settings.toml")


class Bundles:
    """One signed bundle, as the files in it, to be spoiled and checked."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            case = make_case(Path(name))
            key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
            target = Path(name) / "bundle"
            create_bundle(case, Run.current(case), "C-north", target, signer=key)
            self.files = {
                path.relative_to(target).as_posix(): path.read_bytes()
                for path in sorted(target.rglob("*"))
                if path.is_file()
            }
        self.key = key.public

    def check_folder(self, random: Random) -> None:
        """Spoil one file of a folder; it must be told, and never raise."""
        files = dict(self.files)
        name = random.choice(sorted(files))
        files[name] = spoiled(files[name], random)
        with tempfile.TemporaryDirectory() as folder:
            for path, data in files.items():
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
            found = verify_bundle(Path(folder), [self.key])
        assert found.valid == (files == self.files), name

    def check_archive(self, random: Random, kind: str) -> None:
        """Spoil an archive; nothing but what was packed may be called valid."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"bundle.{kind}"
            path.write_bytes(spoiled(self._packed(kind), random))
            verify_bundle(path, [self.key])

    def _packed(self, kind: str) -> bytes:
        written = io.BytesIO()
        if kind == "zip":
            with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in self.files.items():
                    archive.writestr(name, data)
        else:
            with tarfile.open(fileobj=written, mode="w:gz" if kind == "tar.gz" else "w") as tar:
                for name, data in self.files.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))
        return written.getvalue()


def targets() -> Iterator[tuple[str, Callable[[Random], None]]]:
    """Give every target by name: a function that makes one input from a seed and tries it."""
    good = seeds()
    for kind in SOURCES:
        yield kind, lambda random, kind=kind: load_source(kind, spoiled(good[kind], random))
    toml = b'seed = 1\n[ingest]\nmax_bad = 0.5\n[files]\nx = "ips"\n[columns.ips]\nip = "addr"\n'
    yield "settings", lambda random: read_settings(spoiled(toml, random))
    bundles = Bundles()
    yield "bundle folder", bundles.check_folder
    for kind in ("zip", "tar", "tar.gz"):
        yield f"bundle {kind}", lambda random, kind=kind: bundles.check_archive(random, kind)
