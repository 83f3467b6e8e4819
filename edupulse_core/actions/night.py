"""The nightly run: import, features, scores, monitoring."""

import time
from collections.abc import Callable
from pathlib import Path

from edupulse_core.actions.imports import import_bundle
from edupulse_core.actions.scores import score_week
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
    """Import a bundle, build its features, score its last week, and watch how the models do.

    on_import: called as soon as the import is published, even if scoring then fails.
    """
    imported = import_bundle(actor, settings, path, progress=progress)
    if on_import is not None:
        on_import(imported)
    began = time.monotonic()
    scored = score_week(actor, settings, progress=progress)
    seconds = time.monotonic() - began
    return imported, scored, monitor(actor, settings, seconds=seconds, progress=progress)
