from datetime import date

import pytest

from edupulse_core.errors import AccessError, MissingError
from edupulse_core.people.access import Viewer
from edupulse_core.queries import learning
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.learning import Wanted
from edupulse_core.queries.student import StudentRecord
from tests import people
from tests.queries.conftest import build_home

RECORDS = """
insert into skills values
    ('count', 'Counting', 'math', '03', [], 2, 3, 'practice'),
    ('fractions', 'Fractions', 'math', '04', ['count'], 4, 5, 'reading'),
    ('cells', 'Cells', 'science', '07', [], 3, 4, 'video');
insert into items values
    ('q1', ['count', 'fractions'], 'Pies', null, 2),
    ('q2', ['cells'], null, null, 3);
insert into interactions values
    ('ana', 'q1', '2026-11-09 10:00', true, 20, 1, 0),
    ('ana', 'q1', '2026-11-10 10:00', false, 20, 2, 0),
    ('ana', 'q2', '2026-11-15 23:59', true, 20, 1, 0),
    ('ana', 'q2', '2026-11-16 00:00', true, 20, 1, 0),
    ('dee', 'q2', '2026-11-10 10:00', true, 20, 1, 0);
insert into resources values
    ('r1', 'Pies and fractions', 'video', ['fractions'], 'Cut a pie.', 2, 6, 'https://r.example/1'),
    ('r2', 'A cell', 'reading', ['cells'], 'A cell has walls.', 3.6, 9, null),
    ('r3', 'Wildlife', null, [], null, null, null, null);
insert into ratings values
    ('ana', 'r1', '2026-11-12 09:00', 5, 6, true),
    ('ana', 'r2', '2026-11-13 09:00', null, 2, false),
    ('ana', 'r1', '2026-11-17 09:00', 1, 6, true);
insert into study_sessions values
    ('s1', 'ana', 'fractions', '2026-11-11 19:00', 1.5, 'reading', 'home', 3, 2, 1),
    ('s2', 'ana', 'fractions', '2026-11-18 19:00', 1.5, 'reading', 'home', 3, 2, 1);
insert into programs values ('p', 'Biology', 'State College', 2, 3, .5);
insert into applications values
    ('a1', 'ana', 'p', '2026-11-01', 'denied', 3.5, null, null, null, null, null, null, null),
    ('a2', 'ana', 'p', '2026-11-16', null, 3.5, null, null, null, null, null, null, null);
insert into users (user_id, given_name, family_name) select 'n' || n, 'N', n from range(9) as t(n);
insert into user_roles select 'n' || n, 'student', 'north' from range(9) as t(n);
insert into ratings
    select 'n' || n, 'r1', timestamp '2026-11-12 09:00', 4, null, null from range(9) as t(n);
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> District:
    return open_district(build_home(tmp_path_factory.mktemp("learning"), more=RECORDS))


def titles(viewer: Viewer, here: District, **wanted: object) -> list[str]:
    return [row["title"] for row in learning.resources(viewer, here, Wanted(**wanted))[0]]


def test_a_student_has_their_own_records_up_to_the_end_of_the_week(here: District) -> None:
    ana = learning.learner(StudentRecord(people.teacher_north, here, "ana"))

    assert (ana.answers, ana.correct, ana.skills_practiced) == (3, 2, 3)
    assert (ana.sessions, ana.hours) == (1, 1.5)
    assert (ana.resources_used, ana.resources_completed) == (2, 1)
    assert ana.last_day == date(2026, 11, 15)
    assert [(row["skill_id"], row["answers"], row["correct"]) for row in ana.by_skill] == [
        ("count", 2, 1),
        ("fractions", 2, 1),
        ("cells", 1, 1),
    ]
    assert [row["session_id"] for row in ana.latest_sessions] == ["s1"]
    assert ana.features["lrn_activities"] == 6 and ana.features["lrn_session_minutes"] == 90
    assert [(row["application_id"], row["outcome"]) for row in ana.sent] == [("a1", "denied")]


def test_a_week_back_nothing_of_this_week_is_known(here: District) -> None:
    before = people.week_before(people.AS_OF)

    ana = learning.learner(StudentRecord(people.teacher_north, here, "ana", before))

    assert (ana.answers, ana.sessions, ana.resources_used, ana.applications) == (0, 0, 0, 1)
    assert [(row["application_id"], row["outcome"]) for row in ana.sent] == [("a1", None)]
    assert (ana.hours, ana.last_day, ana.by_skill) == (None, None, ())


def test_of_a_student_without_any_learning_record_no_feature_is_known(here: District) -> None:
    ben = learning.learner(StudentRecord(people.teacher_north, here, "ben"))

    assert (ben.answers, ben.sessions, ben.hours) == (0, 0, None)
    assert set(ben.features.values()) == {None}


def test_the_learning_records_of_other_peoples_students_stay_closed(here: District) -> None:
    with pytest.raises(AccessError):
        learning.learner(StudentRecord(people.teacher_south, here, "ana"))


def test_skills_come_by_subject_and_title(here: District) -> None:
    assert [skill["skill_id"] for skill in learning.skills(here)] == ["count", "fractions", "cells"]


def test_resources_are_found_by_their_words_or_those_of_their_skills(here: District) -> None:
    viewer = people.counselor

    assert titles(viewer, here) == ["A cell", "Pies and fractions", "Wildlife"]
    assert titles(viewer, here, text="FRACTIONS pie") == ["Pies and fractions"]
    assert titles(viewer, here, text="cells") == ["A cell"]
    assert titles(viewer, here, text="pie wild") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"subject": "science"}, ["A cell"]),
        ({"kind": "video"}, ["Pies and fractions"]),
        ({"level": 4}, ["A cell"]),
        ({"level": 2, "subject": "science"}, []),
    ],
)
def test_resources_are_filtered(
    here: District, wanted: dict[str, object], found: list[str]
) -> None:
    assert titles(people.teacher_north, here, **wanted) == found


def test_resources_come_in_pages(here: District) -> None:
    rows, total = learning.resources(people.counselor, here, Wanted(), skip=1, limit=1)
    beyond, still = learning.resources(people.counselor, here, Wanted(), skip=9)

    assert ([row["title"] for row in rows], total) == (["Pies and fractions"], 3)
    assert (beyond, still) == ([], 3)


def test_a_rating_is_told_of_ten_students_whom_the_viewer_may_see_and_not_of_fewer(
    here: District,
) -> None:
    def rating(viewer: Viewer) -> float | None:
        (row,) = learning.resources(viewer, here, Wanted(text="pies"))[0]
        return row["rating"]

    assert rating(people.district_lead) == pytest.approx(4.1)  # one use is of tomorrow
    assert rating(people.counselor) is None


def test_the_choices_are_those_that_some_resource_has(here: District) -> None:
    assert learning.resource_choices(people.counselor, here) == {
        "kinds": ["reading", "video"],
        "subjects": ["math", "science"],
        "levels": [2, 4],
    }


def test_a_steward_who_sees_no_students_has_no_resources_page(here: District) -> None:
    with pytest.raises(AccessError):
        learning.resources(people.steward, here, Wanted())
    with pytest.raises(AccessError):
        learning.resource_choices(people.steward, here)


@pytest.mark.parametrize("said", ["fractions", "Fractions", " FRACTIONS "])
def test_a_skill_is_named_by_its_id_or_its_title(here: District, said: str) -> None:
    assert learning.skill_named(here, said) == "fractions"


@pytest.mark.parametrize(
    ("said", "near"), [("fraction", r"Fractions \(fractions\)"), ("zzz", "lists them all")]
)
def test_a_skill_that_does_not_exist_is_answered_with_the_nearest(
    here: District, said: str, near: str
) -> None:
    with pytest.raises(MissingError, match=f"there is no skill '{said}'.*{near}"):
        learning.skill_named(here, said)


def test_a_title_of_two_skills_is_answered_with_their_ids(
    here: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = [{"skill_id": each, "title": "Main idea"} for each in ("k1", "k2")]
    monkeypatch.setattr(learning, "skills", lambda district: twice)

    with pytest.raises(MissingError, match="2 skills are called 'main idea': k1, k2"):
        learning.skill_named(here, "main idea")
