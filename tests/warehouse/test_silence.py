"""What a school should have sent: judged school by school, in the order of time."""

from datetime import date, timedelta

import duckdb
import pytest

from edupulse_core import sql
from edupulse_core.config import AttendanceRules, Settings
from edupulse_core.warehouse import silence
from edupulse_core.warehouse.rules import install

MONDAY = date(2026, 9, 7)


def school_day(n: int) -> date:
    """The n-th school day, from 0: Monday to Friday without holidays."""
    return MONDAY + timedelta(days=7 * (n // 5) + n % 5)


class Warehouse:
    """Schools of so many students, each of them there on every school day."""

    def __init__(self, days: int = 50, **students: int) -> None:
        self.con = duckdb.connect()
        self.con.execute("set threads = 1")
        sql.run(self.con, "warehouse/sql/schema")
        sql.run(self.con, "warehouse/sql/rules")
        self.con.execute("insert into has_records values ('attendance', true)")
        self.dates = [school_day(n) for n in range(days)]
        self.students = {
            school: [f"{school}-{i:04d}" for i in range(n)] for school, n in students.items()
        }
        for school, names in self.students.items():
            days = {"school": school, "dates": self.dates}
            self.con.execute("insert into school_days select $school, unnest($dates::date[])", days)
            self.con.execute(
                "insert into student_days select name, date, $school "
                "from unnest($names::text[]) as n(name), unnest($dates::date[]) as d(date)",
                days | {"names": names},
            )

    def absent(self, school: str, n: int, *days: int) -> "Warehouse":
        """So many students of a school are absent on each of these days."""
        for day in days:
            for name in self.students[school][:n]:
                self.con.execute(
                    "insert into attendance (student_id, date, status) values (?, ?, 'absent')",
                    [name, school_day(day)],
                )
        return self

    def incident(self, school: str, on: date, *, days_removed: float | None = None) -> "Warehouse":
        self.con.execute(
            "insert into incidents (incident_id, student_id, date, action, days_removed) "
            "select count(*)::text, ?, ?, 'expulsion', ? from incidents",
            [self.students[school][0], on, days_removed],
        )
        return self

    def find(self, today: date | None = None, rules: AttendanceRules | None = None) -> "Warehouse":
        self.con.execute("delete from silent_days; delete from unknown_weeks")
        install(self.con, Settings())
        silence.find(self.con, today, rules or AttendanceRules())
        return self

    def silent(self, school: str) -> list[tuple[date, date]]:
        """The silent days of a school, and when each was known to be."""
        return self.con.execute(
            "select date, known_on from silent_days where school_id = ? order by date", [school]
        ).fetchall()

    def unknown(self, kind: str, school: str) -> list[int]:
        """The weeks, from 1, in which a kind of record is unknown at a school."""
        found = self.con.execute(
            "select week_start from unknown_weeks where kind = ? and school_id = ? order by 1",
            [kind, school],
        ).fetchall()
        return [(week - MONDAY).days // 7 + 1 for (week,) in found]


def test_a_school_of_two_is_not_silent_in_three_weeks_without_an_absence():
    made = Warehouse(small=2, large=100).absent("large", 5, *range(50)).absent("small", 1, 0)

    assert made.find().silent("small") == []


def test_a_school_of_900_is_silent_on_the_first_day_without_a_row():
    made = Warehouse(large=900).absent("large", 45, *(n for n in range(50) if n != 30))

    assert made.find().silent("large") == [(school_day(30), school_day(30))]


def test_a_gap_is_silent_from_the_day_on_which_twenty_rows_should_have_come():
    # 100 students, 5 rows a day: the fourth day of the gap completes 20 rows
    made = Warehouse(north=100).absent("north", 5, *range(20), *range(26, 50)).find()

    assert made.silent("north") == [(school_day(n), school_day(23)) for n in range(20, 26)]


@pytest.mark.parametrize(("length", "n_silent"), [(3, 0), (4, 4)])
def test_a_gap_is_silent_at_twenty_rows_and_not_below(length, n_silent):
    days = [n for n in range(50) if not 20 <= n < 20 + length]
    made = Warehouse(north=100).absent("north", 5, *days).find()

    assert len(made.silent("north")) == n_silent


@pytest.mark.parametrize(("before", "n_silent"), [(4, 0), (5, 6)])
def test_the_own_rate_takes_500_student_days_and_nobody_else_has_any(before, n_silent):
    made = Warehouse(north=100).absent("north", 30, *range(before), *range(before + 6, 50)).find()

    assert len(made.silent("north")) == n_silent


def test_a_school_that_never_sent_any_is_judged_by_the_others():
    # 5 rows a day per 100 students; both begin together, so the others have 500 days on day 5
    made = Warehouse(north=100, south=100).absent("south", 5, *range(50)).find()

    assert made.silent("north")[0] == (school_day(0), school_day(5))
    assert len(made.silent("north")) == 50
    assert made.silent("south") == []


def test_the_days_of_an_earlier_silent_gap_do_not_lower_the_rate():
    gaps = [*range(10, 40), *range(41, 45)]
    made = Warehouse(north=100)
    made.absent("north", 5, *(n for n in range(50) if n not in gaps)).find()

    assert [on for on, _ in made.silent("north")] == [school_day(n) for n in gaps]


def test_the_day_of_the_import_is_not_judged():
    made = Warehouse(large=900).absent("large", 45, *range(30))

    assert made.find(school_day(30)).silent("large") == []
    assert made.find(school_day(31)).silent("large") == [(school_day(30), school_day(30))]


def test_a_district_that_never_sent_a_row_is_silent_from_500_student_days_on():
    assert Warehouse(tiny=2).find().silent("tiny") == []
    made = Warehouse(large=400).find()
    assert {known_on for _, known_on in made.silent("large")} == {school_day(2)}
    assert len(made.silent("large")) == 50


def test_a_later_row_changes_no_silent_day_before_it():
    made = Warehouse(large=900).absent("large", 45, *range(30)).find()
    before = made.silent("large")

    after = made.absent("large", 45, 45).find().silent("large")

    assert [day for day in before if day[0] < school_day(45)] == [
        day for day in after if day[0] < school_day(45)
    ]


def test_a_district_sets_its_own_number_of_rows_and_days():
    made = Warehouse(north=100).absent("north", 5, *range(20), *range(26, 50))

    assert made.find(rules=AttendanceRules(silent_rows=31)).silent("north") == []
    found = made.find(rules=AttendanceRules(silent_days=6)).silent("north")
    assert {known_on for _, known_on in found} == {school_day(25)}


def test_a_tardy_counts_as_a_row_and_without_attendance_nobody_is_silent():
    made = Warehouse(large=900).absent("large", 45, *range(30))
    made.con.execute("update has_records set present = false")

    assert made.find().silent("large") == []


def test_incidents_are_unknown_once_seven_should_have_come():
    # two incidents a week at each other school of the same size: seven in week four
    made = Warehouse(north=100, south=100, west=100)
    for n in range(50):
        if n % 5 in (0, 2):
            made.incident("south", school_day(n)).incident("west", school_day(n))

    made.find()

    assert made.unknown("incidents", "north") == list(range(4, 11))
    assert made.unknown("incidents", "south") == []


def test_one_incident_makes_a_school_known_from_its_week_on():
    made = Warehouse(north=100, south=100)
    for n in range(50):
        made.incident("south", school_day(n))
    made.incident("north", school_day(25)).find()

    assert made.unknown("incidents", "north") == [2, 3, 4, 5]


def test_a_school_that_stopped_sending_incidents_is_named_and_stays_known():
    made = Warehouse(north=100, south=100)
    for n in range(50):
        made.incident("south", school_day(n))
    made.incident("north", school_day(12)).find()

    assert made.unknown("incidents", "north") == [2]  # ten should have come by its Sunday
    assert made.unknown("incidents_stopped", "north") == [4, 5, 6, 7, 8, 9, 10]  # seven since


def test_a_small_school_without_incidents_is_known_to_have_none():
    made = Warehouse(small=2, large=500)
    for n in range(50):
        made.incident("large", school_day(n))

    assert made.find().unknown("incidents", "small") == []


def test_the_only_school_of_a_district_is_known_to_have_no_incidents():
    assert Warehouse(north=900).find().unknown("incidents", "north") == []


def test_grades_are_unknown_once_twenty_school_days_passed_without_a_number():
    made = Warehouse(north=10)
    made.con.execute("insert into classes (class_id, school_id) values ('c', 'north')")
    made.con.execute(
        "insert into line_items (line_item_id, class_id, due_date, value_min, value_max) "
        "values ('quiz', 'c', $day, 0, 10)",
        {"day": school_day(30)},
    )
    made.con.execute(
        "insert into results (line_item_id, student_id, score_status, score, score_date) "
        "values ('quiz', 'north-0000', 'fully graded', 8, $day), "
        "('quiz', 'north-0001', 'fully graded', null, $before)",
        {"day": school_day(30), "before": school_day(1)},
    )

    made.find()

    assert made.unknown("marks", "north") == [4, 5, 6]


def test_missing_work_is_unknown_where_work_was_due_and_none_was_not_submitted():
    made = Warehouse(north=10)
    made.con.execute("insert into classes (class_id, school_id) values ('c', 'north')")
    for name, n in (("first", 6), ("second", 16)):
        made.con.execute(
            "insert into line_items (line_item_id, class_id, due_date) values (?, 'c', ?)",
            [name, school_day(n)],
        )
    made.con.execute(
        "insert into results (line_item_id, student_id, score_status) "
        "values ('second', 'north-0000', 'not submitted')"
    )

    assert made.find().unknown("missing_work", "north") == [2, 3]


def test_days_removed_are_unknown_where_no_removal_carries_any():
    made = Warehouse(north=10).incident("north", school_day(0))
    made.incident("north", school_day(20), days_removed=3).find()

    assert made.unknown("days_removed", "north") == [1, 2, 3, 4]
