"""Made-up applicants with known odds, in a warehouse in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import Rules, Settings
from edupulse_core.families.admission.examples import PLACE
from edupulse_core.families.admission.family import ADMISSION
from edupulse_core.families.family import Split
from edupulse_core.training.calibration import sigmoid
from tests.queries.conftest import build_home

PROGRAMS = 12
OUTCOMES = ("admitted", "denied", "waitlisted", "withdrawn", None)


def fill(con: DuckDBPyConnection, students: int = 220, each: int = 4, seed: int = 0) -> None:
    """Programs and applications whose outcome follows grades, scores and the admit rate."""
    rng = np.random.default_rng(seed)
    rate = np.linspace(0.1, 0.9, PROGRAMS)
    con.execute(
        "insert into programs select unnest($id), unnest($id), 'A college', "
        "unnest($tier), unnest($gpa), unnest($rate)",
        {
            "id": [f"P{at:02}" for at in range(PROGRAMS)],
            "tier": np.clip(np.round(1 + 4 * (1 - rate)), 1, 5).astype(int).tolist(),
            "gpa": (3.8 - 1.6 * rate).tolist(),
            "rate": rate.tolist(),
        },
    )
    rows = []
    for student in range(students):
        gpa = float(np.clip(rng.normal(3.1, 0.5), 1.5, 4.0))
        score = float(np.round(400 * gpa + rng.normal(0, 90)))
        for n, program in enumerate(rng.choice(PROGRAMS, each, replace=False)):
            odds = 2.2 * (gpa - 3.1) + (score - 1240) / 250 + np.log(rate[program] / 0.5) * 1.5
            came = OUTCOMES[0] if rng.random() < 1 / (1 + np.exp(-odds)) else OUTCOMES[1]
            if rng.random() < 0.08:
                came = OUTCOMES[rng.integers(2, 5)]
            rows.append(
                {
                    "application_id": f"A{student:04}-{n}",
                    "student_id": f"S{student:04}",
                    "program_id": f"P{program:02}",
                    "applied_on": date(2025, 10, 1) + timedelta(days=int(rng.integers(0, 120))),
                    "outcome": came,
                    "gpa": round(gpa, 2),
                    "test_score": score,
                    "language_score": None,
                    "statement": float(rng.integers(1, 6)),
                    "letters": float(rng.integers(1, 6)) if rng.random() < 0.9 else None,
                    "has_research": bool(rng.random() < 0.3),
                    "extracurriculars": float(rng.integers(0, 7)),
                    "rank_in_class": float(rng.integers(1, 200)),
                }
            )
    con.register("made", pa.Table.from_pylist(rows))
    con.execute("insert into applications by name select * from made")
    con.unregister("made")
    con.execute(
        "insert into demographics (user_id, sex, race) select distinct student_id, "
        "if(hash(student_id) % 2 = 0, 'female', 'male'), "
        "if(hash(student_id) % 3 = 0, 'white', 'hispanic') from applications"
    )


def true_odds(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The odds that `fill` drew the outcomes by."""
    gpa, score, rate = (x[:, PLACE[name]] for name in ("gpa", "test_score", "admit_rate"))
    return sigmoid(2.2 * (gpa - 3.1) + (score - 1240) / 250 + np.log(rate / 0.5) * 1.5)


@contextmanager
def warehouse(students: int = 220) -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        fill(con, students)
        yield con


def split_of(con: DuckDBPyConnection) -> Split:  # type: ignore[type-arg]
    return ADMISSION.splits(ADMISSION.read(con, Rules()))[0]


def home_with_applicants(folder: Path) -> Settings:
    """The cast's home with applications: of made-up applicants, and two of Ana's, not decided."""
    with warehouse() as con:
        for name in ("programs", "applications", "demographics"):
            con.execute(f"copy {name} to '{folder / name}.parquet'")
    more = [
        f"insert into {name} by name from '{folder / name}.parquet'"
        for name in ("programs", "applications", "demographics")
    ]
    more.append(
        "insert into applications (application_id, student_id, program_id, applied_on, gpa, "
        "test_score, statement, extracurriculars) values "
        "('ana-1', 'ana', 'P03', '2026-10-20', 3.2, 1250, 3, 2), "
        "('ana-2', 'ana', 'P07', '2026-11-01', null, 1300, 4, 2)"
    )
    return build_home(folder / "home", more="; ".join(more))
