"""What follows from the files: spans of enrollment, school days, silent feeds."""

from datetime import date

import pytest

from edupulse_core import words
from edupulse_core.warehouse.ingest import ingest
from tests import bundles
from tests.bundles import absence

SPANS = "select start_date, end_date from enrollment_spans where user_id = 'ana' order by all"


def days(rows, student: str = "ana") -> list[date]:
    found = rows("select student_id, date from student_days order by all")
    return [day for name, day in found if name == student]


def test_an_enrollment_without_dates_runs_with_the_terms_of_its_class(bring, rows):
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session("s1", date(2025, 9, 8), date(2025, 12, 20), 2026, "term"),
        bundles.session("s2", date(2026, 1, 5), date(2026, 5, 30), 2026, "term"),
    ]
    files["classes"][0]["termSourcedIds"] = "s2,s1"
    files["enrollments"] = [bundles.enrollment("ana", "math-1")]
    files["attendance"] = []
    files["incidents"] = []

    bring(files)

    assert rows(SPANS) == [(date(2025, 9, 8), date(2026, 5, 30))]


def test_the_end_date_is_the_first_day_out(bring, rows):
    files = bundles.small()
    files["enrollments"] = [bundles.enrollment("ana", "math-1", date(2025, 9, 2), date(2025, 9, 5))]
    files["attendance"] = [absence("ana", date(2025, 9, 4)), absence("ana", date(2025, 9, 5))]
    files["incidents"] = []

    summary = bring(files)

    assert days(rows) == [date(2025, 9, 2), date(2025, 9, 3), date(2025, 9, 4)]
    assert summary.rejects == {
        "attendance.date: not an enrolled instructional day of the student: after enrollment": 1
    }


def test_a_withdrawal_ends_every_enrollment_that_began_before_it(bring, rows):
    files = bundles.small()
    files["enrollments"] = [
        bundles.enrollment("ana", "math-1", date(2025, 9, 2), date(2025, 12, 1)),
        bundles.enrollment("ana", "art-1", date(2025, 9, 10), date(2025, 12, 1)),
        bundles.enrollment("ana", "art-1", date(2025, 10, 6), date(2025, 12, 1)),
    ]
    files["withdrawals"] = [
        bundles.withdrawal("ana", date(2025, 11, 3)),
        bundles.withdrawal("ana", date(2025, 9, 10)),
    ]
    files["attendance"] = []
    files["incidents"] = []

    bring(files)

    assert rows(SPANS) == [
        (date(2025, 9, 2), date(2025, 9, 10)),
        (date(2025, 9, 10), date(2025, 11, 3)),
        (date(2025, 10, 6), date(2025, 11, 3)),
    ]


def test_a_withdrawal_on_the_first_day_does_not_end_that_enrollment(bring, rows):
    files = bundles.small()
    files["enrollments"] = [bundles.enrollment("ana", "math-1", date(2025, 9, 2), date(2025, 9, 9))]
    files["withdrawals"] = [bundles.withdrawal("ana", date(2025, 9, 2))]
    files["attendance"] = []
    files["incidents"] = []

    bring(files)

    assert rows(SPANS) == [(date(2025, 9, 2), date(2025, 9, 9))]


def test_a_teacher_does_not_withdraw(bring, rows):
    bring(bundles.small())

    spans = "select end_date from enrollment_spans where role = 'teacher'"
    assert rows(spans) == [(bundles.LAST_DAY,)]


def test_a_school_without_calendar_uses_its_nearest_parents(bring, rows):
    files = bundles.small()
    files["orgs"] = [
        {"sourcedId": "state", "name": "State", "type": "state"},
        {"sourcedId": "d", "name": "D", "type": "district", "parentSourcedId": "state"},
        {"sourcedId": "area", "name": "Area", "type": "local", "parentSourcedId": "d"},
        {"sourcedId": "north", "name": "N", "type": "school", "parentSourcedId": "area"},
    ]
    files["calendar"] = [
        {"orgSourcedId": "state", "date": "2025-09-02", "isInstructional": "true"},
        {"orgSourcedId": "d", "date": "2025-09-03", "isInstructional": "true"},
        {"orgSourcedId": "d", "date": "2025-09-04", "isInstructional": "false"},
    ]
    files["attendance"] = []

    bring(files)

    assert days(rows) == [date(2025, 9, 3)]


def test_orgs_that_are_their_own_grandparents_do_not_hang(bring, rows):
    files = bundles.small()
    files["orgs"][0]["parentSourcedId"] = "north"

    bring(files)

    assert len(days(rows)) > 100


def test_without_calendar_monday_to_friday_of_the_school_year_count(bring, rows):
    files = bundles.small()
    del files["calendar"]
    files["academicSessions"].append(
        bundles.session("t", date(2025, 6, 2), date(2025, 7, 1), 2026, "term")
    )

    summary = bring(files)

    assert days(rows) == bundles.weekdays(bundles.FIRST_DAY, bundles.LAST_DAY)
    assert any(note.startswith("No calendar.csv: every Monday to Friday") for note in summary.notes)
    assert rows("select calendar_assumed from imports") == [(True,)]


def test_without_school_years_the_terms_count(bring, rows):
    files = bundles.small()
    del files["calendar"]
    files["academicSessions"][0]["type"] = "term"

    bring(files)

    assert days(rows) == bundles.weekdays(bundles.FIRST_DAY, bundles.LAST_DAY)


def test_a_school_that_no_calendar_reaches_has_no_days_and_the_summary_says_so(bring, rows):
    files = bundles.small()
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    files["classes"].append(bundles.section("math-s", "math", school="south"))

    summary = bring(files)

    assert any(note.startswith("South has no school days") for note in summary.notes)


def test_a_day_at_two_schools_counts_once(bring, rows):
    files = bundles.small()
    files["orgs"].append(
        {"sourcedId": "z", "name": "Alpha", "type": "school", "parentSourcedId": "d"}
    )
    files["classes"].append(bundles.section("shop", "art", school="z"))
    files["enrollments"].append(bundles.enrollment("ana", "shop", school="z"))
    files["calendar"] += [
        {"orgSourcedId": "z", "date": "2025-09-06", "isInstructional": "true"},  # a Saturday
        {"orgSourcedId": "z", "date": "2025-09-08", "isInstructional": "true"},
    ]

    bring(files)

    found = rows(
        "select date, school_id from student_days where student_id = 'ana' "
        "and date between date '2025-09-05' and date '2025-09-09' order by all"
    )
    assert found == [
        (date(2025, 9, 5), "north"),
        (date(2025, 9, 6), "z"),
        (date(2025, 9, 8), "z"),  # Alpha comes before North
        (date(2025, 9, 9), "north"),
    ]


def test_a_school_year_runs_to_the_next_ones_start(bring, rows):
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session("pre", date(2025, 8, 18), date(2025, 8, 29), 2026, "term"),
        bundles.session("y25", date(2024, 9, 2), date(2025, 6, 13), 2025),
    ]

    bring(files)

    assert rows("from school_years order by all") == [
        (2025, date(2024, 9, 2), date(2025, 8, 18)),
        (2026, date(2025, 8, 18), None),
    ]


def reported(*given: date) -> bundles.Files:
    files = bundles.small()
    files["attendance"] = [absence("ana", day) for day in given]
    return files


def marked(*given: date) -> bundles.Files:
    """Ana's marks of these days; attendance goes on to the end of February."""
    files = reported(*bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)[::5])
    files["lineItems"] = [bundles.line_item(f"quiz-{day}", day) for day in given]
    files["results"] = [bundles.result(f"quiz-{day}", "ana", "8", day) for day in given]
    return files


def told_of_marks(notes: list[str]) -> list[str]:
    return [note for note in notes if "sent no grades since" in note]


def test_marks_that_stopped_make_a_silent_feed_of_twenty_school_days(bring, rows):
    school = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)

    summary = bring(marked(school[0], school[-21]))

    (told,) = told_of_marks(summary.notes)
    assert told.startswith(
        f"North has sent no grades since {words.day(school[-21])} (20 school days)"
    )


def test_nineteen_school_days_without_a_mark_are_no_news(bring):
    school = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)

    assert told_of_marks(bring(marked(school[-20])).notes) == []


def test_work_that_nobody_graded_is_no_mark(bring):
    school = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)
    files = marked(school[5], school[-2])
    files["results"][1] |= {"scoreStatus": "submitted", "score": ""}

    (told,) = told_of_marks(bring(files).notes)

    assert f"since {words.day(school[5])}" in told


def test_a_school_that_never_gave_a_mark_is_not_silent(bring):
    assert told_of_marks(bring(marked()).notes) == []


@pytest.mark.parametrize(("stayed", "n_told"), [(20, 0), (21, 1)])
def test_only_days_with_students_make_marks_silent(bring, stayed, n_told):
    school = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)
    files = marked(school[0])
    files["attendance"] = files["attendance"][:1]
    files["withdrawals"] = [bundles.withdrawal(name, school[stayed]) for name in ("ana", "ben")]
    files["incidents"] = [bundles.incident("late", "ben", school[60])]

    assert len(told_of_marks(bring(files).notes)) == n_told


def test_a_school_closed_since_the_last_school_year_is_not_silent(bring, lenient, tmp_path):
    school = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)
    files = marked(school[0])
    files["academicSessions"].append(
        bundles.session("y27", date(2026, 1, 5), date(2026, 6, 1), 2027)
    )
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    files["classes"].append(bundles.section("art-2", "art", school="south"))
    files["users"].append(bundles.user("cy", "Cy", "student"))
    files["enrollments"].append(bundles.enrollment("cy", "art-2", school="south"))
    files["calendar"] += [{**row, "orgSourcedId": "south"} for row in files["calendar"]]
    files["attendance"] = [row for row in files["attendance"] if row["date"] < date(2025, 12, 19)]
    files["attendance"].append(absence("cy", school[-1]))  # the data go on elsewhere
    open_ = told_of_marks(bring(files).notes)
    files["withdrawals"] = [bundles.withdrawal(name, date(2025, 12, 19)) for name in ("ana", "ben")]

    assert len(open_) == 1
    left = ingest(lenient, bundles.write(tmp_path / "closed", files), replace=True)
    assert told_of_marks(left.notes) == []


def test_a_day_that_is_no_school_day_of_the_student_says_why(bring, rows):
    files = bundles.small()
    files["orgs"].append({"sourcedId": "west", "name": "West", "type": "school"})
    files["classes"].append(bundles.section("west-1", "art", school="west"))
    files["users"] += [bundles.user(name, name, "student") for name in ("cy", "dee", "eli", "fay")]
    files["enrollments"] += [
        bundles.enrollment("cy", "math-1", date(2025, 9, 8), date(2025, 9, 22)),
        bundles.enrollment("cy", "math-1", date(2025, 10, 6), date(2025, 10, 20)),
        bundles.enrollment("dee", "west-1", school="west"),
        bundles.enrollment("eli", "math-1"),
    ]
    files["withdrawals"] = [bundles.withdrawal("eli", date(2025, 9, 29))]
    holiday, unlisted = date(2025, 9, 30), date(2025, 10, 1)
    files["calendar"] = [
        {**row, "isInstructional": "false" if row["date"] == holiday else "true"}
        for row in files["calendar"]
        if row["date"] != unlisted
    ]
    expected = [
        ("ana", date(2025, 9, 6), "weekend"),
        ("ana", holiday, "holiday"),
        ("ana", unlisted, "not in the calendar"),
        ("cy", date(2025, 9, 5), "before enrollment"),
        ("cy", date(2025, 9, 22), "between enrollments"),
        ("cy", date(2025, 10, 20), "after enrollment"),
        ("dee", date(2025, 9, 9), "school without calendar"),
        ("eli", date(2025, 9, 29), "after withdrawal"),
        ("fay", date(2025, 9, 9), "never enrolled"),
    ]
    files["attendance"] = [bundles.absence(student, day) for student, day, _ in expected]

    bring(files)

    stem = "not an enrolled instructional day of the student: "
    told = rows("select reason from rejects where file = 'attendance' order by row_number")
    assert [reason for (reason,) in told] == [stem + cause for _, _, cause in expected]
