"""A made-up district whose students like one of two subjects, and take what is near their level."""

from datetime import date, timedelta

import duckdb
import numpy as np
from duckdb import DuckDBPyConnection

from edupulse_core import sql

FIRST = date(2026, 9, 7)
SUBJECTS = ("math", "english")
EACH = 20  # resources of a subject


def fill(con: DuckDBPyConnection, students: int = 80, uses: int = 10, seed: int = 0) -> None:
    """Add skills, resources, students and their uses; even students like math."""
    rng = np.random.default_rng(seed)
    for subject in SUBJECTS:
        con.execute(
            "insert into skills (skill_id, title, subject) values ($id, $title, $id)",
            {"id": subject, "title": subject.title()},
        )
        for n in range(EACH):
            con.execute(
                "insert into resources values ($id, $id, $kind, [$skill], null, $level, 20, null)",
                {
                    "id": f"{subject}-{n:02}",
                    "kind": ("practice", "video")[n % 2],
                    "skill": subject,
                    "level": 1 + n % 5,
                },
            )
    rows = []
    for n in range(students):
        for at, thing in enumerate(rng.permutation(EACH)[:uses].tolist()):
            subject = SUBJECTS[n % 2] if rng.random() < 0.9 else SUBJECTS[1 - n % 2]
            rows.append((n, f"{subject}-{thing:02}", FIRST + timedelta(days=at)))
    given = {
        "n": [row[0] for row in rows],
        "thing": [row[1] for row in rows],
        "day": [row[2] for row in rows],
    }
    con.execute(
        """
        insert into users (user_id, grade)
        select printf('s%03d', n), (7 + n // 2 % 2)::varchar
        from range($students) as numbers(n)
        """,
        {"students": students},
    )
    con.execute(
        """
        insert into ratings
        select printf('s%03d', n), thing, day::date + interval 12 hour, 4, 20, true
        from (select unnest($n) as n, unnest($thing) as thing, unnest($day) as day)
        """,
        given,
    )


def use(
    con: DuckDBPyConnection,
    student: str,
    resource: str,
    day: date,
    *,
    rating: float | None = 4.0,
    done: bool = True,
) -> None:
    """One use of a resource at noon."""
    con.execute(
        "insert into ratings values ($s, $r, $at::date + interval 12 hour, $rating, 20, $done)",
        {"s": student, "r": resource, "at": day, "rating": rating, "done": done},
    )


def made(students: int = 80, uses: int = 10, seed: int = 0) -> DuckDBPyConnection:
    """The district in memory."""
    con = duckdb.connect()
    sql.run(con, "warehouse/sql/schema")
    fill(con, students, uses, seed)
    return con
