"""Schools, courses, classes and who teaches them, for one feeder group of three schools."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo.population import COURSES, Floats

ELEMENTARY, MIDDLE, HIGH = 0, 1, 2
KIND_NAMES = ("Elementary School", "Middle School", "High School")
SUBJECTS = ("English", "Mathematics", "Science", "Social Studies", "Health and PE", "Arts")
SUBJECT_CODES = ("01", "02", "03", "04", "08", "05")
SECTION = 24  # students, about
_MOST_SECTIONS = 5  # one teacher has at most
_LOWER = ("Reading and Writing", "Mathematics", "Science", "Social Studies", "Art and Music")
_MIDDLE = ("English", "Mathematics", "Science", "Social Studies", "Physical Education", "Arts")
_HIGH = (
    ("English 9", "English 10", "English 11", "English 12"),
    ("Algebra 1", "Geometry", "Algebra 2", "Precalculus"),
    ("Biology", "Chemistry", "Physics", "Environmental Science"),
    ("World Geography", "World History", "US History", "Government"),
    ("Health and PE 9", "Health and PE 10", "Personal Fitness", "Team Sports"),
    ("Studio Art", "Theatre", "Computer Graphics", "Music Ensemble"),
)


def kind_of(grade: NDArray[np.int16]) -> NDArray[np.int8]:
    """The kind of school that teaches a grade."""
    return ((grade >= 6).astype(np.int8) + (grade >= 9)).astype(np.int8)


def course_title(grade: int, subject: int) -> str:
    """What the course of a grade and subject is called."""
    if grade >= 9:
        return _HIGH[subject][grade - 9]
    if grade >= 6:
        return f"{_MIDDLE[subject]} {grade}"
    return f"{_LOWER[subject]}, {'kindergarten' if grade == 0 else f'grade {grade}'}"


def course_code(grade: int, subject: int) -> str:
    """The course's sourcedId: the same in all schools of the district."""
    return f"CRS-{grade:02d}-{SUBJECT_CODES[subject]}"


@dataclass
class Classes:
    """The classes of one school year; one entry a class."""

    grade: list[int] = field(default_factory=list)
    subject: list[int] = field(default_factory=list)
    section: list[int] = field(default_factory=list)
    period: list[int] = field(default_factory=list)
    teacher: list[int] = field(default_factory=list)  # position among the group's teachers


@dataclass
class Teachers:
    """Everyone who teaches in the group; grows as classes need them."""

    school_kind: list[int] = field(default_factory=list)
    subject: list[int] = field(default_factory=list)  # -1: a homeroom
    leniency: list[float] = field(default_factory=list)  # hundredths


def _hire(teachers: Teachers, kind: int, subject: int, rng: np.random.Generator) -> int:
    teachers.school_kind.append(kind)
    teachers.subject.append(subject)
    teachers.leniency.append(float(2.8 * rng.standard_normal()))
    return len(teachers.leniency) - 1


def _period(grade: int, subject: int, section: int) -> int:
    """Sections of one parity share a period, so that no student has two classes at once."""
    return (subject + grade + 3 * (section % 2)) % 6 + 1


class _Staffing:
    """Finds for each class a teacher of the subject who is free in its period."""

    def __init__(self, teachers: Teachers, rng: np.random.Generator) -> None:
        self._teachers, self._rng = teachers, rng
        self._pools: dict[tuple[int, ...], list[int]] = {}
        self._busy: dict[int, list[int]] = {}
        for teacher, kind in enumerate(teachers.school_kind):
            self._pools.setdefault((kind, teachers.subject[teacher]), []).append(teacher)

    def find(self, kind: int, subject: int, period: int, most: int) -> int:
        pool = self._pools.setdefault((kind, subject), [])
        for teacher in pool:
            busy = self._busy.setdefault(teacher, [])
            if len(busy) < most and period not in busy:
                busy.append(period)
                return teacher
        pool.append(_hire(self._teachers, kind, subject, self._rng))
        return self.find(kind, subject, period, most)


def plan_year(
    grade: NDArray[np.int16], teachers: Teachers, rng: np.random.Generator
) -> tuple[Classes, NDArray[np.int32]]:
    """Place every student with a grade of 0 to 12 into classes.

    Returns the classes and (n, COURSES) the class of each student and subject, -1 for none.
    """
    classes, placed = Classes(), np.full((len(grade), COURSES), -1, np.int32)
    staffing = _Staffing(teachers, rng)
    for g in range(13):
        pupils = rng.permutation(np.flatnonzero(grade == g))
        n_sections = max(1, round(len(pupils) / SECTION))
        if g < 6:
            _homerooms(g, pupils, n_sections, classes, placed, staffing)
        else:
            _sections(g, pupils, n_sections, classes, placed, staffing, rng)
    return classes, placed


def _add(
    classes: Classes, grade: int, subject: int, section: int, period: int, teacher: int
) -> int:
    classes.grade.append(grade)
    classes.subject.append(subject)
    classes.section.append(section)
    classes.period.append(period)
    classes.teacher.append(teacher)
    return len(classes.grade) - 1


def _homerooms(
    grade: int,
    pupils: NDArray[np.int64],
    n_sections: int,
    classes: Classes,
    placed: NDArray[np.int32],
    staffing: _Staffing,
) -> None:
    """One teacher for the homeroom's four subjects, a specialist for the fifth."""
    for section in range(n_sections):
        homeroom = staffing.find(ELEMENTARY, -1, 0, 1)
        room = pupils[section::n_sections]
        for subject in range(5):
            period = subject + 1 if subject < 4 else 5 + section % 2
            teacher = (
                homeroom if subject < 4 else staffing.find(ELEMENTARY, 4, 10 * grade + section, 12)
            )
            placed[room, subject] = _add(classes, grade, subject, section, period, teacher)


def _sections(
    grade: int,
    pupils: NDArray[np.int64],
    n_sections: int,
    classes: Classes,
    placed: NDArray[np.int32],
    staffing: _Staffing,
    rng: np.random.Generator,
) -> None:
    """Each subject mixes the grade again, among the students whose periods fit."""
    kind = MIDDLE if grade < 9 else HIGH
    halves = [np.array([p % 2 for p in range(len(pupils))]) for _ in range(3)]
    halves = [rng.permutation(half) for half in halves] if n_sections > 1 else halves
    for subject in range(COURSES):
        ids = []
        for section in range(n_sections):
            period = _period(grade, subject, section)
            teacher = staffing.find(kind, subject, period, _MOST_SECTIONS)
            ids.append(_add(classes, grade, subject, section, period, teacher))
        if n_sections == 1:
            placed[pupils, subject] = ids[0]
            continue
        for parity in (0, 1):
            half = rng.permutation(pupils[halves[subject % 3] == parity])
            rooms = ids[parity::2]
            for at, room in enumerate(rooms):
                placed[half[at :: len(rooms)], subject] = room


def leniency(classes: Classes, teachers: Teachers, placed: NDArray[np.int32]) -> Floats:
    """How each student's teachers mark: (n, COURSES) hundredths, NaN where there is no course."""
    by_class = np.array(teachers.leniency, np.float32)[classes.teacher]
    return np.where(placed >= 0, by_class[placed], np.float32(np.nan)).astype(np.float32)
