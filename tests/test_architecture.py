"""Data flows one way: each room imports only rooms to its left, and only `cli` prints or exits."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "forensics"
BASE = {"errors", "memory", "ordered", "parallel", "progress", "utc"}
FLOW = ["case", "ingest", "link", "cluster", "score", "run_info", "run_tables", "analyse", "bundle"]
#: What each room may import, itself apart.
LEFT = {
    "errors": set(),
    "memory": set(),
    "ordered": set(),
    "parallel": set(),
    "progress": set(),
    "utc": set(),
    **{room: BASE | set(FLOW[:n]) for n, room in enumerate(FLOW)},
    **dict.fromkeys(("graph", "simulate", "evaluate"), BASE | {"case"}),
}
#: The two faces of the package: for the terminal, and for Python.
FACES = {"cli", "__init__", "notebook"}
PRINTERS = {"click", "rich"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {node.module or ""}
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(tree: ast.AST) -> set[str]:
    rooms = {n.split(".")[1] for n in imported(tree) if n.startswith("forensics.")}
    return {
        room for room in rooms if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").exists()
    }


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in MODULES} == {*LEFT, *FACES}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_to_its_left(path: Path) -> None:
    room = room_of(path)
    if room not in FACES:
        assert rooms_imported(ast.parse(path.read_text())) <= LEFT[room] | {room}
    elif room != "cli":
        assert "cli" not in rooms_imported(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if room_of(path) == "cli":
        return
    tree = ast.parse(path.read_text())
    assert not {name.split(".")[0] for name in imported(tree)} & PRINTERS
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id not in {"print", "exit", "quit", "SystemExit"}, f"line {node.lineno}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"stdout", "stderr", "exit", "_exit"}, f"line {node.lineno}"
