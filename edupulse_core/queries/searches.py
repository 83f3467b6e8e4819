"""The searches for better settings of a model, for whoever looks after the models."""

from functools import lru_cache

from edupulse_core.config import Settings
from edupulse_core.families import shelf
from edupulse_core.lifecycle import studies
from edupulse_core.lifecycle.studies import Study


def searches(settings: Settings, family: str) -> list[str]:
    """The names of a family's searches, the newest first."""
    return studies.studies(settings, shelf.check_name(family))


def search(settings: Settings, family: str, name: str) -> Study:
    """A search with all its trials, also while it goes on. Raises InputError without one."""
    kept = studies.folder(settings, shelf.check_name(family)) / f"{name}.journal"
    at = kept.stat().st_mtime_ns if kept.is_file() else 0
    return _read(settings, family, name, at)


@lru_cache(maxsize=32)
def _read(settings: Settings, family: str, name: str, at: int) -> Study:
    """The search as its file was at that moment: to read it and to weigh its settings is slow."""
    return studies.study(settings, family, name)
