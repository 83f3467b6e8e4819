"""The Learning tab and the page of resources: what is known, what to bring, what is given."""

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.actions.experiments import start_experiment
from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries.district import District, open_district
from edupulse_core.store import assignments, jobs
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job
from tests.app.conftest import OpenApp, figures, students_of


@pytest.fixture
def learned(learned_home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    monkeypatch.setenv("EDUPULSE_HOME", str(learned_home.home))
    return open_app


@pytest.fixture
def here(learned_home: Settings) -> District:
    return open_district(learned_home)


def one(here: District, staff: dict[str, Viewer], role: str, college: bool = False) -> str:
    """One of the students of somebody of a role, in a college grade or not."""
    found = students_of(staff[role], here)
    grades = dict(
        here.con.execute("select user_id, try_cast(grade as integer) from users").fetchall()
    )
    return next(each for each in found if ((grades[each] or 0) >= 9) == college)


def said(app: AppTest) -> str:
    parts = [*app.caption, *app.info, *app.markdown, *app.header]
    return "\n".join(str(each.value) for each in parts)


def test_the_tab_shows_mastery_next_skills_resources_and_a_plan(
    learned: OpenApp, here: District, staff: dict[str, Viewer]
) -> None:
    app = learned("district", "student", id=one(here, staff, "district"), tab="Learning")

    assert [each.value for each in app.header] == [
        "Mastery", "Next skills", "Resources", "Study plan",
    ]  # fmt: skip
    assert not app.error
    assert "Next skills" in figures(app) and "What to study this week" in figures(app)
    assert "has answered questions on" in said(app)
    assert "It can lie above or below the share of right answers so far" in said(app)


def test_what_has_no_version_yet_says_who_can_make_one(
    learned: OpenApp, here: District, staff: dict[str, Viewer]
) -> None:
    student = one(here, staff, "district", college=True)
    app = learned("district", "student", id=student, tab="Learning")

    assert app.header[-1].value == "College outlook"
    assert "No Admission model has been trained yet" in app.info[-1].value
    job = Job("1" * 32, "train", {}, "steward", "steward", family="admission")
    jobs.add(open_store(here.settings), job)
    app = learned("district", "student", id=student, tab="Learning")
    assert "The Admission model is being trained" in app.info[-1].value


def test_a_resource_is_given_and_taken_back(
    learned: OpenApp, here: District, staff: dict[str, Viewer]
) -> None:
    student = one(here, staff, "district")
    app = learned("district", "student", id=student, tab="Learning")
    button = next(each for each in app.button if each.label == "Give")
    resource = str(button.key).removeprefix("give_")

    app = button.click().run()

    store = open_store(here.settings)
    (given,) = assignments.standing(store, [student])
    assert given.resource_id == resource and given.run_id
    assert trail.entries(here.settings, action=trail.ASSIGN)[0].subject == student
    assert f"give_{resource}" not in [each.key for each in app.button]
    assert "not used yet" in said(app)
    next(each for each in app.button if each.label == "Take back").click().run()
    assert assignments.standing(store, [student]) == []


def test_the_plan_fits_the_hours_that_are_given(
    learned: OpenApp, here: District, staff: dict[str, Viewer]
) -> None:
    app = learned("district", "student", id=one(here, staff, "district"), tab="Learning")
    app = app.number_input(key="hours").set_value(20.0).run()

    told = next(each.value for each in app.caption if "of 20 hours" in str(each.value))
    at_most = float(str(told).split(", ")[1].split()[0])
    assert 0 < at_most <= 20
    app = app.number_input(key="hours").set_value(2.25).run()
    assert "of 2.25 hours" in said(app)
    assert app.number_input(key="hours").proto.format == "%g"  # so the box says 2.25 too
    assert ("might not fit even then is left out" in said(app)) or ("longer than" in said(app))


def test_the_goal_and_the_hours_stand_in_the_address(
    learned: OpenApp, here: District, staff: dict[str, Viewer]
) -> None:
    student = one(here, staff, "district")
    app = learned("district", "student", id=student, tab="Learning")
    goal = app.selectbox(key="goal").options[-1]

    again = learned("district", "student", id=student, tab="Learning", goal=goal, hours="20.0")

    assert again.number_input(key="hours").value == 20
    assert "of 20 hours" in said(again) or "mastered this skill" in said(again)
    heads, *rows = figures(again)["Next skills"]
    assert rows[-1][heads.index("Skill")].endswith(goal)


def test_without_answers_of_the_student_the_tab_says_so(
    learned: OpenApp, here: District, staff: dict[str, Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.learning.Mastery.n_seen", 0)
    app = learned("district", "student", id=one(here, staff, "district"), tab="Learning")

    assert "No answers from this student have come in yet" in said(app)
    assert "Next skills" in figures(app)


def test_without_learning_records_the_tab_says_what_to_bring(
    learned: OpenApp, here: District, staff: dict[str, Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.learning.FILES", ())
    app = learned("district", "student", id=one(here, staff, "district"), tab="Learning")

    assert not app.header and "interactions.csv" in said(app)


def test_resources_are_found_by_word_kind_and_level(learned: OpenApp) -> None:
    app = learned("teacher", "resources")
    assert "Resources" in figures(app) and "**150** resources" in said(app)

    heads, *rows = figures(app)["Resources"]
    levels = [row[heads.index("Level")] for row in rows]
    assert any(each.startswith("about ") for each in levels)
    assert "–" not in levels  # nobody has given it, so the model reads the text

    app = app.text_input(key="find").input("no such thing").run()
    assert "No resource fits" in said(app)
    app = next(each for each in app.button if each.label == "Clear filters").click().run()
    assert "**150** resources" in said(app)
    app = app.selectbox(key="kind").select("video").run()
    heads, *rows = figures(app)["Resources"]
    assert {row[heads.index("Kind")] for row in rows} == {"Video"}


def test_resources_keep_their_filters_and_page_in_the_address(learned: OpenApp) -> None:
    app = learned("teacher", "resources", kind="Video", find="a")
    heads, *rows = figures(app)["Resources"]
    assert app.selectbox(key="kind").value == "video" and app.text_input(key="find").value == "a"
    assert {row[heads.index("Kind")] for row in rows} == {"Video"}

    assert "101–150 of **150**" in said(learned("teacher", "resources", page="3"))
    assert "1–50 of **150**" in said(learned("teacher", "resources", page="99"))


def test_who_tries_a_model_that_has_no_night_reads_its_title(here: District) -> None:
    with pytest.raises(InputError, match="^Study time answers on demand only"):
        start_experiment(OPERATOR, here.settings, "study_time", "other")
