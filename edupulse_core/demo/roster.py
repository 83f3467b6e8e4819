"""Schools, people, courses, classes and enrollments, as CSV rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, look_up, numbered
from edupulse_core.demo.calendar import SchoolYear
from edupulse_core.demo.names import Usernames, full_names, school_name
from edupulse_core.demo.population import RACES
from edupulse_core.demo.rollout import Group, Plan
from edupulse_core.demo.schedule import (
    KIND_NAMES,
    SUBJECT_CODES,
    SUBJECTS,
    course_code,
    course_title,
    kind_of,
)

DISTRICT = "DIST-01"
DOMAIN = "demo.example"
_CASELOAD = 300  # students a counselor, about
_RACE_COLUMNS = {
    "white": "white",
    "hispanic": "hispanicOrLatinoEthnicity",
    "black": "blackOrAfricanAmerican",
    "asian": "asian",
    "two_or_more": "demographicRaceTwoOrMoreRaces",
    "native": "americanIndianOrAlaskaNative",
    "pacific": "nativeHawaiianOrOtherPacificIslander",
}


@dataclass
class Counts:
    """Running numbers, so that identifiers stay unique over all groups."""

    students: int = 0
    staff: int = 0
    enrollments: int = 0
    classes: int = 0
    line_items: int = 0
    results: int = 0
    attendance: int = 0
    incidents: int = 0
    sessions: int = 0
    applications: int = 0
    usernames: Usernames = field(default_factory=Usernames)

    def take(self, name: str, n: int) -> NDArray[np.int64]:
        """The next n numbers of a kind, from 1."""
        before = int(getattr(self, name))
        setattr(self, name, before + n)
        return np.arange(before + 1, before + n + 1)


@dataclass
class GroupIds:
    """The identifiers of one group's schools and people."""

    schools: list[str]  # elementary, middle, high
    students: pa.Array
    teachers: pa.Array


def school_ids(group: int) -> list[str]:
    """The sourcedIds of a group's elementary, middle and high school."""
    return [f"SCH-{3 * group + kind + 1:03d}" for kind in range(3)]


def student_ids(positions: NDArray[np.int64]) -> pa.Array:
    """The sourcedIds of the district's students, counted from 0."""
    return numbered("STU", positions + 1, 5)


def session_id(year: SchoolYear) -> str:
    """The sourcedId of a school year."""
    return f"YEAR-{year.number}"


def grade_code(grade: int) -> str:
    """A grade as OneRoster writes it."""
    return "KG" if grade == 0 else f"{grade:02d}"


def write_district(
    out: Folder, years: Sequence[SchoolYear], n_groups: int, seed: int, counts: Counts
) -> None:
    """Write what all groups share: manifest, orgs, sessions, courses, calendar, central staff."""
    bulk = ["orgs", "academicSessions", "courses", "classes", "users", "enrollments"]
    bulk += ["demographics", "lineItems", "results"]
    properties = {
        "manifest.version": "1.0",
        "oneroster.version": "1.1",
        "source.systemName": "EduPulse demo district",
        "edupulse.demo": "true",
        "edupulse.seed": str(seed),
    }
    properties |= {f"file.{name}": "bulk" for name in bulk}
    out["manifest"].write(
        len(properties),
        {"propertyName": list(properties), "value": list(properties.values())},
    )
    schools = [
        (school, school_name(group, KIND_NAMES[kind]))
        for group in range(n_groups)
        for kind, school in enumerate(school_ids(group))
    ]
    out["orgs"].write(
        len(schools) + 1,
        {
            "sourcedId": [DISTRICT] + [school for school, _ in schools],
            "name": ["Demo Unified School District"] + [name for _, name in schools],
            "type": ["district"] + ["school"] * len(schools),
            "identifier": [DISTRICT] + [school for school, _ in schools],
            "parentSourcedId": [None] + [DISTRICT] * len(schools),
        },
    )
    _write_sessions(out, years)
    _write_courses(out)
    for school, _ in schools:
        _write_calendar(out, years, school)
    rng = np.random.default_rng([seed, 5])
    _staff(out, counts, [DISTRICT] * 2, ["districtAdministrator", "siteAdministrator"], rng)


def _write_sessions(out: Folder, years: Sequence[SchoolYear]) -> None:
    rows: list[tuple[object, ...]] = []
    for year in years:
        whole = session_id(year)
        title = f"{year.number - 1}-{year.number}"
        rows.append((whole, title, "schoolYear", year.start, year.end, None, str(year.number)))
        for half, (first, last) in enumerate(((0, 17), (18, 35)), start=1):
            ends = year.day(last, 5)
            name = f"{title} Semester {half}"
            number = str(year.number)
            rows.append(
                (f"{whole}-S{half}", name, "semester", year.mondays[first], ends, whole, number)
            )
    names = ("sourcedId", "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    for name in ("startDate", "endDate"):
        columns[name] = pa.array(columns[name], pa.date32())
    out["academicSessions"].write(len(rows), columns)


def _write_courses(out: Folder) -> None:
    pairs = [(g, s) for g in range(13) for s in range(5 if g < 6 else 6)]
    codes = [course_code(g, s) for g, s in pairs]
    out["courses"].write(
        len(pairs),
        {
            "sourcedId": codes,
            "title": [course_title(g, s) for g, s in pairs],
            "courseCode": codes,
            "grades": [grade_code(g) for g, _ in pairs],
            "orgSourcedId": DISTRICT,
            "subjects": [SUBJECTS[s] for _, s in pairs],
            "subjectCodes": [SUBJECT_CODES[s] for _, s in pairs],
        },
    )


def _write_calendar(out: Folder, years: Sequence[SchoolYear], school: str) -> None:
    for year in years:
        n = (year.end - year.start).days
        days = [year.start + timedelta(days=d) for d in range(n)]
        days = [day for day in days if day.weekday() < 5]
        open_on = {
            year.day(week, weekday)
            for week, weekday in zip(*np.nonzero(year.open_days), strict=True)
        }
        out["calendar"].write(
            len(days),
            {
                "orgSourcedId": school,
                "date": pa.array(days, pa.date32()),
                "isInstructional": ["true" if day in open_on else "false" for day in days],
            },
        )


def _staff(
    out: Folder, counts: Counts, orgs: list[str], roles: list[str], rng: np.random.Generator
) -> pa.Array:
    """Write adults of the given organizations and roles; returns their sourcedIds."""
    n = len(orgs)
    race = rng.choice(len(RACES), n, p=(0.6, 0.15, 0.12, 0.06, 0.04, 0.02, 0.01)).astype(np.int8)
    names = full_names(race, rng.random(n) < 0.7, rng)
    ids = numbered("STF", counts.take("staff", n), 4)
    _write_users(out, counts, ids, names, orgs, roles, [None] * n)
    return ids


def _write_users(
    out: Folder,
    counts: Counts,
    ids: pa.Array,
    names: list[tuple[str, str]],
    orgs: list[str],
    roles: list[str],
    grades: list[str | None],
) -> None:
    usernames = [counts.usernames.make(given, family) for given, family in names]
    out["users"].write(
        len(ids),
        {
            "sourcedId": ids,
            "enabledUser": "true",
            "orgSourcedIds": orgs,
            "role": roles,
            "username": usernames,
            "givenName": [given for given, _ in names],
            "familyName": [family for _, family in names],
            "identifier": ids,
            "email": [f"{name}@{DOMAIN}" for name in usernames],
            "grades": grades,
        },
    )


def write_people(
    out: Folder, group: Group, number: int, counts: Counts, here: NDArray[np.bool_]
) -> GroupIds:
    """Write the group's students, teachers, principals and counselors with their caseloads.

    here: who is still enrolled in the last week.
    """
    rng = np.random.default_rng([*group.seed, 6])
    schools, traits = school_ids(number), group.traits
    n, last = len(traits.cohort), group.plans[-1].year
    students = student_ids(counts.take("students", n) - 1)
    grade = np.max([plan.fixed.grade for plan in group.plans], axis=0)
    kind = kind_of(grade)
    names = full_names(traits.race, traits.is_female, rng)
    _write_users(
        out,
        counts,
        students,
        names,
        [schools[k] for k in kind],
        ["student"] * n,
        [grade_code(int(g)) for g in grade],
    )
    _write_demographics(out, group, students, last, rng)
    at = [schools[k] for k in group.teachers.school_kind]
    teachers = _staff(out, counts, at, ["teacher"] * len(at), rng)
    _staff(out, counts, schools, ["principal"] * 3, rng)
    for k, school in enumerate(schools):
        theirs = np.flatnonzero(here & (kind == k))
        n_counselors = max(1, round(len(theirs) / _CASELOAD))
        ids = _staff(out, counts, [school] * n_counselors, ["counselor"] * n_counselors, rng)
        order = theirs[np.argsort(grade[theirs], kind="stable")]  # by grade, as schools do
        share = np.arange(len(order)) * n_counselors // max(1, len(order))
        out["caseloads"].write(
            len(order),
            {
                "counselorSourcedId": look_up(ids, share),
                "studentSourcedId": look_up(students, order),
            },
        )
    return GroupIds(schools, students, teachers)


def _write_demographics(
    out: Folder, group: Group, students: pa.Array, last: SchoolYear, rng: np.random.Generator
) -> None:
    traits = group.traits
    n = len(traits.cohort)
    age = traits.cohort.astype(np.int64) + 5
    birthday = np.array([date(last.start.year, 9, 1)], "datetime64[D]") - (
        age * 365 + rng.integers(1, 366, n)
    )
    meal = np.where(traits.hardship, np.where(rng.random(n) < 0.75, 0, 1), 2)
    races = {
        column: look_up(["false", "true"], traits.race == RACES.index(race))
        for race, column in _RACE_COLUMNS.items()
    }
    out["demographics"].write(
        n,
        {
            "sourcedId": students,
            "birthDate": birthday,
            "sex": look_up(["male", "female"], traits.is_female),
            **races,
            "metadata.englishLearner": look_up(["false", "true"], traits.english_learner),
            "metadata.disability": look_up(["false", "true"], traits.disability),
            "metadata.mealStatus": look_up(["free", "reduced", "paid"], meal),
        },
    )


def write_classes(out: Folder, plan: Plan, ids: GroupIds, counts: Counts) -> pa.Array:
    """Write the classes of one year; returns their sourcedIds."""
    classes = plan.classes
    n = len(classes.grade)
    class_ids = numbered("CLS-", counts.take("classes", n), 5)
    grade = np.array(classes.grade, np.int16)
    school = look_up(ids.schools, kind_of(grade))
    pairs = list(zip(classes.grade, classes.subject, strict=True))
    sections = [chr(ord("A") + s % 26) + ("" if s < 26 else str(s // 26)) for s in classes.section]
    titles = [f"{course_title(*pair)} ({s})" for pair, s in zip(pairs, sections, strict=True)]
    out["classes"].write(
        n,
        {
            "sourcedId": class_ids,
            "title": titles,
            "grades": [grade_code(g) for g in classes.grade],
            "courseSourcedId": [course_code(*pair) for pair in pairs],
            "classCode": class_ids,
            "classType": "scheduled",
            "schoolSourcedId": school,
            "termSourcedIds": session_id(plan.year),
            "subjects": [SUBJECTS[s] for s in classes.subject],
            "subjectCodes": [SUBJECT_CODES[s] for s in classes.subject],
            "periods": [str(p) for p in classes.period],
        },
    )
    out["enrollments"].write(
        n,
        {
            "sourcedId": numbered("ENR", counts.take("enrollments", n), 7),
            "classSourcedId": class_ids,
            "schoolSourcedId": school,
            "userSourcedId": look_up(ids.teachers, classes.teacher),
            "role": "teacher",
            "primary": "true",
            "beginDate": pa.repeat(pa.scalar(plan.year.start, pa.date32()), n),
            "endDate": pa.repeat(pa.scalar(plan.year.end, pa.date32()), n),
        },
    )
    return class_ids


def write_enrollments(
    out: Folder,
    plan: Plan,
    ids: GroupIds,
    class_ids: pa.Array,
    first: NDArray[np.bool_],
    ends: NDArray[np.datetime64],
    counts: Counts,
) -> None:
    """Write who was in which class. first: who was enrolled at all; ends: their first day out."""
    who, course = np.nonzero((plan.placed >= 0) & first[:, None])
    mondays = np.array(plan.year.mondays, "datetime64[D]")
    n = len(who)
    out["enrollments"].write(
        n,
        {
            "sourcedId": numbered("ENR", counts.take("enrollments", n), 7),
            "classSourcedId": look_up(class_ids, plan.placed[who, course]),
            "schoolSourcedId": look_up(ids.schools, kind_of(plan.fixed.grade)[who]),
            "userSourcedId": look_up(ids.students, who),
            "role": "student",
            "primary": "false",
            "beginDate": mondays[plan.begins[who].clip(0, 35)],
            "endDate": ends[who],
        },
    )
