"""Made-up classrooms with their records, to try paths in: the truth is known at every moment.

Students work through a course in about its order, a skill at a time, and answer items as they go.
How they learn is one of the two simulators of the path family.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.families.path import course as courses
from edupulse_core.families.path import simulators
from edupulse_core.families.path.course import Course
from edupulse_core.families.path.simulators import SESSIONS

Array = NDArray[np.float64]
Laws = Literal["known_or_not", "growing"]
STRANDS, EACH = 4, 15  # subjects, and skills in each
ANSWERS = 3  # of a session
GUESS, SLIP = 0.2, 0.05
BEGAN = date(2025, 9, 1)
DAYS = 5  # between a student's steps
ASTRAY = 0.15  # steps that leave the order of the course


@dataclass(frozen=True)
class Classroom:
    """A course, and how hard its skills are."""

    course: Course
    rise: Array  # (S,)
    hardness: Array  # (S,)
    laws: Laws


@dataclass(frozen=True)
class Lived:
    """N students after some time: their records, and where they truly stand."""

    con: DuckDBPyConnection
    who: list[str]
    state: Array  # (N, S) known (0 or 1), or ability
    until: date


def classroom(seed: int, laws: Laws) -> Classroom:
    """A course of its own for each seed; the same one under both laws."""
    draw = np.random.default_rng(seed)
    prerequisites: dict[str, list[str]] = {}
    for strand in range(STRANDS):
        for at in range(EACH):
            near = [f"{strand}-{each:02d}" for each in range(max(0, at - 4), at)]
            count = min(len(near), int(draw.integers(1, 4))) if at > 1 else 0
            own = list(draw.choice(near, count, replace=False)) if count else []
            if strand and at > 3 and draw.random() < 0.15:
                own.append(f"{strand - 1}-{int(draw.integers(0, at)):02d}")
            prerequisites[f"{strand}-{at:02d}"] = [str(each) for each in own]
    size = STRANDS * EACH
    hardness = np.tile(np.linspace(-0.5, 1.0, EACH), STRANDS) + 0.3 * draw.standard_normal(size)
    return Classroom(courses.of(prerequisites), draw.uniform(0.3, 0.9, size), hardness, laws)


def live(room: Classroom, n: int, seed: int) -> Lived:
    """Let n students work for some time, each for their own."""
    draw = np.random.default_rng(seed)
    course, size = room.course, room.course.size
    steps = draw.integers(3, 36, n)
    plan = _plans(course, steps, draw)
    state = _at_first(room, n, draw)
    first = state.copy()
    rows: list[tuple[Array, ...]] = []
    for turn in range(plan.shape[1]):
        step = plan[:, turn]
        active = np.flatnonzero(step >= 0)
        when = draw.integers(0, SESSIONS, n)  # at which session it comes, where it is known or not
        after = _after(room, state, step, draw) if room.laws == "known_or_not" else state
        for session in range(SESSIONS):
            if room.laws == "growing":
                state = simulators.session(course, room.rise, room.hardness, state, first, step)
            else:
                state = np.where((when <= session)[:, None], after, state)
            chance = _right(room, state)[active, step[active]]
            for answer in range(ANSWERS):
                right = draw.random(len(active)) < chance
                minute = np.full(len(active), 10 * session + answer)
                rows.append((active, np.full(len(active), turn), minute, step[active], right))
    return Lived(
        _records(course, rows, size),
        [f"student{at:05d}" for at in range(n)],
        state,
        BEGAN + timedelta(days=DAYS * plan.shape[1]),
    )


def gained(room: Classroom, lived: Lived, paths: NDArray[np.int64], *, draws: int = 8) -> Array:
    """The share of what was missing that the students have after their paths, (N,)."""
    if room.laws == "growing":
        last = simulators.growing(room.course, room.rise, room.hardness, lived.state, paths)
        return simulators.share_gained(
            _right(room, lived.state), simulators.right(last, room.hardness)
        )
    known = lived.state > 0.5
    found = [
        simulators.known_or_not(
            room.course, room.rise, known, paths, draw=np.random.default_rng(seed)
        )
        for seed in range(draws)
    ]
    last = np.mean(found, axis=0)
    return simulators.share_gained(known.astype(float), last)


def _at_first(room: Classroom, n: int, draw: np.random.Generator) -> Array:
    able = draw.standard_normal((n, 1))
    if room.laws == "growing":
        return -1.0 + 0.5 * able + 0.5 * draw.standard_normal((n, room.course.size))
    easy = 1 / (1 + np.exp(-(able - 1.5 - room.hardness)))
    known = draw.random((n, room.course.size)) < easy
    for at in range(room.course.size):  # nothing is known whose prerequisites are not
        known[:, at] &= known[:, room.course.before[at]].all(axis=1)
    return known.astype(float)


def _after(
    room: Classroom, state: Array, step: NDArray[np.int64], draw: np.random.Generator
) -> Array:
    known = simulators.known_or_not(room.course, room.rise, state > 0.5, step[:, None], draw=draw)
    return known.astype(float)


def _right(room: Classroom, state: Array) -> Array:
    if room.laws == "growing":
        return simulators.right(state, room.hardness)
    return GUESS + (1 - GUESS - SLIP) * state


def _plans(
    course: Course, steps: NDArray[np.int64], draw: np.random.Generator
) -> NDArray[np.int64]:
    """The skills that each student takes up: about in order, each strand at its own pace."""
    paths = np.full((len(steps), int(steps.max())), -1)
    for row, count in enumerate(steps):
        pace = draw.dirichlet(np.full(STRANDS, 2.0))
        begun = np.zeros(course.size, bool)
        for at in range(count):
            open_to = ~begun & ~(course.before & ~begun).any(axis=1)
            if draw.random() < ASTRAY:
                open_to = ~begun
            places = np.flatnonzero(open_to)
            depth = places % EACH
            chance = pace[places // EACH] * np.exp(-0.8 * (depth - depth.min()))
            skill = draw.choice(places, p=chance / chance.sum())
            paths[row, at], begun[skill] = skill, True
    return paths


def _records(course: Course, rows: list[tuple[Array, ...]], size: int) -> DuckDBPyConnection:
    who, turn, minute, skill, right = (np.concatenate(each) for each in zip(*rows, strict=True))
    con = duckdb.connect()
    sql.run(con, "warehouse/sql/schema")
    skills = pa.table(
        {
            "skill_id": list(course.skills),
            "prerequisites": [
                [course.skills[p] for p in np.flatnonzero(course.before[at])] for at in range(size)
            ],
        }
    )
    answers = pa.table({"who": who, "turn": turn, "minute": minute, "skill": skill, "right": right})
    con.register("made_skills", skills)
    con.register("made_answers", answers)
    con.execute("insert into skills by name select *, skill_id as title from made_skills")
    con.execute(
        "insert into items by name select skill_id as item_id, [skill_id] as skill_ids from skills"
    )
    names = pa.table({"skill": range(size), "name": list(course.skills)})
    con.register("made_names", names)
    con.execute(
        """
        insert into interactions by name
        select
            'student' || lpad(who::varchar, 5, '0') as student_id,
            name as item_id,
            $began::timestamp + to_days((turn * $days)::integer) + to_minutes(minute)
                as answered_at,
            "right" as is_correct
        from made_answers join made_names using (skill)
        """,
        {"began": BEGAN, "days": DAYS},
    )
    con.execute(
        "insert into user_roles by name select distinct student_id as user_id, 'student' as role "
        "from interactions"
    )
    return con
