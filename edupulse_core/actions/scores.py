"""Score a week, explain a student's score, and say why there may be no score."""

from datetime import date
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.families import shelf
from edupulse_core.families.family import Scored
from edupulse_core.families.risk import NAME, serve, student
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.reasons import in_full
from edupulse_core.families.risk.score import draw
from edupulse_core.features import build as features
from edupulse_core.lifecycle import experiments, registry, serving
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.queries.district import open_district, standing
from edupulse_core.warehouse import snapshots

ROLES = ("steward", "district")


def score_week(
    actor: Actor,
    settings: Settings,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Score every student enrolled in the as-of week with the active version."""
    actor.require(*ROLES)
    with trail.act(settings, actor, trail.SCORE, shelf.nightly()) as act:
        run = serving.night(settings, shelf.nightly(), as_of=as_of, progress=progress)
        act.subjects = [run.version]
        act.details = {"as_of": run.as_of.isoformat(), "students": len(run.rows)}
    return run


def draw_week(actor: Actor, settings: Settings, *, progress: Progress | None = None) -> int:
    """Work out the heatmaps that the week's scoring left open, so that pages only read them."""
    actor.require(*ROLES)
    engine = serve.load(registry.active_version(settings, NAME), form=settings.inference_form)
    return draw(settings, engine, snapshots.current(settings), progress=progress)


def export_scores(actor: Actor, settings: Settings, run: Scored, out: Path) -> None:
    """Write a run's scores to a file."""
    actor.require()
    details = {"file": out.name, "rows": len(run.rows)}
    with trail.act(settings, actor, trail.EXPORT, "scores", details=details):
        run.write(out)


def why_no_scores(settings: Settings, *, progress: Progress | None = None) -> list[str]:
    """Why the pages show no scores now, in the same sentences; empty if they show them."""
    try:
        features.ensure(settings, snapshots.current(settings), progress=progress)
        return list(standing(settings).problems)
    except InputError as error:
        return [f"No score can be shown: {error}."]


def cautions(settings: Settings) -> list[str]:
    """What to know before relying on a score here: why no page shows one, and what is untested."""
    found = standing(settings)
    known = [*found.problems, *found.notes]
    if found.evaluated:
        return known
    return [
        *known,
        "This model has not been tested on this district's own weeks yet. "
        f"Run `edupulse evaluate {NAME}`.",
    ]


def explain_student(
    actor: Actor, settings: Settings, student_id: str, *, as_of: date | None = None
) -> dict[str, Any]:
    """Explain a student's score by the version that they are shown."""
    if actor.viewer is not None:
        open_district(settings).why(actor.viewer, student_id)
    snapshot = snapshots.current(settings)
    features.ensure(settings, snapshot)
    folder = experiments.serving_folder(settings, NAME, student_id)
    found = student.explain_student(settings, folder, snapshot, student_id, as_of=as_of)
    details = {"as_of": found.as_of.isoformat()}
    trail.note(settings, actor, trail.EXPLAIN, student_id, details)
    said = found.as_json()
    if found.explanation is not None:
        said["factors"] = [_in_words(factor, settings) for factor in found.explanation.factors]
    return said


def _in_words(factor: Factor, settings: Settings) -> dict[str, Any]:
    """The fields of a factor and its sentence."""
    return factor.as_json() | {"group": factor.group, "sentence": in_full(factor, settings)}
