"""Study sessions with planted hours, for tests and for the benchmark without a demo."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.families.study_time.examples import StudyExamples, read

FIRST = datetime(2026, 1, 5)
METHODS = ("reading", "practice", "video", "group", "other")
PLACES = ("home", "library", "school", "cafe", "other")
FACTORS = {"reading": 1.0, "practice": 0.9, "video": 1.1, "group": 1.25, "other": 1.05}
NOISE = 0.3  # of log hours


@dataclass(frozen=True)
class Simulated:
    """The examples, and what each would take without noise."""

    examples: StudyExamples
    truth: NDArray[np.float64]  # (N,) median hours, in the order of the examples


def fill(
    con: DuckDBPyConnection, students: int = 60, sessions: int = 12, seed: int = 0, skills: int = 20
) -> NDArray[np.float64]:
    """Write skills, learners and sessions into a new warehouse; returns the planted hours."""
    rng = np.random.default_rng(seed)
    sql.run(con, "warehouse/sql/schema")
    difficulty = rng.integers(1, 11, skills).astype(float)
    base = np.round(rng.uniform(0.5, 3.0, skills), 1)
    topics = rng.choice(["math", "english", "science"], skills)
    kinds = rng.choice(["reading", "practice", "video"], skills)
    skill_rows = [
        (f"k{n:02}", f"Skill {n}", topics[n], f"{9 + n % 4}", [], difficulty[n], base[n], kinds[n])
        for n in range(skills)
    ]
    con.executemany("insert into skills values (?, ?, ?, ?, ?, ?, ?, ?)", skill_rows)
    learners, rows, truth = [], [], []
    for n in range(students):
        pace, focus = rng.normal(0, 0.25), float(rng.integers(15, 60))
        learners.append((f"s{n:03}", 14.0 + n % 5, "high school", "visual", focus))
        starts = np.sort(rng.uniform(0, 200, sessions))
        for at, start in enumerate(starts):
            skill = rng.integers(skills)
            energy, distraction = rng.integers(1, 6, 2)
            method, place = rng.choice(METHODS), rng.choice(PLACES)
            log_hours = (
                np.log(base[skill])
                + 0.04 * (difficulty[skill] / (focus / 60) - 8)
                - 0.05 * (energy - distraction)
                + np.log(FACTORS[method])
                + pace
            )
            hours = np.clip(np.exp(log_hours + rng.normal(0, NOISE)), 0.05, 24)
            began = FIRST + timedelta(days=int(start), hours=float(rng.integers(8, 22)))
            rows.append(
                (
                    f"x{n:03}-{at:03}", f"s{n:03}", f"k{skill:02}", began + timedelta(minutes=at),
                    float(hours), method, place, float(energy), float(distraction),
                    int(rng.integers(0, 4)),
                )
            )  # fmt: skip
            truth.append((f"s{n:03}", rows[-1][3], float(np.exp(log_hours))))
    con.register("made", _columns(rows))
    con.execute("insert into study_sessions select * from made")
    con.unregister("made")
    con.executemany("insert into learners values (?, ?, ?, ?, ?)", learners)
    return np.array([hours for *_, hours in sorted(truth)])


def _columns(rows: list[tuple[object, ...]]) -> pa.Table:
    return pa.table([list(column) for column in zip(*rows, strict=True)], names=list("abcdefghij"))


def simulated(students: int = 60, sessions: int = 12, seed: int = 0) -> Simulated:
    """A small district's sessions."""
    with duckdb.connect() as con:
        truth = fill(con, students, sessions, seed)
        return Simulated(read(con), truth)
