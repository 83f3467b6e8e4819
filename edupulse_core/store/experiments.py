"""Experiments: a challenger beside the champion, and how each ended."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import experiments

SHADOW = "shadow"  # the challenger answers each night; nobody sees it
AB = "ab"  # a share of the students are shown the challenger's answers
PROMOTED = "promoted"
STOPPED = "stopped"


@dataclass(frozen=True)
class Experiment:
    """A challenger beside the champion."""

    experiment_id: str
    family: str
    champion: str
    challenger: str
    mode: str  # shadow, ab
    share: float  # of the students to whom the challenger is shown; 0 in a shadow
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    outcome: str | None = None  # promoted, stopped
    reason: str | None = None  # of the end

    @property
    def is_running(self) -> bool:
        """Whether nobody has ended it."""
        return self.ended_at is None


def start(store: Store, experiment: Experiment) -> None:
    """Keep a new experiment. Raises RefusedError if one of the family is running."""
    with store.writing() as connection:
        now = _running(connection, experiment.family)
        if now is not None:
            raise RefusedError(
                f"experiment {now.experiment_id} is running already ({now.champion} and "
                f"{now.challenger}): promote or stop it first"
            )
        connection.execute(insert(experiments), asdict(experiment))


def end(
    store: Store,
    experiment_id: str,
    *,
    outcome: str,
    actor: str,
    reason: str,
    at: datetime,
) -> bool:
    """End an experiment; False if it had ended."""
    query = update(experiments).where(
        experiments.c.experiment_id == experiment_id, experiments.c.ended_at.is_(None)
    )
    values = {"ended_at": at, "ended_by": actor, "outcome": outcome, "reason": reason}
    with store.writing() as connection:
        return bool(connection.execute(query.values(values)).rowcount)


def read(store: Store, experiment_id: str) -> Experiment:
    """One experiment. Raises MissingError where there is none."""
    query = select(experiments).where(experiments.c.experiment_id == experiment_id)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise MissingError(f"no experiment {experiment_id!r}")
    return Experiment(**row._mapping)


def listed(
    store: Store, family: str | None = None, *, modes: Collection[str] = (SHADOW, AB)
) -> list[Experiment]:
    """Every experiment, the newest first."""
    query = select(experiments).where(experiments.c.mode.in_(modes))
    if family is not None:
        query = query.where(experiments.c.family == family)
    query = query.order_by(experiments.c.started_at.desc(), experiments.c.experiment_id)
    with store.reading() as connection:
        return [Experiment(**row._mapping) for row in connection.execute(query)]


def running(store: Store, family: str) -> Experiment | None:
    """The experiment of a family that nobody has ended."""
    with store.reading() as connection:
        return _running(connection, family)


def _running(connection: Connection, family: str) -> Experiment | None:
    query = select(experiments).where(
        experiments.c.family == family, experiments.c.ended_at.is_(None)
    )
    row = connection.execute(query.order_by(experiments.c.started_at.desc()).limit(1)).first()
    return Experiment(**row._mapping) if row is not None else None
