"""The demo district, set up in one go."""

from collections.abc import Callable

from edupulse_core import demo
from edupulse_core.actions.imports import import_bundle, note_whose, refuse_mixing
from edupulse_core.actions.scores import score_week
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.risk import NAME
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots

Progress = Callable[[str, int, int], None]


def setup_demo(
    settings: Settings, *, students: int = 1200, progress: Progress | None = None
) -> bool:
    """Write, import and score the demo district, unless this home already has data.

    Returns whether it was built. Raises RefusedError in a home that has seen a real district.
    """
    store = open_store(settings)
    note_whose(settings, store)
    refuse_mixing(store, is_demo=True, found="the demo")
    is_missing = not _is_imported(settings)
    if is_missing:
        bundle = settings.data / "demo"
        demo.write(bundle, students=students, truth=False, progress=progress)
        import_bundle(settings, bundle, progress=progress)
    if runs.latest_run(store, NAME) is None:
        score_week(settings, progress=progress)
    return is_missing


def _is_imported(settings: Settings) -> bool:
    try:
        snapshots.current(settings)
    except MissingError:
        return False
    return True
