"""The nightly run: import, features, scores."""

from collections.abc import Callable
from pathlib import Path

from edupulse_core.actions.imports import import_bundle
from edupulse_core.actions.scores import score_week
from edupulse_core.config import Settings
from edupulse_core.families.family import Scored
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
) -> tuple[ingest.Summary, Scored]:
    """Import a bundle, build its features, and score its last week.

    on_import: called as soon as the import is published, even if scoring then fails.
    """
    imported = import_bundle(actor, settings, path, progress=progress)
    if on_import is not None:
        on_import(imported)
    return imported, score_week(actor, settings, progress=progress)
