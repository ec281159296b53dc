"""How the command behaves among other programs: its log, its exit codes, Ctrl-C, the network."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from forensics.case.store import Case
from tests.cli.test_help import COMMANDS, examples
from tests.conftest import Ran

Cli = Callable[..., Ran]

# The log.


def test_the_log_as_json_has_every_message_and_step(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "signups.csv"
    source.write_text("account_id,created_at\na,2026-01-01\n")
    ran = cli("--log-format", "json", "ingest", source, "--case", tmp_path / "case")
    assert (ran.code, ran.out) == (0, "")
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert all(list(line)[:4] == ["at", "level", "logger", "message"] for line in lines)
    steps = [line["step"] for line in lines if "step" in line]
    assert steps == ["Fingerprinting", "Reading signups.csv", "Merging signups"]
    assert any("taken as UTC" in line["message"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["cluster", "list", "--case", "nowhere"], 1, "nowhere holds no case"),
        (["cluster", "list", "--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_errors_are_lines_of_the_json_log_as_well(
    cli: Cli, arguments: list[str], code: int, message: str
) -> None:
    ran = cli("--log-format", "json", *arguments)
    (line,) = [json.loads(text) for text in ran.err.splitlines()]
    assert (ran.code, line["level"]) == (code, "error")
    assert message in line["message"]
    assert cli(*arguments).err.count("{") == 0


# Ctrl-C.

BUSY = """
import hashlib, sys
from forensics.cli import main, status

def busy(case):
    print("busy", flush=True)
    {work}

status._facts = busy
main.main()
"""
DEAF = "hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)"  # an hour in which no Python runs
HEARING = "import time; time.sleep(3600)"


@pytest.mark.parametrize("work", [DEAF, HEARING])
def test_ctrl_c_leaves_with_exit_code_1_and_no_traceback(work: str, small_case: Case) -> None:
    command = [sys.executable, "-c", BUSY.format(work=work), "status", "--case", small_case.root]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.strip() == "Error: stopped; the case keeps what was complete, and nothing half done"


# Several processes.


def test_the_second_writer_is_told_of_the_first_and_readers_go_on(
    cli: Cli, small_case: Case, tmp_path: Path
) -> None:
    with small_case.writing("analyse"):
        ran = cli("label", "add", "solo-1", "--verdict", "abusive", "--case", small_case.root)
        assert ran.code == 1
        assert f"is being written to by process {os.getpid()} (analyse)" in ran.err
        assert cli("cluster", "list", "--case", small_case.root).code == 0
        told = json.loads(cli("status", "--case", small_case.root, "--format", "json").out)
        assert told["writer"] == f"process {os.getpid()} (analyse)"
        assert cli("status", "--clean", "--case", small_case.root).code == 1


def test_what_a_running_writer_writes_is_not_left_over(cli: Cli, small_case: Case) -> None:
    unfinished = small_case.root / "runs" / ".new-r-0003"
    with small_case.writing("analyse"):
        unfinished.mkdir()
        told = json.loads(cli("status", "--case", small_case.root, "--format", "json").out)
        assert told["leftovers"] == []
    assert unfinished.exists()
    told = json.loads(cli("status", "--case", small_case.root, "--format", "json").out)
    assert (told["leftovers"], told["writer"]) == (["runs/.new-r-0003"], None)
    ran = cli("status", "--clean", "--case", small_case.root)
    assert "1 leftover removed" in ran.err
    assert not unfinished.exists()


def test_the_workers_of_a_killed_process_end_with_it(tmp_path: Path) -> None:
    code = """
import os, sys, time
from forensics.parallel import workers

def work(number):
    return os.getpid()

if __name__ == "__main__":
    with workers(1) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(3600)
"""
    script = tmp_path / "parent.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    while running(worker):
        time.sleep(0.01)


def running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


# The network.

WATCHED = """
import glob, os, shlex, sys

def watch(event, given):
    if event.startswith("socket.") and event != "socket.__new__":
        os.write(2, f"NETWORK {event} {given}".encode())
        os._exit(97)

def counters():
    sys.stdout.flush()
    os.write(3, open("/proc/net/snmp", "rb").read())

if __name__ == "__main__":
    from forensics.cli.main import run_command

    sys.addaudithook(watch)
    for line in open(sys.argv[1]):
        words = shlex.split(line.partition(" > ")[0])[1:]
        words = [path for word in words for path in (glob.glob(word) if "*" in word else [word])]
        if run_command(words) != 0:
            sys.exit(f"failed: {line}")
    counters()
"""
#: Tries a connection, as a network that counts attempts would notice.
TRIES = "import socket; socket.socket().connect_ex(('192.0.2.1', 80))"
#: What tells in its help to use a server, or needs one.
ONLINE = ("graph push", "graph status")
#: `query shell` has a loop of its own, in which asyncio wakes itself over a pair of sockets.
#: `label import` reads what another program writes in its example.
OTHERWISE = ("query shell", "label import", "run", "analyse")
OFFLINE = [name for name in COMMANDS if name not in (*ONLINE, *OTHERWISE)]
#: The last two on less data.
SMALL = ["forensics run sources --case small", "forensics analyse --case small"]


def without_network() -> list[str]:
    """The words that run a command in an empty network of its own, where that is allowed."""
    words = ["unshare", "--map-root-user", "--net"]
    allowed = shutil.which(words[0]) and subprocess.run([*words, "true"], check=False)
    return words if allowed and allowed.returncode == 0 else []


def test_no_command_touches_the_network_unless_it_is_asked_to(
    sample_folder: Path, made_case: Path, tmp_path: Path
) -> None:
    """Neither Python code nor, in an empty network that counts attempts, any library does."""
    folder = Path(shutil.copytree(sample_folder, tmp_path / "copy", symlinks=True))
    (folder / "sources").symlink_to(made_case / "sources")
    lines = [*SMALL, *(line for name in OFFLINE for line in examples(COMMANDS[name]))]
    (tmp_path / "lines").write_text("\n".join(line for line in lines if "|" not in line))
    (tmp_path / "watched.py").write_text(WATCHED)
    prefix = without_network()
    python = f'"{sys.executable}"'
    script = f"""
        {python} "{tmp_path}/watched.py" "{tmp_path}/lines" 3>&1 >/dev/null || exit 1
        {python} -c "{TRIES}" && cat /proc/net/snmp
    """
    root = str(Path(__file__).parent.parent.parent)
    ran = subprocess.run(
        [*prefix, "bash", "-c", script],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    if prefix:
        before, after = attempts(ran.stdout)
        assert before == 0
        assert after > 0  # one would have been noticed


def attempts(told: str) -> tuple[int, int]:
    """Packets without a route and connections tried, in the first and second list of counters."""
    counted: list[int] = []
    for names, values in pairwise(line.split() for line in told.splitlines()):
        if names[0] == values[0] in ("Ip:", "Tcp:"):
            of = dict(zip(names, values, strict=True))
            counted.append(int(of.get("OutNoRoutes", 0)) + int(of.get("ActiveOpens", 0)))
    first, second = counted[:2], counted[2:]
    return sum(first), sum(second)
