"""A small district written straight into a warehouse in memory, and its features."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.config import AttendanceRules, SchoolRules, Settings
from edupulse_core.features import build
from edupulse_core.warehouse import rules, silence

FIRST_MONDAY = date(2025, 9, 1)
DAY = timedelta(days=1)
FOREVER = date(2030, 1, 1)
COURSES = ("math", "english", "science", "social_studies", "other")


def day(week: int, weekday: int = 0) -> date:
    """A day of the n-th week of the year 2026, from 1; weekday 0 is Monday."""
    return FIRST_MONDAY + timedelta(days=7 * (week - 1) + weekday)


class District:
    """One school, "north", with Ana in one class of each course, unless told otherwise."""

    def __init__(self, weeks: int = 12, *, students: Iterable[str] = ("ana",)) -> None:
        self._con = duckdb.connect()
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}  # rows of each table
        self.con.execute("set threads = 1; set enable_progress_bar = false")
        self.con.execute("attach ':memory:' as warehouse; use warehouse")
        sql.run(self.con, "warehouse/sql/schema")
        self.con.execute("set search_path = 'memory.main,warehouse.main'")
        self._n = 0
        self.settings = Settings()
        self.unsent: tuple[tuple[str, int], ...] = ()  # kind of record and week, at every school
        self.silent: tuple[date, date] | None = None  # the first day of a gap, and when it is known
        self.has(attendance=True, incidents=True, grades=True, withdrawals=True)
        self.year(2026, FIRST_MONDAY, None)
        for course in COURSES:
            self._insert("courses", course, course, None, course)
        self.school("north", (day(week, n) for week in _to(weeks) for n in range(5)))
        for student in students:
            self.enrol(student)
        self.weeks = weeks

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection, once all rows are written: many at a time, which is much faster."""
        for table, rows in self._waiting.items():
            columns = {str(n): list(column) for n, column in enumerate(zip(*rows, strict=True))}
            self._con.register("waiting_rows", pa.table(columns))
            self._con.execute(f"insert into warehouse.{table} from waiting_rows")
            self._con.unregister("waiting_rows")
        self._waiting.clear()
        return self._con

    def _insert(self, table: str, *values: Any) -> None:
        self._waiting.setdefault(table, []).append(values)

    def _next(self, kind: str) -> str:
        self._n += 1
        return f"{kind}{self._n:06d}"

    def has(self, **kinds: bool) -> Self:
        for kind, present in kinds.items():
            self.con.execute("delete from warehouse.has_records where name = ?", [kind])
            self._insert("has_records", kind, present)
        return self

    def year(self, name: int, start: date, end: date | None) -> Self:
        self.con.execute("delete from warehouse.school_years where school_year = ?", [name])
        self._insert("school_years", name, start, end)
        return self

    def imported_on(self, import_day: date) -> Self:
        self.con.execute(
            "insert into warehouse.imports (sequence, import_day) "
            "select coalesce(max(sequence), 0) + 1, ? from warehouse.imports",
            [import_day],
        )
        return self

    def school(self, name: str, dates: Iterable[date]) -> Self:
        for on in dates:
            self._insert("school_days", name, on)
        for course in COURSES:
            self._insert("classes", f"{name}-{course}", course, course, name, [], None, [], True)
        return self

    def close_school(self, *dates: date) -> Self:
        for on in dates:
            self.con.execute("delete from warehouse.school_days where date = ?", [on])
        return self

    def enrol(
        self,
        student: str,
        school: str = "north",
        *,
        start: date = FIRST_MONDAY,
        end: date = FOREVER,
        courses: Iterable[str] = COURSES,
    ) -> Self:
        for course in courses:
            self._insert(
                "enrollment_spans",
                student,
                "student",
                f"{school}-{course}",
                school,
                course,
                start,
                end,
            )
        return self

    def leave(self, student: str, on: date, reason: str = "transfer") -> Self:
        self._insert("withdrawals", student, on, reason)
        self.con.execute(
            "update warehouse.enrollment_spans set end_date = least(end_date, ?) where user_id = ?",
            [on, student],
        )
        return self

    def mark(
        self,
        on: date,
        status: str = "absent",
        reason: str = "unexcused",
        *,
        student: str = "ana",
        course: str | None = None,
        minutes: float | None = None,
        school: str = "north",
    ) -> Self:
        period = f"{school}-{course}" if course else None
        self._insert("attendance", self._next("a"), student, on, status, reason, period, minutes)
        return self

    def item(
        self, due: date, course: str = "math", *, value_min: float = 0, school: str = "north"
    ) -> str:
        item = self._next("i")
        self._insert("line_items", item, item, f"{school}-{course}", due, value_min, 100)
        return item

    def result(
        self,
        scored: date | None,
        score: float | None = 80,
        course: str = "math",
        *,
        due: date | None = None,
        status: str = "fully graded",
        student: str = "ana",
        school: str = "north",
        letter: str | None = None,
    ) -> Self:
        item = self.item(due or scored or FIRST_MONDAY, course, school=school)
        self._insert("results", self._next("r"), item, student, status, score, scored, letter)
        return self

    def missing(self, due: date, course: str = "math", *, student: str = "ana") -> Self:
        return self.result(None, None, course, due=due, status="not submitted", student=student)

    def incident(
        self,
        on: date,
        severity: int = 2,
        action: str = "none",
        *,
        kind: str = "disruption",
        removed: float | None = 0,
        student: str = "ana",
    ) -> Self:
        self._insert("incidents", self._next("x"), student, on, kind, severity, action, removed)
        return self

    def ends(self, week: int) -> Self:
        """Data reach to this week: somebody else at another school was marked in it."""
        self._insert(
            "attendance", self._next("a"), "nobody", day(week), "tardy", "excused", None, None
        )
        return self

    def derive(self) -> Self:
        """Fill the tables that an import derives."""
        for table in ("student_days", "silent_days", "unknown_weeks"):
            self.con.execute(f"delete from warehouse.{table}")
        self.con.execute("""
            insert into warehouse.student_days
            select spans.user_id, days.date, min(days.school_id)
            from (
                select distinct user_id, school_id, start_date, end_date
                from warehouse.enrollment_spans
            ) as spans
            join warehouse.school_days as days
                on days.school_id = spans.school_id
                and days.date >= spans.start_date and days.date < spans.end_date
            group by spans.user_id, days.date
        """)
        today = self.con.sql("select max(import_day) from imports").fetchall()[0][0]
        sql.run(self.con, "warehouse/sql/rules")
        rules.install(self.con, self.settings)
        silence.find(self.con, today, self.settings.attendance)
        for kind, week in self.unsent:
            self.con.execute(
                "insert into warehouse.unknown_weeks "
                "select distinct school_id, $monday::date, $kind, true from warehouse.school_days",
                {"monday": day(week), "kind": kind},
            )
        if self.silent:
            first, known_on = self.silent
            self.con.execute(
                "insert into warehouse.silent_days select distinct school_id, date, $known_on "
                "from warehouse.student_days where date >= $first",
                {"first": first, "known_on": known_on},
            )
        return self

    def build(self, settings: Settings | None = None, *, last_day: date | None = None) -> Self:
        self.derive()
        self.con.execute("detach database if exists features; attach ':memory:' as features")
        build.write(self.con, settings or self.settings, last_day=last_day)
        return self

    def rows(self, table: str = "features", student: str = "ana") -> list[dict[str, Any]]:
        found = self.con.sql(
            "from query_table('features.main.' || $table) where student_id = $student order by 2",
            params={"table": table, "student": student},
        )
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]

    def values(self, feature: str, student: str = "ana", table: str = "features") -> list[Any]:
        """A column, week by week."""
        return [row[feature] for row in self.rows(table, student)]

    def value(self, feature: str, week: int, student: str = "ana") -> Any:
        return self.outcome(feature, week, student, "features")

    def outcome(self, name: str, week: int, student: str = "ana", table: str = "outcomes") -> Any:
        found = [row[name] for row in self.rows(table, student) if row["week_start"] == day(week)]
        assert len(found) == 1, f"no row for {student} in week {week}"
        return found[0]


def _to(n: int) -> range:
    return range(1, n + 1)


LACKING = (
    """delete from warehouse.incidents where student_id in (
        select student_id from warehouse.student_days where school_id = 'west'
    )""",
    """delete from warehouse.results where score_status = 'not submitted' and line_item_id in (
        select line_item_id from warehouse.line_items where class_id like 'east%'
    )""",
    "update warehouse.incidents set days_removed = null where student_id < 's03'",
    """update warehouse.results set score = null where line_item_id in (
        select line_item_id from warehouse.line_items where class_id like 'east%'
    )""",
)


def random_district(seed: int, *, students: int = 6, weeks: int = 24) -> District:
    """A district of two years, two schools, breaks, moves, silence and every kind of record."""
    rng = random.Random(seed)
    names = [f"s{i:02d}" for i in range(students)]
    district = District(0, students=())
    district.settings = Settings(
        attendance=AttendanceRules(silent_rows=1.5, silent_days=2),
        rules=(
            SchoolRules(grades=("03", "KG"), failing_below=0.7, letters=(("b", 0.8), ("f", 0.3))),
            SchoolRules(schools=("east",), minutes_a_day=300, classes_a_day=2, failing_below=0.5),
            SchoolRules(schools=("east",), points=((0.6, 2.0), (0.3, 1.0))),
        ),
    )
    for i, name in enumerate(names):
        district.con.execute(
            "insert into warehouse.users (user_id, grade) values (?, ?)",
            [name, (None, "3", "kg", "04")[i % 4]],
        )
    second = day(weeks // 2 + 3, rng.randrange(7))
    district.year(2026, FIRST_MONDAY + rng.randrange(5) * DAY, second)
    district.year(2027, second, None)
    dates = [FIRST_MONDAY + i * DAY for i in range(7 * weeks)]
    for school in ("east", "west"):
        breaks = {rng.randrange(2, weeks) for _ in range(3)}
        open_days = [
            on
            for i, on in enumerate(dates)
            if (on.weekday() < 5 or rng.random() < 0.05)
            and i // 7 not in breaks
            and rng.random() > 0.03
        ]
        district.school(school, open_days)
    silent = range(*sorted(rng.sample(range(7 * weeks), 2))) if rng.random() < 0.6 else range(0)
    district.con.execute(
        "update warehouse.classes set grades = ['3', '4'] "
        "where class_id in ('west-math', 'east-other')"
    )
    courses = {name: rng.sample(COURSES, rng.randrange(2, 6)) for name in names}
    for name in names:
        _enrol(district, rng, name, courses[name], dates)
    district.derive()
    for name in names:
        _fill(district, rng, name, courses[name], dates, silent)
    for lacking in rng.sample(LACKING, rng.randrange(3)):  # a school that does not send them
        district.con.execute(lacking)
    district.imported_on(dates[-1] + rng.randrange(1, 20) * DAY)
    return district.derive()


def _enrol(
    district: District, rng: random.Random, name: str, courses: list[str], dates: list[date]
) -> None:
    school, other = rng.sample(("east", "west"), 2)
    middle = rng.choice(dates)
    if rng.random() < 0.5:
        district.enrol(name, school, courses=courses)
    else:
        district.enrol(name, school, courses=courses, end=middle)
        district.enrol(
            name, other, courses=courses, start=middle + rng.choice([0, 0, 21, -14]) * DAY
        )
    if rng.random() < 0.3:
        reason = rng.choice(["dropout", "transfer"])
        district.leave(name, rng.choice(dates[len(dates) // 3 :]), reason)


def _fill(
    district: District,
    rng: random.Random,
    name: str,
    courses: list[str],
    dates: list[date],
    silent: range,
) -> None:
    enrolled = {
        row[0]
        for row in district.con.execute(
            "select date from warehouse.student_days where student_id = ?", [name]
        ).fetchall()
    }
    badness = rng.choice([0.05, 0.2, 0.6])
    scores = rng.choice([[60], [30, 55, 60, 65], [30, 55, 60, 60, 75, 90, 100], [70, 80, 90]])
    for i, on in enumerate(dates):
        if on in enrolled and i not in silent:
            for _ in range(rng.choice([0, 1, 1, 2, 3]) if rng.random() < badness else 0):
                district.mark(
                    on,
                    rng.choice(["absent", "absent", "partial", "tardy", "present"]),
                    rng.choice(["excused", "unexcused", "suspension"]),
                    student=name,
                    course=rng.choice([None, *courses]),
                    school=rng.choice(("east", "west")),
                    minutes=rng.choice([None, None, 30, 195, 500]),
                )
        if rng.random() < badness / 4:
            district.incident(
                on,
                rng.randrange(1, 6),
                rng.choice(["none", "referral", "detention", "in_school_suspension", "expulsion"]),
                kind=rng.choice("abcd"),
                removed=rng.choice([0, 0.5, 3]),
                student=name,
            )
        if rng.random() < 0.3:
            due = on + rng.choice([-20, -9, -8, -7, -1, 0, 0, 2, 9]) * DAY
            status = rng.choice(
                ["fully graded"] * 5
                + ["partially graded", "submitted", "not submitted", "not submitted", "exempt"]
            )
            score = None if status in ("submitted", "not submitted") else rng.choice(scores)
            letter = None
            if score is not None and rng.random() < 0.15:
                score, letter = None, rng.choice(["b", "f", "fine"])
            scored = None if status == "not submitted" and rng.random() < 0.5 else on
            school, course = rng.choice(("east", "west")), rng.choice(courses)
            district.result(
                scored,
                score,
                course,
                due=due,
                status=status,
                student=name,
                school=school,
                letter=letter,
            )
