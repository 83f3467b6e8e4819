"""The cast's home with answers to items, and a model of mastery that serves there."""

from functools import cache
from pathlib import Path

import duckdb

from edupulse_core.config import Settings
from edupulse_core.lifecycle import registry, retraining
from edupulse_core.lifecycle.registry import Switch
from tests.families.tracing.conftest import fill
from tests.queries.conftest import build_home, score_cast

_CAST = """
insert into interactions (student_id, item_id, answered_at, is_correct)
select student, 'i1', timestamp '2026-11-02 09:00:00' + n * interval 1 day, n > 0
from (values ('ana'), ('dee')) as cast_(student), range(6) as days(n)
"""


@cache
def _answers() -> str:
    """The made-up students' records as SQL, beside answers of the cast."""
    with duckdb.connect() as con:
        fill(con, students=45, answers=30)
        told = []
        for table in ("skills", "items", "interactions"):
            rows = con.execute(f"select * from {table}").fetchall()
            values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
            told.append(f"insert into {table} values {values};")
    return "\n".join([*told, _CAST])


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if value is None or isinstance(value, bool | int | float):
        return "null" if value is None else str(value).lower()
    return f"'{value}'"


def home_with_mastery(folder: Path) -> Settings:
    """The home, scored, and trained on the answers."""
    settings = build_home(folder, more=_answers())
    score_cast(settings)
    version = retraining.train(settings, "tracing")["version"]
    registry.activate(settings, "tracing", version, Switch("operator", "to serve"))
    return settings
