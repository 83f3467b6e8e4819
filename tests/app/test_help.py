"""Help says the limits that are set, wherever they count."""

from dataclasses import replace

import pytest

from app import ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp, student_table


def test_limits_are_said_as_they_are_set(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = demo.settings
    stricter = {
        "attendance": replace(rules.attendance, chronic_rate=0.07),
        "grades": replace(rules.grades, failing_below=0.65),
    }
    there = replace(demo, settings=rules.model_copy(update=stricter))
    monkeypatch.setattr(ui, "looking", lambda: (staff["counselor"], there))

    score = " ".join(part.value for part in open_app("counselor", "help").markdown)
    (failing,) = [
        column["help"]
        for column in student_table(open_app("counselor", "at_risk"))["columns"]
        if column["name"] == "failing"
    ]

    assert f"{ui.percent(0.07)} or more of school days missed" in score
    assert f"a course under {ui.percent(0.65)}." in score
    assert "fictional students" in score
    assert failing == f"Courses under {ui.percent(0.65)} now."


def test_the_demo_says_what_its_calendar_is(open_app: OpenApp) -> None:
    assert "fictional" in open_app("counselor", "help").info[0].value


def test_a_score_is_said_to_be_cut_by_the_edge_that_is_set(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = replace(demo.settings.outcomes, tiers=(0.25, 0.5, 0.8))
    there = replace(demo, settings=demo.settings.model_copy(update={"outcomes": rules}))
    monkeypatch.setattr(ui, "looking", lambda: (staff["counselor"], there))

    said = " ".join(part.value for part in open_app("counselor", "help").markdown)

    assert "0.7995 is shown as 0.79" in said
