"""What people who answer for the model read of it: by group, by part, and by benchmark."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import ui
from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import benchmarks, evaluations, registry
from edupulse_core.queries.district import District
from edupulse_core.reports.evaluation_words import FEW_TESTED, GAPS, GRADE_TODAY, UNTOLD
from tests import evaluation_report as reports
from tests.app.conftest import OpenApp, figures

KNOWN = "evaluated_on"
OpenEvidence = Callable[[], AppTest]


@pytest.fixture
def home(demo_home: Settings, demo: District, tmp_path: Path) -> Settings:
    """A copy of the demo's home with an evaluation and a benchmark of its own."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    settings = load_settings(home=tmp_path / "home")
    version = registry.active_version(settings, "risk").name
    known = {"district": demo.name, "is_demo": True}
    report = reports.report() | {"version": version, "evaluated_on": known}
    evaluations.keep(settings, "risk", report)
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
    return open_app("steward", "evidence")


def by_grade(app: AppTest) -> AppTest:
    (by,) = [box for box in app.selectbox if box.label == "By"]
    return by.set_value("grade").run()


def test_each_group_has_its_calibration_band_and_alarms_with_intervals(opened: AppTest) -> None:
    tables = figures(opened)

    assert tables["Calibration by school"][1:] == [
        ["Everyone", "+0.010 (−0.040 to +0.060)", "0.012", "0.023", "✓ in range", "60"],
        [reports.EVIL, "+0.010 (−0.040 to +0.060)", "0.012", "0.023", "✓ in range", "60"],
        ["Small School", ui.HIDDEN],
    ]
    assert tables["Bands by school"][1:] == [
        ["Everyone", "92% (87 to 97)", "✓ in range", "1.7", "8%", "60"],
        [reports.EVIL, "92% (87 to 97)", "✓ in range", "1.7", "8%", "60"],
        ["Small School", ui.HIDDEN],
    ]
    assert tables["Alarms by school"][0][1:4] == [
        "Had the outcome",
        "Flagged",
        "Correct, of those flagged",
    ]
    assert tables["Alarms by school"][1][1:4] == [
        "34% (29 to 39)",
        "20% (15 to 25)",
        "80% (75 to 85)",
    ]
    assert tables["Alarms by school"][-1] == ["Small School", ui.HIDDEN]


def test_levels_that_count_as_one_stand_in_one_row(opened: AppTest) -> None:
    rows = figures(opened)["What happened, by the level shown"]

    assert rows[0] == ["Shown", *(f"After: {ui.level(name)}" for name in reversed(ui.LEVELS))]
    assert rows[3] == ["◆ High or ■ Critical", "0", "15", "27", "18"]


def test_where_students_may_be_in_two_groups_weeks_are_counted(
    home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = registry.active_version(home, "risk").name
    report = evaluations.kept(home, "risk", version)
    assert report is not None
    report["bands"]["groups"]["school"][0] |= {"rows": 4321, "students": None}
    evaluations.keep(home, "risk", report)
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    bands = figures(open_app("steward", "evidence"))["Bands by school"]

    assert [row[-1] for row in bands] == ["Weeks", "500", "4,321", ui.HIDDEN]


def test_of_those_called_who_was_wrong_is_counted_and_few_are_hidden(opened: AppTest) -> None:
    rows = figures(opened)["False alarms by school"]

    counts = ["20% (15 to 25)", "100", "80", "20", "90", "60"]
    heads = ["False, of those flagged", "Flagged", "Correct", "False", "Missed", "Students"]
    assert rows[0][1:] == heads
    assert rows[1:] == [
        ["Everyone", *counts],
        [reports.EVIL, *counts],
        ["Small School", ui.HIDDEN],
    ]


def test_gaps_stand_with_interval_between_whom_and_beside_chance(opened: AppTest) -> None:
    tables = {name: rows for name, rows in figures(opened).items() if name.startswith("Gaps: ")}

    ((name, rows),) = tables.items()
    assert "recall" in name
    heads = ["Gap, points", "Highest", "Lowest", "Chance, up to", "More than chance"]
    assert rows[0][1:6] == heads
    assert rows[1:] == [["School", "12.3 (7.3 to 17.3)", reports.EVIL, "B", "20.0", "no", "10.0"]]
    assert any("Too few groups to compare by school" in one.value for one in opened.caption)
    assert any(GAPS in one.value for one in opened.caption)


def test_of_so_few_students_that_all_is_hidden_the_page_says_why(
    home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = registry.active_version(home, "risk").name
    kept = evaluations.kept(home, "risk", version)
    assert kept is not None
    evaluations.keep(home, "risk", reports.hidden() | {n: kept[n] for n in ("version", KNOWN)})
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))

    app = open_app("steward", "evidence")

    tables = figures(app)
    for of in ("Calibration", "Bands", "Alarms", "False alarms"):
        assert tables[f"{of} by school"][1:] == [
            ["Everyone", ui.HIDDEN],
            ["Small School", ui.HIDDEN],
        ]
    said = " ".join(one.value for one in (*app.caption, *app.markdown))
    assert "Weeks in" not in said and said.count(UNTOLD) == 2
    assert said.count("– Not judged") == 5
    assert FEW_TESTED in said
    hidden, known = ui.HIDDEN, "0.500"
    assert tables["The model compared with simpler methods"][1][1:] == [
        known,
        known,
        hidden,
        hidden,
        known,
    ]


def test_a_grade_of_past_weeks_is_named_as_todays(opened: AppTest) -> None:
    (by,) = [box for box in opened.selectbox if box.label == "By"]
    (part,) = [one for one in opened.button_group if one.label == "By"]

    assert "Grade today" in by.options and "Grade" not in by.options
    assert (
        figures(part.set_value("grade").run())[
            "How far each group of numbers moved the scores, by grade"
        ][0][0]
        == "Grade today"
    )


def test_what_grade_today_means_is_said_where_grades_are_compared(opened: AppTest) -> None:
    def says() -> int:
        return sum(GRADE_TODAY == caption.value for caption in opened.caption)

    assert says() == 0
    by_grade(opened)
    assert says() == 1
    next(one for one in opened.button_group if one.label == "By").set_value("grade").run()
    assert says() == 2


def test_who_is_out_of_range_or_too_few_to_say_is_said_in_words(opened: AppTest) -> None:
    tables = figures(by_grade(opened))

    assert tables["Calibration by grade"][2][0] == "7"
    assert tables["Calibration by grade"][2][4] == "✗ out of range"
    assert [row[2] for row in tables["Bands by grade"][2:]] == ["– (too few)", "✗ out of range"]


@pytest.mark.parametrize(
    ("kind", "label", "first"),
    [
        ("group", "Importance by group of numbers", ["Marks", "0.400", "0.4000"]),
        ("modality", "Importance by kind of record", ["Grades", "0.400", "0.4000"]),
        ("weeks_before", "Importance by weeks before", ["The last week", "0.500", "0.5000"]),
        (
            "grade",
            "How far each group of numbers moved the scores, by grade",
            ["7", "0.20", "0.40"],
        ),
    ],
)
def test_importance_is_drawn_by_group_kind_week_and_grade(
    kind: str, label: str, first: list[str], opened: AppTest
) -> None:
    (control,) = [one for one in opened.button_group if one.label == "By"]

    app = control.set_value(kind).run()

    assert figures(app)[label][1] == first
    assert ("grade 8" in " ".join(one.value for one in app.caption)) == (kind == "grade")


def test_a_benchmark_stands_with_its_command_and_version(opened: AppTest, home: Settings) -> None:
    version = registry.active_version(home, "risk").name
    (section,) = [one for one in opened.expander if one.label == "Equal errors"]

    assert [one.value for one in section.code] == ["edupulse bench fairness"]
    assert f"risk model {version} on Nov 21, 2026" in section.caption[0].value.replace("\\", "")
    assert figures(opened)["Models"] == [
        ["Model", "AUC"],
        ["GRU", "−0.001"],
        [reports.EVIL, "–"],
    ]


def test_a_finished_benchmark_stands_without_a_command(opened: AppTest) -> None:
    (section,) = [one for one in opened.expander if one.label == "Classmates"]

    assert list(section.code) == []
    assert "finished" in section.caption[0].value
