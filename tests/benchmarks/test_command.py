"""A benchmark's command prints what it found, keeps what has a place, and says what is wrong."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.lifecycle import benchmarks
from tests.benchmarks import bench_features, bench_peers
from tests.benchmarks.command import carry_out

FOUND = {"quick": False, "notes": ["Nothing came later."]}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where is kept what `bench peers` finds; its tables are one."""
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    table = {"title": "Classmates", "words": "", "rows": [{"model": "alone", "AUC": "0.8"}]}
    monkeypatch.setattr(bench_peers, "tables", lambda found: [table])
    return tmp_path / "models" / "risk" / benchmarks.FILE


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parent.glob("bench_*.py")), ids=lambda path: path.stem
)
def test_every_benchmark_can_print_what_it_finds(path: Path) -> None:
    bench = import_module(f"tests.benchmarks.{path.stem}")

    is_kept = path.stem.removeprefix("bench_") in benchmarks.TITLES
    assert callable(getattr(bench, "tables" if is_kept else "show"))


def test_options_reach_the_run_by_name(file: Path) -> None:
    asked: dict[str, Any] = {}

    def run(settings: Settings, **given: Any) -> dict[str, Any]:
        asked.update(given, home=settings.home)
        return FOUND

    options = {"--data": {"type": Path}, "--jobs": {"type": int, "default": 2}}

    assert carry_out("peers", run, ["--quick", "--data", "there"], options) == 0
    assert asked == {"quick": True, "data": Path("there"), "jobs": 2, "home": file.parents[2]}


def test_tables_and_notes_are_printed_and_kept(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out("peers", lambda *_, **__: FOUND, []) == 0

    said = capsys.readouterr().out
    assert "Classmates" in said and said.endswith("Nothing came later.\n")
    kept = json.loads(file.read_text(encoding="utf-8"))["peers"]
    assert kept["command"] == bench_peers.COMMAND


def test_json_is_the_figures_alone_and_they_are_kept(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out("peers", lambda *_, **__: FOUND, ["--json"]) == 0

    assert json.loads(capsys.readouterr().out) == FOUND
    assert file.is_file()


def test_what_has_no_place_on_the_evidence_page_is_only_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(bench_features, "show", shown.append)

    assert carry_out("features", lambda *_, **__: FOUND, []) == 0

    assert shown == [FOUND]
    assert not file.exists()


def test_what_is_wrong_is_a_sentence_and_an_exit_code(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: Any, **__: Any) -> dict[str, Any]:
        raise MissingError("there is no folder x")

    assert carry_out("peers", run, []) == MissingError.exit_code
    assert capsys.readouterr().err == "edupulse: there is no folder x\n"


def test_figures_that_cannot_be_kept_are_printed_before_it_is_said(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("{", encoding="utf-8")

    assert carry_out("peers", lambda *_, **__: FOUND, ["--json"]) != 0

    said = capsys.readouterr()
    assert json.loads(said.out) == FOUND
    assert "the kept benchmarks are damaged" in said.err


def test_an_option_that_there_is_not_is_refused(file: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        carry_out("peers", lambda *_, **__: FOUND, ["--fast"])

    assert stopped.value.code == 2
