"""One student: whom a viewer may open, and what the page then says."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app import ui
from edupulse_core.config import Settings, load_settings
from edupulse_core.families.risk.agreement import badge
from edupulse_core.families.risk.reasons import Reason
from edupulse_core.lifecycle import evaluations
from edupulse_core.people import access, trail
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.heatmaps import Heatmaps
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import predictions, runs, verdicts
from edupulse_core.store.database import open_store
from tests import evaluation_report as reports
from tests.app.conftest import OpenApp, student_table, student_tables, students_of

UNKNOWN = access.UNKNOWN_STUDENT


@pytest.mark.parametrize("role", ["counselor", "teacher", "principal", "district"])
def test_a_student_opens_with_reason_and_timeline(
    role: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    student_id = students_of(staff[role], demo)[0]

    app = open_app(role, "student", id=student_id)

    assert not app.error
    with access.cursor(demo.con) as cursor:
        asked = "select given_name || ' ' || family_name from users where user_id = $id"
        name = cursor.execute(asked, {"id": student_id}).fetchall()[0][0]
    assert [title.value for title in app.title] == [ui.plain(name)]
    reason = {
        "counselor": "on your caseload",
        "teacher": "in your class ",
        "principal": "at your school, ",
        "district": "in your district",
    }[role]
    assert any(text.value.startswith(f"You: {ui.plain(reason)}") for text in app.markdown)
    headings = [heading.value for heading in app.header]
    assert {"Last 20 school weeks", "How the model got here"} <= set(headings)


def test_a_student_page_says_what_the_level_has_meant(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiers = reports.report()["tiers"]
    tiers["shown"]["grave_of_100"] = [69] * 4
    report = reports.evaluation(
        evaluated_on={"district": demo.name}, weeks=["2025-08-18", "2025-09-15"], tiers=tiers
    )
    monkeypatch.setattr(evaluations, "kept", lambda *_: report)
    rows = at_risk.students(staff["counselor"], demo, Filters()).rows.to_pylist()

    app = open_app("counselor", "student", id=rows[0]["student_id"])

    level = rows[0]["tier"].capitalize()
    (said,) = [text.value for text in app.markdown if "**69**" in text.value]
    assert f"shown as {level}" in said
    assert any("Aug 18, 2025 to Sep 15, 2025" in text.value for text in app.caption)


def test_the_level_stands_beside_the_support_that_the_district_suggests_for_it(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = at_risk.students(staff["counselor"], demo, Filters()).rows.to_pylist()[0]
    monkeypatch.setenv("EDUPULSE_SUPPORT", f'{{"{first["tier"]}": "Tier X"}}')

    app = open_app("counselor", "student", id=first["student_id"])

    assert f"{ui.level(first['tier'])} risk" in [heading.value for heading in app.header]
    assert any("**Tier X**" in text.value for text in app.markdown)


def test_a_low_level_does_not_hide_what_the_records_say(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    listed = at_risk.for_screen(
        at_risk.students(staff["district"], demo, Filters(("low",))), demo.settings
    )
    torn = next(row for row in listed if row["flags"].is_chronic)

    app = open_app("district", "student", id=torn["student_id"])

    assert any("Low, but chronically absent" in text.value for text in app.markdown)
    assert "Keep going" not in [heading.value for heading in app.subheader]
    assert any("- Attendance:" in text.value for text in app.markdown)


def test_where_no_reason_held_none_is_told(
    open_app: OpenApp, demo: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo.settings.home, tmp_path / "home")
    store = open_store(load_settings(home=tmp_path / "home"))
    run = runs.latest_run(store, "risk")
    assert run is not None and run.run_id is not None
    rows = predictions.run_rows(store, run.run_id).to_pylist()
    worst = max((row for row in rows if row["tier"]), key=lambda row: row["risk_score"])
    worst["factors"] = "[]"
    predictions.write_run(store, replace(run, run_id=None, scored_at=None), rows)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "home"))

    listed = student_table(open_app("district", "at_risk"))["rows"][0]
    page = open_app("district", "student", id=worst["student_id"])

    assert (listed["id"], listed["factor"]) == (worst["student_id"], ui.NO_REASON)
    assert any("No reason held up" in said.value for said in page.caption)
    assert "Why" in [head.value for head in page.header]


@pytest.mark.parametrize("role", ["counselor", "teacher", "principal"])
def test_a_foreign_student_answers_as_an_unknown_one(
    role: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    everyone = students_of(staff["district"], demo)
    foreign = sorted(set(everyone) - set(students_of(staff[role], demo)))[0]

    answers = [open_app(role, "student", id=asked) for asked in (foreign, "nobody")]

    for app in answers:
        assert [error.value for error in app.error] == [ui.plain(UNKNOWN)]
        assert [title.value for title in app.title] == []
    assert [m.value for m in answers[0].markdown] == [m.value for m in answers[1].markdown]


def test_who_may_not_see_a_student_is_shown_the_way_to_their_own(open_app: OpenApp) -> None:
    app = open_app("teacher", "student", id="nobody")

    (link,) = app.main.get("page_link")
    assert link.proto.label == "Go to: My classes"


def test_an_opening_is_noted_once_and_again_after_leaving(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District, demo_home: Settings
) -> None:
    student_id = students_of(staff["counselor"], demo)[1]

    def times() -> int:
        return len(trail.entries(demo_home, action=trail.VIEW_STUDENT, subject=student_id))

    app = open_app("counselor", "student", id=student_id)
    app.run()
    assert times() == 1

    app.switch_page("views/at_risk.py").run()
    app.switch_page("views/student.py")
    app.query_params["id"] = student_id
    app.run()
    assert times() == 2


@pytest.mark.parametrize(
    ("as_of", "looks_back"),
    [
        ("yesterday", False),
        ("2026-13-45", False),
        ("0001-01-01", True),
        ("1999-01-01", True),
        ("9999-12-31", False),
    ],
)
def test_any_day_in_the_address_gives_a_page(
    as_of: str, looks_back: bool, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    student_id = students_of(staff["counselor"], demo)[0]

    app = open_app("counselor", "student", id=student_id, as_of=as_of)

    assert not app.error
    said = [info.value for info in app.info if info.value.startswith("You are looking back")]
    assert len(said) == looks_back
    not_a_date = as_of in ("yesterday", "2026-13-45")
    assert any("not a date" in info.value for info in app.info) == not_a_date
    assert app.caption[0].value.endswith(f"as of {ui.day(demo.as_of)}") != looks_back


def test_finding_a_student_by_name(open_app: OpenApp) -> None:
    app = open_app("district", "student")
    last = student_table(app)["rows"][-1]["name"]

    app.text_input[0].set_value(last.upper()).run()
    assert [row["name"] for row in student_table(app)["rows"]] == [last]

    app.text_input[0].set_value("zzzz").run()
    assert app.info and not student_tables(app)


@pytest.mark.parametrize("form", ["{family}, {given}", "{family} {given}", "{id}"])
def test_the_finder_takes_a_name_in_any_order_and_an_id(
    form: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    first = at_risk.students(staff["counselor"], demo, Filters()).rows.to_pylist()[0]
    given, family = first["name"].split()
    app = open_app("counselor", "student")

    asked = form.format(given=given, family=family, id=first["student_id"]).upper()
    app.text_input[0].set_value(asked).run()

    assert first["student_id"] in [row["id"] for row in student_table(app)["rows"]]


def test_the_weeks_behind_a_reason_are_drawn_when_it_is_opened_and_as_it_tells_them(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Reason("att_absence_rate_1w", "Attendance", "Attended 40% of the days", "raises", "")
    monkeypatch.setattr(StudentRecord, "reasons", (told,))
    student_id = students_of(staff["counselor"], demo)[0]
    app = open_app("counselor", "student", id=student_id)

    def drawn() -> list[float | None]:
        charts = [json.loads(each.proto.spec) for each in app.get("plotly_chart")]
        shown = [each for each in charts if "Attendance" in str(each["layout"].get("title"))]
        return [value for each in shown for value in each["data"][0]["y"]]

    assert drawn() == []
    app.session_state["why_att_absence_rate_1w_weeks"] = True
    app.run()

    record = StudentRecord(staff["counselor"], demo, student_id)
    weeks = record.feature_weeks((told.feature,))[told.feature]
    known = [value for value in drawn() if value is not None]
    assert known and known == [100 * value for _, value in weeks]


def test_the_finder_begins_with_the_viewers_students(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    app = open_app("teacher", "student")

    n = len(students_of(staff["teacher"], demo))
    assert len(student_table(app)["rows"]) == min(n, 20)
    assert f"{n} students" in app.caption[0].value


@pytest.mark.parametrize(
    ("leave", "title"), [("Find another student", "Student"), ("Switch role", "EduPulse")]
)
def test_any_tab_of_a_student_can_be_left(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District, leave: str, title: str
) -> None:
    student = students_of(staff["counselor"], demo)[0]
    app = open_app("counselor", "student", id=student, tab="Learning")

    next(b for b in app.button if b.label == leave).click().run()

    assert app.title[0].value == title
    assert not app.exception and not app.query_params


def test_a_model_without_attention_says_so_and_draws_no_picture_of_it(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = StudentRecord.heatmaps
    two = badge("stable", 1.0, 0.5, checks=2)

    def plain(self: StudentRecord) -> Heatmaps | None:
        found = seen(self)
        assert found is not None
        return replace(found, attention=None, agreement=two, algorithm="logistic_regression")

    monkeypatch.setattr(StudentRecord, "heatmaps", plain)

    app = open_app("counselor", "student", id=students_of(staff["counselor"], demo)[0])
    few = len(app.get("plotly_chart"))
    app.session_state["every_number"] = True
    app.run()

    assert not app.error and not app.exception
    said = [each.value for each in app.caption]
    assert len(app.get("plotly_chart")) == few + 3
    assert any(text.startswith("This model has no attention") for text in said)
    assert any("what it adds to the score, exactly" in text for text in said)
    assert not any("Attention shows where the model looked" in text for text in said)
    assert any("Two checks agree" in text.value for text in app.markdown)


def test_whoever_knows_the_student_says_whether_the_level_is_right_and_can_take_it_back(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo_home: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(demo_home.home, tmp_path / "home")
    settings = load_settings(home=tmp_path / "home")
    monkeypatch.setenv("EDUPULSE_HOME", str(settings.home))
    student = students_of(staff["counselor"], open_district(settings))[0]
    app = open_app("counselor", "student", id=student)

    app.text_input(key="judgment_note").set_value("home with the flu")
    app.button(key="judgment_False").click().run()

    assert any("**not at risk**" in each.value for each in app.markdown)
    (given,) = verdicts.listed(open_store(settings), "risk")
    assert (given.student_id, given.outcome, given.notes) == (
        student,
        "false_positive",
        "home with the flu",
    )
    app.button(key="judgment_undo").click().run()
    assert app.button(key="judgment_True") and verdicts.listed(open_store(settings), "risk") == []
