"""The cast's home with study sessions of many students, and some of Ana's lately."""

from pathlib import Path

import duckdb

from edupulse_core.config import Settings
from tests.families.study_time.simulated import fill
from tests.queries.conftest import build_home, publish

TABLES = ("skills", "learners", "study_sessions")
LATELY = """
insert into study_sessions values
    ('a1', 'ana', 'k01', '2026-10-20 16:00', 2.5, 'reading', 'home', 3, 3, 1),
    ('a2', 'ana', 'k02', '2026-11-02 16:30', 3.0, 'reading', 'home', 4, 2, 1),
    ('a3', 'ana', 'k01', '2026-11-10 17:00', 2.0, 'practice', 'home', 3, 2, 0);
insert into learners values ('ana', 14, 'middle school', 'visual', 30);
"""


def study_home(folder: Path, students: int = 60) -> Settings:
    """A home in which study time can be learned; nothing is trained yet."""
    return build_home(folder, more=_inserts(students) + LATELY)


def with_longer_sessions(home: Settings, count: int, students: int = 60) -> None:
    """The same home a day later: some sessions of the last week took 20 hours each."""
    rows = ", ".join(
        f"('late{n}', 's{n:03}', 'k{n:02}', '2026-11-{11 + n % 4} 09:00', 20.0, 'reading', 'home', "
        "3, 3, 1)"
        for n in range(count)
    )
    more = f"insert into study_sessions values {rows};"
    publish(home, "20261117T060000000000-cast", more=_inserts(students) + LATELY + more)


def _inserts(students: int) -> str:
    """The simulated tables as statements, their days moved up to the end of the cast's data."""
    found = []
    with duckdb.connect() as con:
        fill(con, students, 10)
        con.execute("update study_sessions set started_at = started_at + interval 80 day")
        for table in TABLES:
            rows = con.execute(f"select * from {table}").fetchall()
            values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
            found.append(f"insert into {table} values {values};")
    return "\n".join(found)


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int | float | list) else f"'{value}'"
