"""Who may change anything: queries only read, and the doors change nothing but through actions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from edupulse_core.config import REPOSITORY

CORE = REPOSITORY / "edupulse_core"
QUERIES = sorted((CORE / "queries").rglob("*.py"))
DOORS = sorted([*(CORE / "cli").rglob("*.py"), *(REPOSITORY / "app").rglob("*.py")])
NOTING = {"people.trail", "store.audit"}
CHANGING = {  # module → what in it changes something
    "warehouse.ingest": {"ingest"},
    "warehouse.snapshots": {"undo", "publish", "importing"},
    "warehouse.exports": {"write_table", "write_csv"},
    "store.predictions": {"write_run"},
    "store.activations": {"note_activation"},
    "store.alerts": {"add", "answer"},
    "store.watched": {"add"},
    "store.districts": {"note_import"},
    "people.sessions": {"begin", "end"},
    "lifecycle.registry": {"activate"},
    "lifecycle.evaluations": {"keep"},
    "files": {"write"},
    "demo": {"write"},
}
READ_FOR_A_RECORD = {  # queries of one student, which `StudentRecord` alone runs
    "student_timeline",
    "student_gaps",
    "student_feature_weeks",
    "student_weeks",
}


def named(tree: ast.AST) -> Iterator[str]:
    """Every module that a file imports, and every name it takes from one, below the core."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name.removeprefix("edupulse_core.") for name in names)


def changes(tree: ast.AST) -> set[str]:
    """What a file names of that which changes something: as imported, or as module.name."""
    imported = set(named(tree))
    modules = {name.rpartition(".")[2]: name for name in CHANGING if name in imported}
    found = {f"{name}.{one}" for name, ways in CHANGING.items() for one in ways} & imported
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module and node.attr in CHANGING[module]:
                found.add(f"{module}.{node.attr}")
        if isinstance(node, ast.Attribute) and node.attr == "writing":
            found.add(f"store.{node.attr}")
    return found


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.name)
def test_a_query_changes_nothing_and_notes_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert not NOTING & set(named(tree))
    assert not changes(tree)


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_door_changes_nothing_but_through_an_action(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert not NOTING & set(named(tree))
    assert not changes(tree)


def test_what_changes_something_is_still_called_so() -> None:
    for name, ways in CHANGING.items():
        path = CORE / Path(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ways <= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_the_records_of_one_student_are_read_in_one_place() -> None:
    asking = {
        (node.value, str(path.relative_to(REPOSITORY)))
        for path in QUERIES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in READ_FOR_A_RECORD
    }

    where = "edupulse_core/queries/student.py"
    assert asking == {(name, where) for name in READ_FOR_A_RECORD}


def test_only_an_action_makes_a_record_of_a_student() -> None:
    making = [
        str(path.relative_to(REPOSITORY))
        for path in sorted([*CORE.rglob("*.py"), *(REPOSITORY / "app").rglob("*.py")])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and "StudentRecord" in ast.dump(node.func)
    ]

    assert making == ["edupulse_core/actions/students.py"]


NOT_ACTS = {  # what actions offer besides: answers, and what an act consists of
    "check_training",  # before it is asked for
    "compare_versions",
    "why_no_scores",
    "cautions",
    "opening",
    "mend",  # what is derived
    "note_whose",
    "refuse_mixing",
    "refuse_sign_in",  # of somebody whom nobody knows
    "told",
}


def test_every_act_says_who_does_it() -> None:
    acts = {
        node.name: node.args.args[0].arg
        for path in sorted((CORE / "actions").glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }

    assert {name for name, first in acts.items() if first != "actor"} == NOT_ACTS
