"""A withdrawal ends enrollments, unless later records show that the student came back."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests import bundles

pytestmark = pytest.mark.slow

OUT = date(2025, 10, 6)  # a Monday
BACK = date(2025, 10, 20)
LATER = date(2025, 10, 27)
GONE = [("art-1", bundles.FIRST_DAY, OUT), ("math-1", bundles.FIRST_DAY, OUT)]
SPANS = (
    "select class_id, start_date, end_date from enrollment_spans where user_id = 'ana' order by all"
)


def left(*rows: bundles.Row) -> bundles.Files:
    """The small school; Ana withdrew, her enrollments stay open, and these records came in."""
    files = bundles.small()
    files["withdrawals"] = [bundles.withdrawal("ana", OUT)]
    files["attendance"] = [row for row in rows if "status" in row]
    files["incidents"] = [row for row in rows if "severity" in row]
    return files


def back_from(day: date, until: date = bundles.LAST_DAY) -> list[tuple[Any, ...]]:
    return sorted([*GONE, ("art-1", day, until), ("math-1", day, until)])


def days(first: date, n: int) -> list[date]:
    """So many school days from the first on."""
    return bundles.weekdays(first, first + timedelta(days=2 * n + 2))[:n]


def test_attendance_on_two_days_shows_that_a_student_came_back(bring, rows):
    summary = bring(left(bundles.absence("ana", BACK), bundles.absence("ana", LATER)))

    assert rows(SPANS) == back_from(BACK)
    assert rows("select date from attendance order by 1") == [(BACK,), (LATER,)]
    assert summary.rejects == {}
    assert any(
        note.startswith("1 student is enrolled again after a withdr") for note in summary.notes
    )
    assert rows(
        "select min(date) from student_days where student_id = 'ana' and date >= '2025-10-06'"
    ) == [(BACK,)]


def test_a_single_day_does_not(bring, rows):
    twice = bundles.absence("ana", BACK, sourcedId="again", classSourcedId="math-1")

    summary = bring(left(bundles.absence("ana", BACK), twice))

    assert rows(SPANS) == GONE
    assert summary.files["attendance"]["rejected"] == 2
    assert not any("enrolled again" in note for note in summary.notes)


def test_absences_that_only_go_on_after_the_withdrawal_do_not(bring, rows):
    bring(left(*(bundles.absence("ana", day) for day in days(OUT, 20))))

    assert rows(SPANS) == GONE


def test_absences_after_a_day_without_one_do(bring, rows):
    missed = days(OUT, 20)
    del missed[7]

    bring(left(*(bundles.absence("ana", day) for day in missed)))

    assert rows(SPANS) == back_from(missed[7])


def test_a_late_arrival_among_absences_is_a_day_at_school(bring, rows):
    missed = days(OUT, 5)
    tardy = bundles.absence("ana", missed[2], status="tardy")

    bring(left(*(bundles.absence("ana", day) for day in missed[:2] + missed[3:]), tardy))

    assert rows(SPANS) == back_from(missed[2])


def test_incidents_count_too_weekends_included(bring, rows):
    saturday = date(2025, 10, 18)

    bring(left(bundles.incident("x", "ana", saturday), bundles.absence("ana", BACK)))

    assert rows(SPANS) == back_from(saturday)


def test_marks_show_nothing(bring, rows):
    files = left()
    files["lineItems"] = [bundles.line_item(f"q{day}", day) for day in (BACK, LATER)]
    files["results"] = [bundles.result(f"q{day}", "ana", "8", day) for day in (BACK, LATER)]

    bring(files)

    assert rows(SPANS) == GONE


def test_rows_that_break_another_rule_show_nothing(bring, rows):
    bad = [bundles.absence("ana", day, minutesMissed="-1") for day in (BACK, LATER)]

    bring(left(*bad))

    assert rows(SPANS) == GONE


def test_days_on_which_another_enrollment_runs_show_nothing(bring, rows):
    files = left(bundles.absence("ana", BACK), bundles.absence("ana", LATER))
    files["enrollments"].append(bundles.enrollment("ana", "art-1", date(2025, 10, 13)))

    summary = bring(files)

    assert rows(SPANS) == sorted([*GONE, ("art-1", date(2025, 10, 13), bundles.LAST_DAY)])
    assert summary.rejects == {}


def test_an_enrollment_that_is_over_by_itself_does_not_run_again(bring, rows):
    files = left(bundles.absence("ana", BACK), bundles.absence("ana", LATER))
    files["enrollments"][1]["endDate"] = date(2025, 10, 13)  # art

    bring(files)

    assert rows(SPANS) == sorted([*GONE, ("math-1", BACK, bundles.LAST_DAY)])


def test_a_second_withdrawal_ends_the_return(bring, rows):
    files = left(bundles.absence("ana", BACK), bundles.absence("ana", LATER))
    files["withdrawals"].append(bundles.withdrawal("ana", date(2025, 12, 1)))

    bring(files)

    assert rows(SPANS) == back_from(BACK, date(2025, 12, 1))


def test_each_withdrawal_is_judged_by_what_follows_it(bring, rows):
    again = date(2026, 1, 12)
    files = left(*(bundles.absence("ana", day) for day in (BACK, LATER, again, date(2026, 1, 13))))
    files["withdrawals"].append(bundles.withdrawal("ana", date(2025, 12, 1)))

    bring(files)

    assert rows(SPANS) == sorted(
        [
            *back_from(BACK, date(2025, 12, 1)),
            ("art-1", again, bundles.LAST_DAY),
            ("math-1", again, bundles.LAST_DAY),
        ]
    )


def test_a_return_is_seen_though_its_days_come_one_a_night(bring, rows):
    bring(left())
    for day in (BACK, LATER):
        bring(
            {"attendance": [bundles.absence("ana", day)]}, properties={"file.attendance": "delta"}
        )

    assert rows(SPANS) == back_from(BACK)
    assert rows("select date from attendance order by 1") == [(BACK,), (LATER,)]


def test_a_return_outlasts_imports_that_say_nothing_of_it_and_ends_with_its_records(bring, rows):
    bring(left(bundles.absence("ana", BACK), bundles.absence("ana", LATER)))

    bring({"users": bundles.small()["users"]})
    after = rows(SPANS)
    bring({"attendance": [bundles.absence("ben", BACK)]})

    assert after == back_from(BACK)
    assert rows(SPANS) == GONE


@pytest.mark.parametrize("again", ["absent", "partial"])
def test_a_row_that_waited_and_comes_once_more_counts_once_as_it_came_last(bring, rows, again):
    delta = {"file.attendance": "delta"}
    bring(left(bundles.absence("ana", BACK)))
    bring({"attendance": [bundles.absence("ana", BACK, status=again)]}, properties=delta)

    bring({"attendance": [bundles.absence("ana", LATER)]}, properties=delta)

    assert rows("select date, status from attendance order by 1") == [
        (BACK, again),
        (LATER, "absent"),
    ]


def test_an_incident_that_waited_and_comes_once_more_counts_once_as_it_came_last(bring, rows):
    delta = {"file.incidents": "delta"}
    bring(left(bundles.incident("i1", "ana", BACK)))
    bring({"incidents": [bundles.incident("i1", "ana", BACK, "4")]}, properties=delta)

    bring({"incidents": [bundles.incident("i2", "ana", LATER)]}, properties=delta)

    assert rows("select incident_id, severity from incidents order by 1") == [("i1", 4), ("i2", 2)]


def test_a_correction_that_is_rejected_takes_no_return_away(bring, rows):
    bring(
        left(
            bundles.absence("ana", BACK),
            bundles.incident("i1", "ana", LATER),
        )
    )

    bring(
        {
            "attendance": [bundles.absence("ana", BACK, reason="?"), bundles.absence("ben", OUT)],
            "incidents": [bundles.incident("i1", "ana", LATER, "9")],
        },
        properties={"file.attendance": "delta", "file.incidents": "delta"},
    )

    assert rows(SPANS) == back_from(BACK)


def test_a_row_that_a_bulk_file_sets_aside_takes_no_return_of_an_earlier_term_away(bring, rows):
    files = left(
        bundles.absence("ana", BACK),
        bundles.incident("i1", "ana", LATER),
        bundles.absence("ben", OUT),
    )
    spring = date(2026, 1, 12)
    files["academicSessions"].append(
        bundles.session("s2", spring, bundles.LAST_DAY, 2026, "semester")
    )
    bring(files)

    bring(
        {
            "attendance": [
                bundles.absence("ana", BACK, status="tobedeleted"),
                bundles.absence("ben", spring),
            ],
            "incidents": [
                bundles.incident("i1", "ana", LATER, status="tobedeleted"),
                bundles.incident("i2", "ben", spring, status="active"),
            ],
        }
    )

    assert rows(SPANS) == back_from(BACK)
    assert rows("select date from attendance where student_id = 'ana'") == [(BACK,)]
