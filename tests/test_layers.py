"""The house as it was drawn: who may import whom, and how large a file may grow."""

import ast
import re
from pathlib import Path

import pytest

from edupulse_core.config import REPOSITORY

LEVELS = {
    "warehouse": 1,
    "store": 1,
    "demo": 1,
    "features": 2,
    "people": 2,
    "training": 3,
    "families": 4,
    "lifecycle": 5,
    "reports": 6,
    "queries": 6,
    "actions": 7,
    "jobs": 8,
    "api": 8,
    "cli": 8,
    "app": 8,
    "stopping": 8,
}
BESIDE = {"cli": {"stopping", "app", "jobs"}}  # what a door may use of its own level
OPEN_TO_ALL = {"errors", "config", "files", "progress", "rules", "sql", "words"}


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.Module]:
    """Every module of the program, read once."""
    paths = (path for top in ("app", "edupulse_core") for path in (REPOSITORY / top).rglob("*.py"))
    return {path.relative_to(REPOSITORY): ast.parse(path.read_text()) for path in paths}


def room_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return "app" if parts[0] == "app" else parts[1]


def may_import(room: str) -> set[str]:
    """The rooms that a room may import, those that are open to all aside."""
    if room in OPEN_TO_ALL:
        return set()
    lower = {other for other, level in LEVELS.items() if level < LEVELS[room]}
    return lower | BESIDE.get(room, set())


def imported_rooms(tree: ast.AST) -> set[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "edupulse_core":
            names += [f"edupulse_core.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    rooms = set()
    for name in names:
        top, _, rest = name.partition(".")
        if top == "app":
            rooms.add("app")
        elif top == "edupulse_core" and rest:
            rooms.add(rest.split(".")[0])
    return rooms


def test_a_module_imports_only_from_lower_levels(modules: dict[Path, ast.Module]) -> None:
    upward = {}
    for path, tree in modules.items():
        room = room_of(path)
        if room not in ("__init__", "__main__"):
            upward[path] = imported_rooms(tree) - {room} - OPEN_TO_ALL - may_import(room)

    assert {path: rooms for path, rooms in upward.items() if rooms} == {}


def test_files_stay_readable(modules: dict[Path, ast.Module]) -> None:
    lines = {path: (REPOSITORY / path).read_text().count("\n") for path in modules}

    assert {path: n for path, n in lines.items() if n > 400} == {}


def test_functions_stay_readable(modules: dict[Path, ast.Module]) -> None:
    long = {
        f"{path}: {node.name}"
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    }

    assert long == set()


def test_no_folder_lets_streamlit_serve_pages_without_sign_in() -> None:
    assert not (REPOSITORY / "app" / "pages").exists()


def test_who_a_student_is_serves_the_audit_of_errors_alone() -> None:
    queries = (REPOSITORY / "edupulse_core").rglob("*.sql")
    reading = {
        str(path.relative_to(REPOSITORY / "edupulse_core").as_posix())
        for path in queries
        if re.search(r"\b(from|join)\s+(\w+\.)*demographics\b", path.read_text(encoding="utf-8"))
    }

    # besides the audit: the import itself, and its warning of people who are there twice
    assert {name for name in reading if not name.startswith("warehouse/")} == {
        "families/groups.sql",
        "families/risk/groups.sql",
    }
