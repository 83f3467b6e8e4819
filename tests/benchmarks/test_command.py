"""A benchmark's command prints what it found, keeps what has a place, and says what is wrong."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.lifecycle import benchmarks
from tests.benchmarks.command import carry_out, count

FOUND = {"quick": False, "notes": ["Nothing came later."]}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where is kept what a benchmark finds."""
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    return tmp_path / "models" / "risk" / benchmarks.FILE


def find(*_: Any, **__: Any) -> dict[str, Any]:
    return FOUND


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"title": "Models", "words": "", "rows": [{"model": "alone", "AUC": "0.8"}]}]


@pytest.mark.parametrize("name", benchmarks.TITLES)
def test_figures_of_every_benchmark_on_the_evidence_page_can_be_kept_from_a_file(name: str) -> None:
    assert callable(import_module(f"tests.benchmarks.bench_{name}").tables)


def test_options_reach_the_run_by_name(file: Path) -> None:
    asked: dict[str, Any] = {}

    def run(settings: Settings, **given: Any) -> dict[str, Any]:
        asked.update(given, home=settings.home)
        return FOUND

    options = {"--data": {"type": Path}, "--jobs": {"type": int, "default": 2}}

    assert carry_out("networks", run, ["--quick", "--data", "there"], options=options) == 0
    assert asked == {"quick": True, "data": Path("there"), "jobs": 2, "home": file.parents[2]}


def test_tables_and_notes_are_printed_and_kept(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out("networks", find, [], tables=tables) == 0

    said = capsys.readouterr().out
    assert "Models" in said and said.endswith("Nothing came later.\n")
    kept = json.loads(file.read_text(encoding="utf-8"))["networks"]
    assert (kept["command"], kept["tables"]) == ("edupulse bench networks", tables(FOUND))


def test_figures_know_a_command_of_their_own(file: Path) -> None:
    found = FOUND | {"command": "edupulse bench networks --data DIR"}

    carry_out("networks", lambda *_, **__: found, ["--json"], tables=tables)

    kept = json.loads(file.read_text(encoding="utf-8"))["networks"]
    assert kept["command"] == "edupulse bench networks --data DIR"


def test_json_is_the_figures_alone_and_they_are_kept(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out("networks", find, ["--json"], tables=tables) == 0

    assert json.loads(capsys.readouterr().out) == FOUND
    assert file.is_file()


def test_what_has_no_place_on_the_evidence_page_is_only_shown(file: Path) -> None:
    shown: list[dict[str, Any]] = []

    assert carry_out("features", find, [], show=shown.append) == 0

    assert shown == [FOUND]
    assert not file.exists()


def test_what_is_wrong_is_a_sentence_and_an_exit_code(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: Any, **__: Any) -> dict[str, Any]:
        raise MissingError("there is no folder x")

    assert carry_out("networks", run, []) == MissingError.exit_code
    assert capsys.readouterr().err == "edupulse: there is no folder x\n"


def test_figures_that_cannot_be_kept_are_printed_before_it_is_said(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("{", encoding="utf-8")

    assert carry_out("networks", find, ["--json"], tables=tables) != 0

    said = capsys.readouterr()
    assert json.loads(said.out) == FOUND
    assert "the kept benchmarks are damaged" in said.err


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("--fast", "unrecognized arguments: --fast"),
        ("--qui", "unrecognized arguments: --qui"),
        ("--data", "argument --data: expected one argument"),
        ("--jobs none", "argument --jobs: 'none' is not a whole number of 1 or more"),
        ("--jobs 0", "argument --jobs: '0' is not a whole number of 1 or more"),
        ("--parts two", "argument --parts: invalid choice: 'two' (choose from 'one')"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence_before_any_work(
    words: str, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--data": {}, "--jobs": {"type": count}, "--parts": {"choices": ["one"]}}

    with pytest.raises(SystemExit) as stopped:
        carry_out("networks", find, words.split(), options=options)

    said = capsys.readouterr()
    assert (stopped.value.code, said.out) == (2, "")
    assert said.err == f"edupulse: {wrong}; `edupulse bench networks --help` lists the options\n"
