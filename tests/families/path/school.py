"""A small made-up school: skills in a few strands, and students who work through them."""

from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from edupulse_core import sql

BEGAN = datetime(2026, 1, 5, 9)
SKILLS = {  # skill: its prerequisites
    "add": [],
    "multiply": ["add"],
    "divide": ["multiply"],
    "fractions": ["divide"],
    "ratios": ["fractions"],
    "words": [],
    "sentences": ["words"],
    "essays": ["sentences"],
}


def empty(skills: dict[str, list[str]] | None = None) -> DuckDBPyConnection:
    """A warehouse with skills, an item for each, and no answers."""
    con = duckdb.connect()
    sql.run(con, "warehouse/sql/schema")
    for skill, prerequisites in (SKILLS if skills is None else skills).items():
        con.execute(
            "insert into skills by name select $id as skill_id, $id as title, $needs as "
            "prerequisites",
            {"id": skill, "needs": prerequisites},
        )
        con.execute(
            "insert into items by name select $id as item_id, [$id] as skill_ids", {"id": skill}
        )
    return con


def enroll(con: DuckDBPyConnection, *students: str) -> None:
    con.execute(
        "insert into user_roles by name select unnest($students) as user_id, 'student' as role",
        {"students": [*students]},
    )


def answer(con: DuckDBPyConnection, student: str, item: str, right: str, *, day: int = 0) -> None:
    """Answers to an item on a day: "110" is two right ones and a wrong one."""
    for at, each in enumerate(right):
        con.execute(
            "insert into interactions by name select $student as student_id, $item as item_id, "
            "$at as answered_at, $right as is_correct",
            {
                "student": student,
                "item": item,
                "at": BEGAN + timedelta(days=day, minutes=at),
                "right": each == "1",
            },
        )


def school(n: int = 60, seed: int = 0) -> DuckDBPyConnection:
    """Students who take up the skills about in order and get better at each."""
    con, draw = empty(), np.random.default_rng(seed)
    rows = []
    for who in range(n):
        left, day = list(SKILLS), 0
        for _ in range(int(draw.integers(3, len(SKILLS) + 1))):
            begun = [each for each in SKILLS if each not in left]
            open_to = [each for each in left if all(need in begun for need in SKILLS[each])]
            skill = str(draw.choice(open_to))
            left.remove(skill)
            rows += [
                {
                    "student_id": f"student{who:03d}",
                    "item_id": skill,
                    "answered_at": BEGAN + timedelta(days=day, minutes=at),
                    "is_correct": bool(draw.random() < 0.3 + 0.08 * at),
                }
                for at in range(8)
            ]
            day += 3
    table = pa.Table.from_pylist(rows)
    con.register("made", table)
    con.execute("insert into interactions by name select * from made")
    enroll(con, *(f"student{who:03d}" for who in range(n)))
    return con
