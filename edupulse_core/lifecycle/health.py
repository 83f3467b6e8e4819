"""Whether this home's scores may be shown as current: the data, the scores and the model."""

from datetime import date
from functools import lru_cache

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.features import build
from edupulse_core.inference import health
from edupulse_core.lifecycle.registry import chosen_version
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots


def problems(settings: Settings) -> list[str]:
    """What is wrong, each in a sentence for a banner; with any of them, show no score as new."""
    snapshot = snapshots.current(settings)
    try:
        return health.check(
            settings,
            open_store(settings),
            snapshot,
            chosen_version(settings, "risk"),
            data_end=data_end(settings),
        )
    except (MissingError, ModelError) as error:
        return [f"{str(error)[:1].upper()}{str(error)[1:]}."]


def data_end(settings: Settings) -> date:
    """The Sunday of the latest week with data. Raises MissingError before there are features."""
    return _data_end(settings, snapshots.current(settings).version)


@lru_cache(maxsize=8)
def _data_end(settings: Settings, version: str) -> date:
    """Kept by version: a snapshot and its features never change."""
    with snapshots.connect(settings, features=True) as con:
        return build.as_of(con)
