"""Scoring a week, why there may be no score, and one student's explanation for the operator."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from edupulse_core.actions.noting import note, note_export
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, ModelError
from edupulse_core.families.risk import NAME, student
from edupulse_core.families.risk.engine import load
from edupulse_core.families.risk.score import ScoreRun, score
from edupulse_core.families.risk.score_file import write_scores
from edupulse_core.features import build as features
from edupulse_core.lifecycle import health
from edupulse_core.lifecycle.registry import active_version
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots

Progress = Callable[[str, int, int], None]


def score_week(
    settings: Settings, *, as_of: date | None = None, progress: Progress | None = None
) -> ScoreRun:
    """Score every student enrolled in the as-of week with the active version."""
    snapshot = snapshots.current(settings)
    features.ensure(settings, snapshot)
    engine = load(active_version(settings, NAME), form=settings.inference_form)
    run = score(settings, engine, snapshot, as_of=as_of, progress=progress)
    note(
        open_store(settings),
        "score",
        engine.version,
        {"as_of": run.as_of.isoformat(), "students": len(run.rows)},
    )
    return run


def export_scores(settings: Settings, run: ScoreRun, out: Path) -> None:
    """Write a run's scores to a file."""
    store = open_store(settings)
    write_scores(run, out)
    note_export(store, "scores", out, len(run.rows))


def why_no_scores(settings: Settings, *, progress: Progress | None = None) -> list[str]:
    """Why the pages show no score now, in their sentences; empty where they show them."""
    try:
        snapshot = snapshots.current(settings)
        features.ensure(settings, snapshot, progress=progress)
        with snapshots.connect(settings, snapshot, features=True) as con:
            end = features.as_of(con)
    except InputError as error:
        return [f"No score can be shown: {error}."]
    try:
        folder = active_version(settings, NAME)
    except (MissingError, ModelError) as error:
        return [health.unusable(error)]
    return health.check(settings, open_store(settings), snapshot, NAME, folder, data_end=end)


def explain_student(
    settings: Settings, student_id: str, *, as_of: date | None = None
) -> dict[str, Any]:
    """Why the active version gives a student the score that it does, for the operator."""
    snapshot = snapshots.current(settings)
    features.ensure(settings, snapshot)
    folder = active_version(settings, NAME)
    found = student.explain_student(settings, folder, snapshot, student_id, as_of=as_of)
    note(open_store(settings), "explain", student_id, {"as_of": found.as_of.isoformat()})
    return found.as_json()
