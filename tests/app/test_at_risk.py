"""The at-risk list: whom it shows, in which words, by which filters."""

import pytest
from streamlit.testing.v1 import AppTest

from app import ui
from edupulse_core.families.risk.tiers import in_words
from edupulse_core.people import trail
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
    assert row["attendance"] == f"{marked}{100 * first['attendance']:.1f}%"
    assert row["failing"] == f"{first['courses_failing']:g}"
    assert len(row["weeks"]) == 20 and row["weeks_in_words"].count("%") == 20


def test_the_filter_by_level_carries_each_count_and_its_change(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    counts = at_risk.counts(staff["district"], demo)
    assert counts.before is not None

    said = level_labels(open_app("district", "at_risk"))

    for level in ui.LEVELS:
        n = counts.tiers[level]
        change = ui.change(n - counts.before[level], "+,")
        assert f"{ui.level(level)} **{n:,}** ({change})" in said


def level_labels(app: AppTest) -> list[str]:
    return [str(option) for option in app.button_group(key="list_tier").options]


def test_a_level_that_the_flags_contradict_says_so_in_its_row(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    low = at_risk.students(staff["district"], demo, Filters(("low",)))
    listed = at_risk.for_screen(low, demo.settings)
    torn = {row["student_id"] for row in listed if row["flags"].n}

    rows = student_table(open_app("district", "at_risk", tier="low"))["rows"]

    assert torn and {row["id"] for row in rows if row["against"]} == torn
    chronic = {row["student_id"] for row in listed if row["flags"].is_chronic}
    assert chronic and all("now" in row["against"] for row in rows if row["id"] in chronic)


def test_every_column_is_explained_in_words_that_open(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk")

    (said,) = [text.value for text in app.markdown if text.value.startswith("- **Student**")]
    for column in student_table(app)["columns"]:
        assert f"**{column['label']}**: " in said


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"grade": "13"}, "grade 13"),
        ({"tier": "purple"}, "risk level purple"),
        ({"class": "none-of-hers"}, "class none-of-hers"),
        ({"flags": "2"}, "flags 2"),  # a filter of a list without scores
        ({"level": "high"}, "level high"),
    ],
)
def test_an_address_whose_filter_does_not_apply_says_so_until_a_filter_moves(
    asked: dict[str, str], named: str, open_app: OpenApp
) -> None:
    app = open_app("counselor", "at_risk", **asked)
    assert ui.plain(named) in app.info[0].value

    app.text_input(key="list_text").set_value("a").run()
    assert not app.info


def test_clear_filters_shows_everyone_again(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk", grade="9", tier="low", sort="name")
    app.text_input(key="list_text").set_value("zzzz").run()

    next(b for b in app.button if b.label == "Clear filters").click().run()

    assert student_table(app)["rows"] and student_table(app)["sorted"] == "name"
    assert dict(app.query_params) == {"sort": "name"}


@pytest.mark.parametrize("form", ["{family}, {given}", "{family} {given}", "{id}"])
def test_the_search_finds_a_name_in_any_order_and_an_id(
    form: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    first = at_risk.students(staff["district"], demo, Filters()).rows.to_pylist()[3]
    given, family = first["name"].split()
    asked = form.format(given=given, family=family, id=first["student_id"]).lower()

    app = open_app("district", "at_risk")
    app.text_input(key="list_text").set_value(asked).run()

    assert first["student_id"] in [row["id"] for row in student_table(app)["rows"]]


def test_of_one_school_only_the_grade_is_said(open_app: OpenApp) -> None:
    shown = student_table(open_app("principal", "at_risk"))["rows"]

    assert shown and all(row["place"].startswith(("Grade ", "Kindergarten")) for row in shown)
    assert not any("·" in row["place"] for row in shown)


def test_a_filter_goes_into_the_address_and_back_out(open_app: OpenApp) -> None:
    app = open_app("district", "at_risk")

    app.selectbox(key="list_grade").set_value("9").run()
    assert app.query_params["grade"] == "9"

    app.selectbox(key="list_grade").set_value(None).run()
    assert "grade" not in app.query_params


def test_a_search_stays_out_of_the_address_and_is_still_there_after_a_student(
    open_app: OpenApp, demo: District, staff: dict[str, Viewer]
) -> None:
    app = open_app("district", "at_risk")
    family = student_table(app)["rows"][0]["name"].split()[-1].lower()
    app.text_input(key="list_text").set_value(family).run()
    found = [row["id"] for row in student_table(app)["rows"]]
    assert not app.query_params

    app.switch_page("views/student.py").run()
    app.switch_page("views/at_risk.py").run()

    assert app.text_input(key="list_text").value == family
    assert [row["id"] for row in student_table(app)["rows"]] == found
    lines = trail.entries(demo.settings, action=trail.VIEW_LIST, subject="at-risk list")
    mine = [one for one in lines if one.actor == staff["district"].sign_in]
    assert {"text": True} in [one.details["filters"] for one in mine]
    assert not any(family in str(one.details).lower() for one in lines)


@pytest.mark.parametrize("junk", [{"tier": "purple"}, {"grade": "'--"}, {"page": "-3"}])
def test_nonsense_in_the_address_is_left_out(junk: dict[str, str], open_app: OpenApp) -> None:
    everyone = student_table(open_app("counselor", "at_risk"))["rows"]

    app = open_app("counselor", "at_risk", **junk)

    assert everyone and student_table(app)["rows"] == everyone
    assert not app.query_params


def test_no_match_says_so(open_app: OpenApp) -> None:
    app = open_app("counselor", "at_risk")
    app.text_input(key="list_text").set_value("zzzzzz").run()

    assert app.info and "Clear filters" in [button.label for button in app.button]


def test_a_missing_model_is_said_and_no_score_is_shown(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", "gone")

    app = open_app("counselor", "at_risk")

    assert "cannot be used" in app.warning[0].value
    assert not app.button_group(key="list_flags").value
    shown = student_table(app)
    assert {column["name"] for column in shown["columns"]}.isdisjoint({"score", "tier", "factor"})
    assert {row["score"] for row in shown["rows"]} == {"–"}
