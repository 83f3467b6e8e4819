"""A teacher's short answers: from the first question to a confirmed mark, and a shortened text."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.actions import marks as acts
from edupulse_core.actions.marks import Given
from edupulse_core.config import REPOSITORY
from edupulse_core.people import trail
from edupulse_core.people.actor import person
from edupulse_core.queries import marks as queries
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.app.conftest import figures
from tests.queries.conftest import build_home

TOM = person(people.teacher_north)


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> District:
    return open_district(build_home(tmp_path_factory.mktemp("answers")))


@pytest.fixture
def page(cast: District, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Open the page as Tom North."""
    monkeypatch.setenv("EDUPULSE_HOME", str(cast.settings.home))

    def run() -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
        app.session_state["persona"] = "tom"
        app.run()
        app.switch_page("views/short_answers.py").run()
        assert not app.exception and not app.error
        return app

    return run


def press(app: AppTest, label: str) -> AppTest:
    (found,) = [button for button in app.button if button.label == label]
    found.click().run()
    assert not app.exception and not app.error
    return app


def test_from_the_first_question_to_a_confirmed_mark_and_back(
    page: Callable[[], AppTest], cast: District
) -> None:
    app = page()
    assert any("no questions yet" in each.value for each in app.info)
    fields = {field.label: field for field in app.text_area}
    fields["Question"].input("Why do we divide both sides?")
    fields["Model answer"].input("To keep them equal")
    press(app, "Add question")

    table = next(
        field for field in app.text_area if (field.key or "").startswith("table_of_answers")
    )
    table.input("student_id,answer\nana,to keep them equal\nzed,who\nben,because")
    press(app, "Add all")

    assert [row[1] for row in figures(app)["Answers that were not added"][1:]] == ["zed"]
    (asked,) = queries.asked(people.teacher_north, cast)
    assert (asked.n_answers, asked.n_marked) == (2, 0)
    assert any("30 more answers" in each.value for each in app.caption)

    first = app.number_input[-2]
    assert first.value is None
    first.set_value(4.5)
    app.button(key=first.key.replace("points_", "confirm_")).click().run()
    assert not any("another window" in each.value for each in app.warning)

    (paper,) = queries.sheet(people.teacher_north, cast, asked.question.question_id).marked
    assert (paper.answer.mark, paper.answer.marked_by) == (4.5, "tom@north.example")
    seen = trail.entries(cast.settings, action=trail.VIEW_LIST, subject="short answers")
    assert seen and seen[0].details["filters"] == {"question": asked.question.question_id}

    (left,) = queries.sheet(people.teacher_north, cast, asked.question.question_id).open
    acts.confirm(TOM, cast, asked.question.question_id, left.answer.answer_id, 1)
    app.number_input(key=f"points_{left.answer.answer_id}").set_value(2.0)
    app.button(key=f"confirm_{left.answer.answer_id}").click().run()
    assert any("1 of 5 points already" in each.value for each in app.warning)
    two = queries.sheet(people.teacher_north, cast, asked.question.question_id).marked
    assert [each.answer.mark for each in two] == [4.5, 1.0]
    app.button(key=f"take_back_{left.answer.answer_id}").click().run()

    press(app, "Take it back")
    assert queries.asked(people.teacher_north, cast)[0].n_marked == 0
    press(app, "Delete for good")
    assert queries.asked(people.teacher_north, cast) == []


def test_a_shortened_text_is_shown_word_for_word_and_kept_nowhere(
    page: Callable[[], AppTest], cast: District
) -> None:
    text = (
        "My garden has tomatoes and a pond. My brother plays football.\n"
        "In the garden the tomatoes grow beside the pond. Frogs live in the pond. It rained. "
        "The tomatoes of my garden need water from the pond <b>every</b> day."
    )
    app = page()
    before = trail.entries(cast.settings)
    app.session_state["tab"] = "Shorten a text"
    app.run()

    next(field for field in app.text_area if field.key == "long_text").input(text).run()

    lines = app.code[0].value.splitlines()
    assert len(lines) == 4
    for line in lines[1:]:
        assert line[1:].split("”")[0] in " ".join(text.split())
    assert trail.entries(cast.settings) == before
    (shown,) = [each.proto.body for each in app.get("html") if "<mark>" in each.proto.body]
    assert shown.count("<mark>") == 3 and "<b>" not in shown


def test_a_proposal_never_takes_the_place_of_what_the_teacher_typed_or_confirms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app import marking

    state: dict[str, object] = {}
    monkeypatch.setattr(marking.st, "session_state", state)
    proposed, shifted = (queries.Proposed(mark, 1.0, 3.0, False) for mark in (2.0, 2.5))

    assert marking.offer("a", proposed) == "points_a"
    assert state["points_a"] == 2.0
    marking.offer("a", shifted)
    assert state["points_a"] == 2.5
    state["confirm_a"] = True  # pressed while the page still showed 2.5
    marking.offer("a", proposed)
    assert state["points_a"] == 2.5
    state["confirm_a"] = False
    for typed in (4.0, None):
        state["points_a"] = typed
        marking.offer("a", shifted)
        assert state["points_a"] == typed


def drawn(district: "District") -> None:
    from app import marking
    from tests import people

    marking.show(people.teacher_north, district)


def test_an_answer_goes_to_the_student_and_question_that_were_on_the_screen(
    cast: District,
) -> None:
    asked = [acts.ask(TOM, cast, "algebra-3", text, "Because", 4) for text in ("Why?", "How?")]
    first, newest = (each.question_id for each in asked)
    app = AppTest.from_function(drawn, args=(cast,), default_timeout=60)
    app.session_state["viewer"] = people.teacher_north
    app.run()
    app.selectbox(key="question").select(first).run()
    app.selectbox(key=f"student_{first}").select("ben")
    next(field for field in app.text_area if field.label == "Answer").input("Ben's words")
    acts.add_answers(TOM, cast, first, [Given("ben", "from another window")])
    app.session_state["question"] = app.selectbox(key="question").options[1]  # as a browser does

    press(app, "Add answer")

    assert [row[1] for row in figures(app)["Answers that were not added"][1:]] == ["ben"]
    answers = [queries.sheet(people.teacher_north, cast, each).open for each in (first, newest)]
    assert [[paper.answer.student_id for paper in each] for each in answers] == [["ben"], []]
    assert app.selectbox(key="question").value == first


def test_two_questions_with_one_label_can_both_be_chosen(cast: District) -> None:
    from app import marking

    same = [acts.ask(TOM, cast, "algebra-3", "Who?", "She", 4) for _ in range(2)]
    every = queries.asked(people.teacher_north, cast)

    said = marking.labels([each for each in every if each.question.text == "Who?"])

    assert set(said) == {each.question_id for each in same}
    assert sorted(one[-4:] for one in said.values()) == [" (1)", " (2)"]
