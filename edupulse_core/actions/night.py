"""The nightly run: import, features, scores, heatmaps, monitoring."""

import time
from collections.abc import Callable
from pathlib import Path

from edupulse_core.actions import difficulty
from edupulse_core.actions.imports import import_bundle
from edupulse_core.actions.scores import draw_week, score_week
from edupulse_core.actions.watching import monitor
from edupulse_core.config import Settings
from edupulse_core.families.family import Scored
from edupulse_core.lifecycle.monitoring import Night
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.warehouse import ingest


def nightly(
    actor: Actor,
    settings: Settings,
    path: Path,
    *,
    progress: Progress | None = None,
    on_import: Callable[[ingest.Summary], None] | None = None,
) -> tuple[ingest.Summary, Scored, list[Night]]:
    """Import a bundle, build its features, score and draw its last week, and watch the models.

    Texts that came without a level get one, where a version that knows levels serves.

    on_import: called as soon as the import is published, even if scoring then fails.
    """
    imported = import_bundle(actor, settings, path, progress=progress)
    if on_import is not None:
        on_import(imported)
    scored, watched = after_import(actor, settings, progress=progress)
    return imported, scored, watched


def after_import(
    actor: Actor, settings: Settings, *, progress: Progress | None = None
) -> tuple[Scored, list[Night]]:
    """What the night does with data that are there: score and draw the last week, and watch."""
    began = time.monotonic()
    scored = score_week(actor, settings, progress=progress)
    seconds = time.monotonic() - began
    draw_week(actor, settings, progress=progress)
    difficulty.known_levels(actor, settings)
    return scored, monitor(actor, settings, seconds=seconds, progress=progress)
