"""Made-up students who learn four skills by answering, in a warehouse in memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.families.family import Split
from edupulse_core.families.tracing import examples as cases
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.family import TRACING

SKILLS = ("add", "divide", "graph", "solve")
FIRST = datetime(2026, 9, 7, 9)
STUDENTS, ANSWERS = 90, 40


def fill(con: DuckDBPyConnection, students: int = STUDENTS, answers: int = ANSWERS) -> None:
    """Items of one or two skills; a student gets better at a skill with each answer to it."""
    sql.run(con, "warehouse/sql/schema")
    con.executemany(
        "insert into skills (skill_id, title, subject) values (?, ?, 'math')",
        [(each, each.capitalize()) for each in SKILLS],
    )
    rng = np.random.default_rng(5)
    items = [(f"i{n}", [SKILLS[n % 4]] if n % 5 else [SKILLS[n % 4], SKILLS[(n + 1) % 4]])
             for n in range(24)]  # fmt: skip
    con.executemany("insert into items (item_id, skill_ids) values (?, ?)", items)
    hard = rng.normal(0, 1.2, len(items))
    rows = []
    for student in range(students):
        able, practice = rng.normal(0, 1.2), dict.fromkeys(SKILLS, 0)
        for at in range(answers):
            which = int(rng.integers(len(items)))
            known = np.mean([practice[skill] for skill in items[which][1]])
            logit = able - hard[which] + 0.25 * known - 0.5
            right = bool(rng.random() < 1 / (1 + np.exp(-logit)))
            when = FIRST + timedelta(days=int(at), minutes=student)
            rows.append((f"s{student:02}", items[which][0], when, right))
            for skill in items[which][1]:
                practice[skill] += 1
    con.executemany(
        "insert into interactions (student_id, item_id, answered_at, is_correct) "
        "values (?, ?, ?, ?)",
        rows,
    )


@pytest.fixture(scope="package")
def con() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as made:
        fill(made)
        yield made


@pytest.fixture(scope="package")
def examples(con: DuckDBPyConnection) -> Examples:
    return cases.read(con)


@pytest.fixture(scope="package")
def split(examples: Examples) -> Split[Examples]:
    return TRACING.splits(examples)[0]
