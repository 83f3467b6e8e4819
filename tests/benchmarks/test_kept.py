"""Figures of a benchmark become tables that are kept, unless they are of small sizes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import load_settings
from edupulse_core.lifecycle import benchmarks
from tests.benchmarks import bench_fairness, explanations_tables
from tests.benchmarks.kept import keep, main, show


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    return tmp_path


def kept() -> dict[str, Any]:
    """What the Evidence page would show of `bench fairness`."""
    found = {each["name"]: each for each in benchmarks.kept(load_settings(), "risk", "v7")}
    return found["fairness"]


@pytest.fixture
def figures() -> dict[str, Any]:
    """What `bench fairness` finds, of one strength."""
    gaps = {name: 0.123 for name in bench_fairness.GROUPS}
    measured = {"auc": 0.85, "ece": 0.0051, "off": 0.021, "recall": gaps, "fpr": gaps}
    rows = [
        {"way": way, "strength": strength, "demo": measured, "compared": measured}
        for way, strength in (("as it is", 0.0), ("penalty", 1.5))
    ]
    return {"version": "v7", "quick": False, "train_rows": 1000, "demo_rows": 300, "rows": rows}


def test_a_full_run_is_kept_with_its_command_and_version(
    figures: dict[str, Any], home: Path
) -> None:
    keep("fairness", figures, bench_fairness.tables(figures))

    assert kept()["command"] == "edupulse bench fairness"
    assert kept()["version"] == "v7"
    assert kept()["tables"] == bench_fairness.tables(figures)


def test_a_run_of_small_sizes_is_not(figures: dict[str, Any], home: Path) -> None:
    keep("fairness", figures | {"quick": True}, bench_fairness.tables(figures))

    assert list(home.iterdir()) == []


def test_a_run_of_a_part_leaves_what_was_kept(
    figures: dict[str, Any],
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep("fairness", figures, bench_fairness.tables(figures))

    keep("fairness", figures | {"version": "v8", "partial": True}, [])

    assert kept()["version"] == "v7"
    assert "not kept for the Evidence page" in capsys.readouterr().err


def test_figures_of_another_machine_are_kept_as_of_their_day(
    figures: dict[str, Any], home: Path
) -> None:
    file = home / "found.json"
    file.write_text(json.dumps(figures), encoding="utf-8")
    os.utime(file, (1_795_000_000, 1_795_000_000))  # 2026-11-18

    main(["fairness", str(file)])

    assert kept()["measured_on"] == "2026-11-18"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothing", "{}"),
        ("fairness", "{"),
        ("fairness", None),
        ("fairness", "[]"),
        ("fairness", "7"),
        ("fairness", '{"quick": false}'),
        ("fairness", '{"quick": false, "rows": []}'),
        ("outcomes", '{"quick": false}'),
    ],
)
def test_what_cannot_be_kept_is_a_sentence(
    name: str,
    text: str | None,
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if text is not None:
        (home / "found.json").write_text(text, encoding="utf-8")

    with pytest.raises(SystemExit) as stopped:
        main([name, str(home / "found.json")])

    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_over_a_damaged_file_nothing_is_kept(
    figures: dict[str, Any],
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = home / "models" / "risk" / benchmarks.FILE
    there.parent.mkdir(parents=True)
    there.write_text("{", encoding="utf-8")
    (home / "found.json").write_text(json.dumps(figures), encoding="utf-8")

    with pytest.raises(SystemExit):
        main(["fairness", str(home / "found.json")])

    assert "the kept benchmarks are damaged" in capsys.readouterr().err
    assert there.read_text(encoding="utf-8") == "{"


def test_the_price_of_equal_errors_stands_beside_the_gaps(figures: dict[str, Any]) -> None:
    cost, recall, fpr = bench_fairness.tables(figures)

    assert cost["rows"] == [
        {"trained": "as it is", "AUC": "0.8500", "ECE": "0.0051", "off": "0.021"},
        {"trained": "penalty, 1.5", "AUC": "0.8500", "ECE": "0.0051", "off": "0.021"},
    ]
    assert recall["rows"][0]["race"] == fpr["rows"][0]["race"] == "12.3"
    assert "1,000 student-weeks" in cost["words"]


def test_a_measure_that_means_nothing_of_a_method_is_a_dash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rates = {"infidelity": 0.002, "students_per_second": 1234.5}
    found = {"student_weeks": 150, "methods": {"week": {"attention": rates}}}

    show([explanations_tables.methods(found, "week")])

    said = capsys.readouterr().out
    assert "Ways to explain, by week" in said and "0.002" in said and "1,23" in said
    assert "–" in said
