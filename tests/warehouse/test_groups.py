"""A bulk file speaks for the groups and the stretches of time that it names, and for no others."""

from datetime import date
from typing import Any

import pytest

from tests import bundles

TODAY = bundles.IMPORT_DAY
HALF = date(2026, 1, 20)  # the second semester begins

pytestmark = pytest.mark.slow

SPANS = "select class_id, start_date, end_date from enrollment_spans where user_id = ? order by all"


@pytest.fixture
def spans(rows):
    """The classes of somebody, each with its first day and the first day after it."""

    def spans(name: str) -> list[tuple[Any, ...]]:
        return rows(SPANS.replace("?", f"'{name}'"))

    return spans


def semesters() -> bundles.Files:
    """North with a class each semester; its calendar is the year's."""
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session("s1", bundles.FIRST_DAY, HALF, 2026, "semester"),
        bundles.session("s2", HALF, bundles.LAST_DAY, 2026, "semester"),
    ]
    files["classes"] = [
        bundles.section("math-1", "math", terms="s1"),
        bundles.section("math-2", "math", terms="s2"),
    ]
    files["enrollments"] = [
        bundles.enrollment(name, section)
        for name in ("ana", "ben")
        for section in ("math-1", "math-2")
    ]
    files["lineItems"] = [
        bundles.line_item("early", date(2025, 10, 1), "math-1"),
        bundles.line_item("late", date(2026, 2, 2), "math-2"),
    ]
    files["results"] = [
        bundles.result("early", "ana", "5", date(2026, 1, 28)),  # scored in the next semester
        bundles.result("late", "ana", "6", date(2026, 2, 3)),
    ]
    files["attendance"] += [bundles.absence("ana", date(2026, 2, 4))]
    return files


def running(files: bundles.Files) -> bundles.Files:
    """What a system exports that knows the second semester only."""
    return {
        "academicSessions": files["academicSessions"][2:],
        "classes": files["classes"][1:],
        "enrollments": [row for row in files["enrollments"] if row["classSourcedId"] == "math-2"],
        "lineItems": files["lineItems"][1:],
        "results": files["results"][1:],
        "attendance": files["attendance"][2:],
    }


def test_the_running_semester_alone_leaves_the_semester_before(bring, rows):
    tables = (
        "select 'e', enrollment_id, begin_date, end_date from enrollments "
        "union all select 'c', class_id, null, null from classes "
        "union all select 'r', result_id, score_date, null from results "
        "union all select 'a', attendance_id, date, null from attendance "
        "union all select 'd', student_id, date, null from student_days order by all"
    )
    bring(semesters())
    before = rows(tables)

    summary = bring(running(semesters()))

    assert rows(tables) == before
    assert not any("today" in note for note in summary.notes)


def test_whom_a_bulk_file_lacks_leaves_today_and_keeps_the_days_before(bring, spans):
    files = semesters()
    bring(files)
    files["enrollments"] = [row for row in files["enrollments"] if row["userSourcedId"] == "ana"]

    summary = bring(running(files))

    assert spans("ben") == [("math-1", bundles.FIRST_DAY, HALF), ("math-2", HALF, TODAY)]
    assert any(note.startswith("1 enrollment ends today") for note in summary.notes)


def test_whoever_has_not_begun_never_comes(bring, rows):
    files = semesters()
    late = bundles.enrollment("ben", "math-2", TODAY)
    files["enrollments"] = [*files["enrollments"][:3], late]
    bring(files)

    bring({"enrollments": [bundles.enrollment("ana", "math-2")]})

    assert rows("select class_id from enrollments where user_id = 'ben'") == [("math-1",)]


def test_an_end_that_has_passed_stays_as_it_was(bring, spans):
    files = semesters()
    files["enrollments"][3]["endDate"] = date(2026, 2, 2)
    bring(files)

    bring({"enrollments": [bundles.enrollment("ana", "math-2")]})

    assert spans("ben")[1] == ("math-2", HALF, date(2026, 2, 2))


def test_a_rejected_row_ends_nobodys_enrollment(bring, spans):
    files = semesters()
    bring(files)
    files["enrollments"][3]["beginDate"] = "soon"

    bring({"enrollments": files["enrollments"]})

    assert spans("ben")[1] == ("math-2", HALF, bundles.LAST_DAY)


def test_classes_of_other_terms_or_another_school_are_another_group(bring, spans):
    files = semesters()
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    files["classes"] += [
        bundles.section("both", "art", terms="s2,s1"),
        bundles.section("there", "art", school="south", terms="s2"),
        bundles.section("here", "art", terms="s2"),
    ]
    files["enrollments"] += [bundles.enrollment("ben", name) for name in ("both", "there", "here")]
    bring(files)

    bring({"enrollments": [bundles.enrollment("ana", "math-2")]})

    assert [(name, end) for name, _, end in spans("ben")] == [
        ("both", bundles.LAST_DAY),
        ("here", TODAY),
        ("math-1", HALF),
        ("math-2", TODAY),
        ("there", bundles.LAST_DAY),
    ]


def test_the_order_of_a_classes_terms_makes_no_other_group(bring, spans):
    files = semesters()
    files["classes"] = [
        bundles.section("math-1", "math", terms="s1,s2"),
        bundles.section("math-2", "math", terms="s2,s1"),
    ]
    bring(files)

    bring({"enrollments": [bundles.enrollment("ana", "math-2")]})

    assert {end for _, _, end in spans("ben")} == {TODAY}


def test_an_enrollment_that_comes_again_runs_again(bring, spans):
    files = semesters()
    bring(files)
    bring({"enrollments": files["enrollments"][:3]})

    bring({"enrollments": files["enrollments"]})

    assert spans("ben")[1] == ("math-2", HALF, bundles.LAST_DAY)


def test_a_teacher_whom_the_file_lacks_no_longer_teaches(bring, spans):
    files = semesters()
    teaching = bundles.enrollment("tess", "math-2", role="teacher")
    bring({**files, "enrollments": [*files["enrollments"], teaching]})

    bring({"enrollments": files["enrollments"]})

    assert spans("tess") == [("math-2", HALF, TODAY)]


def test_results_lie_where_their_work_was_due(bring, rows):
    files = semesters()
    bring(files)

    bring({"results": files["results"][1:]})
    second = rows("select result_id from results order by 1")
    bring({"results": [bundles.result("early", "ben", "5", date(2026, 1, 28))]})

    assert second == [("early-ana",), ("late-ana",)]
    assert rows("select result_id from results order by 1") == [("early-ben",), ("late-ana",)]


def test_a_file_replaces_the_stretches_between_its_first_and_last_row(bring, rows):
    files = semesters()
    files["attendance"] = [
        bundles.absence("ana", day)
        for day in (date(2025, 10, 1), date(2025, 12, 1), date(2026, 2, 4), date(2026, 2, 5))
    ]
    bring(files)

    bring({"attendance": [bundles.absence("ben", date(2025, 10, 2))]})
    first = rows("select student_id, date from attendance order by 2")
    bring(
        {
            "attendance": [
                bundles.absence("ben", day) for day in (date(2025, 9, 2), date(2026, 2, 6))
            ]
        }
    )

    assert first == [
        ("ben", date(2025, 10, 2)),
        ("ana", date(2026, 2, 4)),
        ("ana", date(2026, 2, 5)),
    ]
    assert rows("select student_id, date from attendance order by 2") == [
        ("ben", date(2025, 9, 2)),
        ("ben", date(2026, 2, 6)),
    ]


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        ({}, False),
        ({"results": "delta"}, True),
        ({"results": "absent", "enrollments": "delta"}, True),
        ({"enrollments": "delta"}, True),
        ({"results": "delta", "attendance": "bulk"}, False),
        ({"results": "bulk", "enrollments": "delta"}, False),
    ],
)
def test_files_beside_oneroster_come_as_the_results_do_else_as_the_enrollments(
    bring, rows, lines, stays
):
    files = semesters()
    bring(files)
    came: bundles.Files = {"attendance": [bundles.absence("ben", date(2026, 2, 5))]}
    if lines.get("results") in ("bulk", "delta"):
        came["results"] = files["results"]
    if lines.get("enrollments") in ("bulk", "delta"):
        came["enrollments"] = files["enrollments"]

    bring(came, properties={f"file.{name}": way for name, way in lines.items()})

    kept = rows("select count(*) from attendance where student_id = 'ana' and date > '2026-01-20'")
    assert kept == [(int(stays),)]
