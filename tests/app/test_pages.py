"""Every page × every role, through the door."""

import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from streamlit import config

from app import navigation, ui
from edupulse_core.config import Settings, load_settings
from edupulse_core.inference.tiers import in_words
from edupulse_core.lifecycle import evaluations
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from tests.app.conftest import ROLES, OpenApp, figures, student_table

PAGES = {
    "at_risk": {"counselor", "principal", "district"},
    "my_classes": {"teacher"},
    "student": {"counselor", "teacher", "principal", "district"},
    "school": {"principal", "district"},
    "data": {"steward"},
    "evidence": {"principal", "district", "steward"},
    "help": set(ROLES),
}
TITLES = {
    "at_risk": "At-risk list",
    "my_classes": "My classes",
    "student": "Student",
    "school": "School",
    "data": "Data",
    "evidence": "Evidence",
    "help": "Help",
}
HOMES = {
    "counselor": "At-risk list",
    "teacher": "My classes",
    "principal": "School",
    "district": "School",
    "steward": "Data",
}
UNKNOWN = "There is no such student among those you may see."


@pytest.mark.parametrize("role", ROLES)
def test_each_role_starts_on_its_own_page(role: str, open_app: OpenApp) -> None:
    assert open_app(role).title[0].value == HOMES[role]


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_has_the_pages_of_the_role_and_no_other(
    role: str, staff: dict[str, Viewer]
) -> None:
    mine = {name.replace("_", "-") for name, roles in PAGES.items() if role in roles}
    assert set(navigation.names(staff[role])) | {"help"} == mine


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for name, roles in PAGES.items() for role in sorted(roles)]
)
def test_a_page_opens_for_its_roles(name: str, role: str, open_app: OpenApp) -> None:
    app = open_app(role, name)

    assert app.title[0].value == TITLES[name]
    assert not app.error


@pytest.mark.parametrize(
    ("name", "role"),
    [(name, role) for name, roles in PAGES.items() for role in ROLES if role not in roles],
)
def test_a_page_of_another_role_is_not_there(name: str, role: str, open_app: OpenApp) -> None:
    app = open_app(role)

    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(f"views/{name}.py")


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("counselor", "data"),
        ("teacher", "at-risk"),
        ("principal", "data"),
        ("steward", "student"),
        ("steward", "school"),
        ("counselor", "nothing"),
        ("counselor", "no%20page"),
        ("counselor", "home"),
        ("steward", "data%20"),
        ("counselor", "%20"),
    ],
)
def test_the_address_of_anothers_page_answers_as_that_of_no_page(
    role: str, address: str, open_app: OpenApp, staff: dict[str, Viewer], demo_home: Settings
) -> None:
    app = open_app(role, at=address)

    assert [error.value for error in app.error] == [ui.plain(navigation.UNKNOWN_PAGE)]
    assert not app.title and not app.dataframe
    links = [link.proto.label for link in app.main.get("page_link")]
    assert links == [f"Go to: {HOMES[role]}"]
    refused = trail.entries(demo_home, action=trail.REFUSED_ACCESS)[0]
    assert refused.actor == staff[role].sign_in
    assert refused.subject and unquote(refused.subject).endswith(f"/{unquote(address)}")


def test_under_a_path_of_its_own_the_root_is_still_home(
    open_app: OpenApp,
) -> None:
    base = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "edupulse")
    try:
        app = open_app("counselor", at="edupulse/")
    finally:
        config.set_option("server.baseUrlPath", base)

    assert not app.error


@pytest.mark.parametrize(
    ("page", "query", "subject"),
    [
        ("student", {"id": "nobody"}, "nobody"),
        ("data", {"id": "nobody"}, "http://localhost/data?id=nobody"),
        ("no-such-page", {"asked": "/a/b"}, "http://localhost/no-such-page?asked=%2Fa%2Fb"),
    ],
)
def test_a_refusal_notes_a_student_only_of_the_students_page(
    page: str, query: dict[str, str], subject: str, open_app: OpenApp, demo_home: Settings
) -> None:
    assert open_app("counselor", at=page, **query).error

    refused = trail.entries(demo_home, action=trail.REFUSED_ACCESS)[0]
    assert refused.subject == subject


def students_of(viewer: Viewer, demo: District) -> list[str]:
    rows = at_risk.students(viewer, demo, Filters()).rows
    found: list[str] = rows["student_id"].to_pylist()
    return found


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
    assert shown["sorted"] == app.session_state["list_sort"] == "name"


def test_the_table_shows_every_indicator_in_words(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    listed = at_risk.for_screen(at_risk.students(staff["district"], demo, Filters()))
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
    app = open_app("counselor", "at_risk", **junk)

    assert len(student_table(app)["rows"]) > 0


def test_no_match_says_so(open_app: OpenApp) -> None:
    app = open_app("counselor", "at_risk", text="zzzzzz")

    assert "matches these filters" in app.info[0].value


@pytest.mark.parametrize("role", ["counselor", "teacher", "principal", "district"])
def test_a_student_opens_with_reason_and_timeline(
    role: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    student_id = students_of(staff[role], demo)[0]

    app = open_app(role, "student", id=student_id)

    assert not app.error
    assert any(staff[role].name in text.value for text in app.markdown)
    assert "Twenty school weeks" in [heading.value for heading in app.subheader]
    assert "What the model saw" in [heading.value for heading in app.subheader]


def test_a_student_page_says_what_the_tier_has_meant(
    open_app: OpenApp,
    staff: dict[str, Viewer],
    demo: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = {
        "evaluated_on": {"district": demo.name},
        "weeks": ["2025-08-18", "2025-09-15"],
        "tiers": {
            "shown": {
                "confusion": [[10] * 4, [21] * 4, [30] * 4, [39] * 4],
                "students": [[10] * 4] * 2,
            }
        },
    }
    monkeypatch.setattr(evaluations, "kept", lambda *_: report)
    rows = at_risk.students(staff["counselor"], demo, Filters()).rows.to_pylist()

    app = open_app("counselor", "student", id=rows[0]["student_id"])

    tier = rows[0]["tier"].capitalize()
    said = f"Of 100 weeks in which a student was shown as {tier}, **69** were followed by two"
    assert any(text.value.startswith(said) for text in app.markdown)
    assert any("18 August 2025 to 15 September 2025" in text.value for text in app.caption)


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
    "as_of", ["yesterday", "2026-13-45", "0001-01-01", "1999-01-01", "9999-12-31"]
)
def test_any_day_in_the_address_gives_a_page(
    as_of: str, open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    student_id = students_of(staff["counselor"], demo)[0]

    app = open_app("counselor", "student", id=student_id, as_of=as_of)

    assert not app.error


def test_where_no_reason_held_none_is_told(
    open_app: OpenApp, demo: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo.settings.home, tmp_path / "home")
    store = open_store(load_settings(home=tmp_path / "home"))
    run = predictions.latest_run(store)
    assert run is not None and run.run_id is not None
    rows = predictions.run_rows(store, run.run_id).to_pylist()
    worst = max((row for row in rows if row["tier"]), key=lambda row: row["risk_score"])
    worst["factors"] = "[]"
    predictions.write_run(store, replace(run, run_id=None, scored_at=None), rows)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "home"))

    listed = student_table(open_app("district", "at_risk"))["rows"][0]
    page = open_app("district", "student", id=worst["student_id"])

    assert (listed["id"], listed["factor"]) == (worst["student_id"], "No stable reason")
    assert any("No group of numbers held up as a reason" in said.value for said in page.caption)
    assert "Why" in [head.value for head in page.subheader]


def test_finding_a_student_by_name(open_app: OpenApp) -> None:
    app = open_app("district", "student")

    app.text_input[0].set_value("zzzz").run()

    assert "No student you may see" in app.info[0].value


def test_the_finder_begins_with_the_viewers_students(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    app = open_app("teacher", "student")

    n = len(students_of(staff["teacher"], demo))
    assert len(student_table(app)["rows"]) == min(n, 20)
    assert f"{n} students by name" in app.caption[0].value


def test_a_student_leads_back_to_the_finder(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    app = open_app("counselor", "student", id=students_of(staff["counselor"], demo)[0])

    next(b for b in app.button if b.label == "Find another student").click().run()

    assert app.title[0].value == "Student"
    assert "id" not in app.query_params


def test_a_school_is_shown_whole_to_its_principal(open_app: OpenApp) -> None:
    app = open_app("principal", "school")

    _, *grades = figures(app)["Students in each tier, by grade"]
    assert grades
    for _, students, *tiers in grades:
        assert int(students) == sum(map(int, tiers))


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

    assert f"absent on {ui.percent(0.07)} of days" in score
    assert f"a course under {ui.percent(0.65)}." in score
    assert "made-up students that it had never seen" in score
    assert failing == f"Courses under {ui.percent(0.65)} now."


def test_the_demo_says_what_its_calendar_is(open_app: OpenApp) -> None:
    assert "made up" in open_app("counselor", "help").info[0].value


def test_who_may_not_see_a_student_is_shown_the_way_to_their_own(open_app: OpenApp) -> None:
    app = open_app("teacher", "student", id="nobody")

    (link,) = app.main.get("page_link")
    assert link.proto.label == "Go to: My classes"


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


def test_the_steward_cannot_take_back_the_only_import(open_app: OpenApp) -> None:
    app = open_app("steward", "data")

    assert "no earlier import" in " ".join(caption.value for caption in app.caption)
    assert "Take it back" not in [button.label for button in app.button]


def test_a_district_looks_at_one_school_or_all(open_app: OpenApp) -> None:
    app = open_app("district", "school")
    chooser = app.selectbox(key="school_shown")

    chooser.set_value(chooser.options and list(_ids(app))[0]).run()

    assert app.query_params["school"]
    assert "Students by tier and grade" in [heading.value for heading in app.subheader]


def _ids(app: object) -> list[str]:
    from edupulse_core.config import load_settings
    from edupulse_core.queries import school
    from edupulse_core.queries.district import open_district

    here = open_district(load_settings())
    return list(school.schools(app.session_state["viewer"], here))  # type: ignore[attr-defined]
