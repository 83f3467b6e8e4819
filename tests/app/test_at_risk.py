"""The at-risk list: whom it shows, in which words, by which filters."""

import pytest

from app import ui
from edupulse_core.families.risk.tiers import in_words
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp, student_table, students_of


@pytest.mark.parametrize("role", ["counselor", "principal", "district"])
def test_the_list_shows_exactly_the_viewers_students(
    role: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    app = open_app(role, "at_risk")

    shown = student_table(app)["rows"]
    assert [row["id"] for row in shown] == students_of(staff[role], demo)


def test_filters_come_from_the_address(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk", grade="9", sort="name")

    shown = student_table(app)
    assert {row["place"].split(" · ")[0] for row in shown["rows"]} == {"Grade 9"}
    assert shown["sorted"] == "name"
    family = [row["name"].split()[-1].lower() for row in shown["rows"]]
    assert len(set(family)) > 1 and family == sorted(family)


def test_the_table_shows_every_indicator_in_words(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    listed = at_risk.for_screen(at_risk.students(staff["district"], demo, Filters()), demo.settings)
    first, uncertain = listed[0], [one["uncertain"] for one in listed]

    shown = student_table(open_app("district", "at_risk"))

    row = shown["rows"][0]
    assert {column["name"] for column in shown["columns"]} <= set(row)
    assert row["place"] == f"Grade {first['grade']} · {first['school']}"
    assert row["tier"] == first["tier"] and row["factor"] == ui.tidy(first["factor"])
    assert [one["uncertain"] for one in shown["rows"]] == uncertain and any(uncertain)
    assert row["score"] == in_words(first["risk_score"]) and row["share"] == first["risk_score"]
    marked = "▼ " if first["flag_a"] else ""
    assert row["attendance"] == f"{marked}{100 * first['attendance']:.1f} %"
    assert row["failing"] == f"{first['courses_failing']:g}"
    assert len(row["weeks"]) == 20 and row["weeks_in_words"].count("%") == 20


def test_a_tiers_change_has_no_colour_that_calls_it_good_or_bad(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk")

    assert len(app.metric) == 4 and any(one.delta.startswith("-") for one in app.metric)
    arrows = {one.proto.MetricDirection.Name(one.proto.direction) for one in app.metric}
    signs = {"-": "DOWN", "+": "UP", "±": "NONE"}
    assert arrows == {signs[one.delta[0]] for one in app.metric}
    assert {one.proto.color for one in app.metric} == {app.metric[0].proto.MetricColor.GRAY}


def test_of_one_school_only_the_grade_is_said(open_app: OpenApp) -> None:
    shown = student_table(open_app("principal", "at_risk"))["rows"]

    assert shown and all(row["place"].startswith("Grade ") for row in shown)
    assert not any("·" in row["place"] for row in shown)


def test_a_filter_goes_into_the_address_and_back_out(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk")

    app.selectbox(key="list_grade").set_value("9").run()
    assert app.query_params["grade"] == "9"

    app.selectbox(key="list_grade").set_value(None).run()
    assert "grade" not in app.query_params


@pytest.mark.parametrize("junk", [{"tier": "purple"}, {"grade": "'--"}, {"page": "-3"}])
def test_nonsense_in_the_address_is_left_out(junk: dict[str, str], open_app: OpenApp) -> None:
    everyone = student_table(open_app("counselor", "at_risk"))["rows"]

    app = open_app("counselor", "at_risk", **junk)

    assert everyone and student_table(app)["rows"] == everyone
    assert not app.query_params


def test_no_match_says_so(open_app: OpenApp) -> None:
    app = open_app("counselor", "at_risk", text="zzzzzz")

    assert "matches these filters" in app.info[0].value


def test_a_missing_model_is_said_and_no_score_is_shown(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", "gone")

    app = open_app("counselor", "at_risk")

    assert "cannot be used" in app.warning[0].value
    assert "plain ABC indicators" in app.warning[0].value
    shown = student_table(app)
    assert {column["name"] for column in shown["columns"]}.isdisjoint({"score", "tier", "factor"})
    assert {row["score"] for row in shown["rows"]} == {"–"}
