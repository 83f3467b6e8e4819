"""The cast's home with answers to items, and a model of paths that serves there."""

from pathlib import Path

from edupulse_core.config import Settings
from edupulse_core.lifecycle import registry, retraining
from edupulse_core.lifecycle.registry import Switch
from tests.families.path.school import school
from tests.queries.conftest import build_home, score_cast

TABLES = ("skills", "items", "interactions")
ANA = """
insert into interactions (student_id, item_id, answered_at, is_correct)
select 'ana', skill, timestamp '2026-11-02 09:00:00' + n * interval 1 minute, n > 0
from (values ('add'), ('words')) as begun(skill), range(10) as answers(n)
"""


def home_with_paths(folder: Path, students: int = 60) -> Settings:
    """The home, scored, and trained on the made-up school's answers."""
    made = school(students)
    for table in TABLES:
        made.execute(f"copy {table} to '{folder / table}.parquet'")
    more = "".join(
        f"insert into {table} by name from read_parquet('{folder / table}.parquet');"
        for table in TABLES
    )
    settings = build_home(folder / "home", more=more + ANA)
    score_cast(settings)
    serve(settings, "path", "lookahead")
    return settings


def serve(settings: Settings, family: str, algorithm: str) -> None:
    """Train a version, and let it serve."""
    version = retraining.train(settings, family, algorithm=algorithm)["version"]
    registry.activate(settings, family, version, Switch("operator", "to serve"))
