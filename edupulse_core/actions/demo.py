"""The demo district: write it as a bundle, or set it up in one step."""

from datetime import date
from pathlib import Path

from edupulse_core import demo
from edupulse_core.actions.imports import import_bundle, note_whose, refuse_mixing
from edupulse_core.actions.jobs import submit
from edupulse_core.actions.scores import score_week
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families.risk import NAME
from edupulse_core.lifecycle import registry
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.store import jobs, runs
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import snapshots


def write_demo(
    actor: Actor,
    out: Path,
    *,
    students: int,
    years: int = 2,
    weeks: int = 24,
    end: date | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a fictional district as an import bundle, with its truth in truth/.

    Raises RefusedError for a folder that holds anything but an earlier demo.
    """
    actor.require()
    found = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if found - {demo.UNFINISHED} and not (out / "truth").is_dir():
        raise RefusedError(f"{out}: the folder is not empty and holds no demo; choose another")
    demo.write(
        out,
        students=students,
        years=years,
        weeks=weeks,
        end=end,
        seed=demo.SEED if seed is None else seed,
        progress=progress,
    )


def setup_demo(
    actor: Actor,
    settings: Settings,
    *,
    students: int = 1200,
    train: bool = True,
    progress: Progress | None = None,
) -> bool:
    """Write, import and score the demo district, unless this home already has data.

    train: a worker also trains every family that has no version yet. That takes minutes, and the
    dashboard needn't wait for it: each family's answers appear once it is trained.
    Returns whether it was built. Raises RefusedError in a home that has seen a real district.
    """
    actor.require()
    store = open_store(settings)
    note_whose(settings, store)
    refuse_mixing(store, is_demo=True, found="a demo")
    is_missing = not _is_imported(settings)
    if is_missing:
        bundle = settings.data / "demo"
        demo.write(bundle, students=students, truth=False, progress=progress)
        import_bundle(actor, settings, bundle, progress=progress)
    if runs.latest_run(store, NAME) is None:
        score_week(actor, settings, progress=progress)
    if train:
        _submit_trainings(actor, settings, store)
    return is_missing


def _submit_trainings(actor: Actor, settings: Settings, store: Store) -> None:
    """Ask once for a training of each family without a version."""
    asked = {job.family for job in jobs.newest(store) if job.kind == "train"}
    for name in shelf.SHELF:
        if name not in asked and not registry.versions(settings, name):
            submit(actor, settings, "train", family=name)


def _is_imported(settings: Settings) -> bool:
    try:
        snapshots.current(settings)
    except MissingError:
        return False
    return True
