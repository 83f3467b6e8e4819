"""The documents say what the code and the kept figures say, and lead where they say they lead."""

import io
import json
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from cogapp import Cog

from docs import tables
from edupulse_core.actions.imports import import_bundle
from edupulse_core.actions.scores import score_week
from edupulse_core.config import REPOSITORY, load_settings
from edupulse_core.features.catalogue import NAMES
from edupulse_core.people.actor import OPERATOR

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "data" / "README.md",
    REPOSITORY / "models" / "README.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
EACH = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY))


def prose(path: Path) -> list[str]:
    """The lines of a document outside tables, code and what cog reads."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<!-- \[\[\[cog.*?\]\]\] -->", "", text, flags=re.DOTALL)
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line for line in text.splitlines() if not line.lstrip().startswith("|")]


def anchors(path: Path) -> set[str]:
    """What a link may name after its #."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@EACH
def test_tables_are_what_the_code_and_the_kept_figures_say(path: Path) -> None:
    with redirect_stdout(io.StringIO()) as said:
        code = Cog().main(["cog", "--check", "-I", str(REPOSITORY), str(path)])

    assert code == 0, f"run `python -m cogapp -r {path.relative_to(REPOSITORY)}`\n{said.getvalue()}"


@EACH
def test_no_line_is_too_long_to_read(path: Path) -> None:
    assert [line for line in prose(path) if len(line) >= 200] == []


def test_the_front_page_stays_short() -> None:
    assert len(DOCUMENTS[0].read_text(encoding="utf-8").splitlines()) <= 120


@EACH
def test_links_lead_to_files_and_headings(path: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose(path))):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        is_there = target.exists() and (not anchor or anchor in anchors(target))
        if not link.startswith(("http://", "https://")) and not is_there:
            broken.append(link)

    assert broken == []


@EACH
def test_commands_that_a_document_names_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    code = "\n".join([*blocks, *re.findall(r"`[^`\n]+`", text)])
    benchmarks = {one.stem for one in (REPOSITORY / "tests" / "benchmarks").glob("bench_*.py")}

    assert set(re.findall(r"\bedupulse ([a-z]+)", code)) <= set(tables.command_group())
    assert {
        f"bench_{name.replace('-', '_')}" for name in re.findall(r"edupulse bench ([a-z-]+)", code)
    } <= benchmarks


def test_ci_runs_the_test_command_of_the_front_page() -> None:
    lines = DOCUMENTS[0].read_text(encoding="utf-8").splitlines()
    (command,) = (line for line in lines if line.endswith("-m tests") and "venv" in line)

    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()
    assert shlex.split(ci[-1]) == shlex.split(command)


def test_every_feature_has_a_meaning_in_the_documents() -> None:
    meanings = json.loads((REPOSITORY / "docs" / "features.json").read_text(encoding="utf-8"))

    assert list(meanings) == list(NAMES)


def test_the_example_bundle_imports_whole_and_everyone_in_it_gets_a_score(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, import_day="2026-10-19")

    summary = import_bundle(OPERATOR, settings, REPOSITORY / "data" / "example")
    run = score_week(OPERATOR, settings)

    assert summary.rejects == {}
    assert run.as_json()["scored"] == summary.students == 3
