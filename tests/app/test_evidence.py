"""What people who answer for the model read of it: by group, by part, and by benchmark."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import ui
from edupulse_core.config import Settings, load_settings
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.lifecycle import benchmarks, evaluations, registry
from edupulse_core.queries.district import District
from edupulse_core.reports.blocks import Table
from edupulse_core.reports.risk import evaluation
from tests import evaluation_report as reports
from tests.app.conftest import OpenApp, figures

OpenEvidence = Callable[[], AppTest]


@pytest.fixture
def home(demo_home: Settings, demo: District, tmp_path: Path) -> Settings:
    """A copy of the demo's home with an evaluation and a benchmark of its own."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    settings = load_settings(home=tmp_path / "home")
    version = registry.active_version(settings, "risk").name
    known = {"district": demo.name, "is_demo": True}
    evaluations.keep(settings, "risk", reports.evaluation(version=version, evaluated_on=known))
    rows = [{"model": "GRU", "AUC": -0.001}, {"model": reports.EVIL, "AUC": None}]
    tables = [{"title": "Models", "words": "Less boosting.", "rows": rows}]
    benchmarks.keep(
        settings, "risk", "fairness", tables,
        command="edupulse bench fairness", version=version, measured_on=date(2026, 11, 21),
    )  # fmt: skip
    benchmarks.keep(settings, "risk", "classmates", tables, command="")
    return settings


@pytest.fixture
def opened(home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    return open_app("principal", "evidence")


def drawn_tables(app: AppTest, beginning: str) -> list[str]:
    return [name for name in figures(app) if name.startswith(beginning)]


def kept(home: Settings, **changes: Any) -> RiskEvaluation:
    """The evaluation that the home has kept, some of its parts being others."""
    version = registry.active_version(home, "risk").name
    known = evaluations.kept(home, "risk", version, RiskEvaluation)
    assert known is not None
    mine = {"version": version, "evaluated_on": known.evaluated_on}
    return reports.evaluation(**changes | mine)


def test_the_page_says_what_the_file_says(opened: AppTest, home: Settings) -> None:
    version = registry.active_version(home, "risk").name
    sections = evaluation.sections(kept(home), benchmarks.kept(home, "risk", version))

    drawn = figures(opened)
    assert [one.value for one in opened.header] == [section.title for section in sections]
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Table):
                assert drawn[block.title][0] == list(block.head)


def test_a_group_is_chosen_by_its_attribute(opened: AppTest) -> None:
    assert drawn_tables(opened, "Calibration by") == ["Calibration by school"]

    (by,) = [box for box in opened.selectbox if box.label == "By"] or [
        box for box in opened.button_group if box.label == "By"
    ]
    app = by.set_value("Grade today").run()

    assert drawn_tables(app, "Calibration by") == ["Calibration by grade today"]
    assert any("Grades are today" in one.value for one in app.caption)


def test_a_hidden_group_is_named_and_said_to_be_hidden_once(opened: AppTest) -> None:
    rows = figures(opened)["Alarms by school"]

    assert rows[1][0] == "Everyone" and rows[2][0] == reports.EVIL
    assert rows[-1] == ["Small School", ui.HIDDEN]


def test_importance_is_chosen_by_part(opened: AppTest) -> None:
    (control,) = [one for one in opened.button_group if one.label == "Parts"]

    app = control.set_value("Grade today").run()

    rows = figures(app)["Attribution of each group of numbers, by grade"]
    assert rows[1] == ["7", "0.40", "0.20"]


def test_of_so_few_students_that_all_is_hidden_the_page_says_why(
    home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluations.keep(home, "risk", kept(home, **reports.hidden()))
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    app = open_app("principal", "evidence")

    assert figures(app)["Ranges of levels by school"][1:] == [
        ["Everyone", ui.HIDDEN],
        ["Small School", ui.HIDDEN],
    ]
    assert sum("Not judged" in one.value for one in app.markdown) == 5


def test_an_evaluation_of_an_earlier_version_asks_to_be_made_again(
    home: Settings, demo: District, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = evaluations.keep(home, "risk", kept(home))
    path.write_text(f'{{"evaluated_on": {{"district": "{demo.name}"}}}}', encoding="utf-8")
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    app = open_app("principal", "evidence")

    assert any("again" in one.value and "edupulse" in one.value for one in app.warning)
    assert "The model compared with simpler methods" in figures(app)


def test_a_benchmark_stands_with_its_command_and_version(opened: AppTest, home: Settings) -> None:
    version = registry.active_version(home, "risk").name
    (section,) = [one for one in opened.expander if one.label == "Equal errors"]

    assert [one.value for one in section.code] == ["edupulse bench fairness"]
    assert f"version {version} on Nov 21, 2026" in section.caption[0].value.replace("\\", "")
    assert figures(opened)["Models"] == [
        ["Model", "AUC"],
        ["GRU", "−0.001"],
        [reports.EVIL, "–"],
    ]


def test_a_finished_benchmark_stands_without_a_command(opened: AppTest) -> None:
    (section,) = [one for one in opened.expander if one.label == "Classmates"]

    assert list(section.code) == []
    assert "finished" in section.caption[0].value
