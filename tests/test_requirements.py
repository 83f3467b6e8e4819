"""What is imported is pinned, and what is pinned is imported or says what it is there for."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from edupulse_core.config import REPOSITORY

OWN = {"app", "docs", "edupulse_core", "tests"}
FILES = ("requirements.txt", "requirements-dev.txt")
PROVIDED = packages_distributions()  # module → the distributions that hold it


def pins(file: str) -> dict[str, str]:
    """The packages that a file of requirements pins, each with the comment beside it."""
    lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
    wanted = [line.partition("#") for line in lines if not line.startswith(("-r", "-e", "#"))]
    return {plain(line.partition("==")[0]): comment.strip() for line, _, comment in wanted}


def extras() -> set[str]:
    """The packages of the project's extras: imported only where they are installed."""
    about = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = about["project"]["optional-dependencies"].values()
    return {plain(line.partition("==")[0]) for lines in wanted for line in lines}


def plain(name: str) -> str:
    """A package's name without its extras, as the index compares names."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()


def imported(*folders: str) -> dict[str, Path]:
    """The packages that the modules of some folders import, each with one that does."""
    found: dict[str, Path] = {}
    for path in (file for folder in folders for file in (REPOSITORY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                if top not in OWN | sys.stdlib_module_names:
                    found[plain(PROVIDED.get(top, [top])[0])] = path.relative_to(REPOSITORY)
    return found


@pytest.mark.parametrize(
    ("folders", "files"), [(("edupulse_core", "app"), FILES[:1]), (("tests", "docs"), FILES)]
)
def test_what_is_imported_is_pinned(folders: tuple[str, ...], files: tuple[str, ...]) -> None:
    found = imported(*folders)
    pinned = {name for file in files for name in pins(file)}

    assert {name: found[name] for name in found.keys() - pinned - extras()} == {}


@pytest.mark.parametrize("file", FILES)
def test_what_is_pinned_is_imported_or_says_what_it_is_there_for(file: str) -> None:
    used = imported("edupulse_core", "app", *(("tests", "docs") if "dev" in file else ()))

    assert [name for name, why in pins(file).items() if name not in used and not why] == []


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_one_version(file: str) -> None:
    lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("-r", "-e", "#"))]

    assert [line for line in wanted if "==" not in line] == []


def test_the_project_itself_is_installed_with_what_it_needs() -> None:
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()

    assert lines[-1] == "-e ."  # `streamlit run app/main.py` cannot import a root package otherwise
