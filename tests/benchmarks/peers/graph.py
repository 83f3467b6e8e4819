"""Who shares sections with whom in a week, as one matrix a school.

A school's students are few and share much: a dense matrix of some hundred rows is faster on a
processor than lists of edges, and needs no graph library.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.float32]

NODES = """
-- grain: one row per student of the week, labelled or not: who has a label is known only later.
select student_weeks.student_id, student_weeks.school_id, coalesce(users.grade, '') as grade
from student_weeks
left join users on users.user_id = student_weeks.student_id
where student_weeks.week_start = $monday::date
order by student_weeks.school_id, student_weeks.student_id
"""
SECTIONS = """
-- grain: one row per (student of the week, section that they sat in during it).
select distinct student_weeks.student_id, spans.class_id
from student_weeks
join enrollment_spans as spans on spans.user_id = student_weeks.student_id
where
    student_weeks.week_start = $monday::date
    and spans.role = 'student'
    and spans.start_date <= $monday::date + 6 and spans.end_date > $monday::date
order by all
"""


@dataclass(frozen=True)
class School:
    """The students of one school in one week."""

    students: NDArray[np.str_]  # (n,)
    grade: NDArray[np.str_]  # (n,) only to deal a placebo
    ties: Tensor  # (n, n) sections shared, uint8; 0 on the diagonal


def schools(con: duckdb.DuckDBPyConnection, monday: date) -> Iterator[School]:
    """Each school's students of a week and how many sections each two share then."""
    given: dict[str, Any] = {"monday": monday}
    nodes = con.sql(NODES, params=given).to_arrow_table()
    sections: dict[str, set[str]] = {}
    for student, section in con.sql(SECTIONS, params=given).fetchall():
        sections.setdefault(student, set()).add(section)
    school = np.asarray(nodes["school_id"].to_pylist(), dtype=np.str_)
    students = np.asarray(nodes["student_id"].to_pylist(), dtype=np.str_)
    grade = np.asarray(nodes["grade"].to_pylist(), dtype=np.str_)
    for name in np.unique(school):
        rows = school == name
        theirs = [sections.get(student, set()) for student in students[rows].tolist()]
        yield School(students[rows], grade[rows], ties_of(theirs))


def ties_of(sections: list[set[str]]) -> Tensor:
    """How many sections each two of n students share, (n, n) uint8."""
    column = {name: at for at, name in enumerate(sorted(set().union(*sections)))}
    sits = torch.zeros(len(sections), len(column))
    for row, names in enumerate(sections):
        sits[row, [column[name] for name in names]] = 1.0
    return (sits @ sits.T).fill_diagonal_(0.0).to(torch.uint8)


def dealt(ties: Tensor, grade: NDArray[np.str_], rng: np.random.Generator) -> Tensor:
    """The placebo: everyone gets the timetable of another student of the same grade, at random."""
    timetable = np.arange(len(grade))
    for each in np.unique(grade):
        rows = np.flatnonzero(grade == each)
        timetable[rows] = rng.permutation(rows)
    given = torch.from_numpy(timetable)
    return ties[given][:, given]


def means(values: Values, ties: Tensor) -> Values:
    """Classmates' means of known values, each as often as sections are shared; NaN for none.

    values: (n, F), NaN where unknown.  ties: (n, n).
    """
    known = ~np.isnan(values)
    weight = ties.numpy().astype(np.float32)
    total, n = weight @ np.where(known, values, np.float32(0)), weight @ known.astype(np.float32)
    return np.where(n > 0, total / np.where(n > 0, n, 1), np.nan).astype(np.float32)
