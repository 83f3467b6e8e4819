"""The service itself: what it is, whether it lives, whether it can answer, what it counts."""

from collections.abc import Callable
from datetime import UTC, datetime

import duckdb
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from edupulse_core import __version__
from edupulse_core.api import meters
from edupulse_core.api.caller import Counted, Home
from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError
from edupulse_core.families.risk import NAME
from edupulse_core.lifecycle import registry
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import jobs
from edupulse_core.warehouse import snapshots

router = APIRouter(tags=["service"])


class Greeting(BaseModel):
    """What answers here."""

    message: str
    version: str
    docs: str


class Health(BaseModel):
    """The process lives."""

    status: str = Field(examples=["healthy"])
    timestamp: datetime
    environment: str


class Checks(BaseModel):
    """What answers need, each by itself."""

    database: bool
    warehouse: bool
    model: bool
    queue: bool
    ready: bool


class Readiness(BaseModel):
    """Whether questions can be answered now."""

    status: str = Field(examples=["ready", "not ready"])
    checks: Checks
    timestamp: datetime


@router.get("/")
def greet() -> Greeting:
    """Say what this is."""
    return Greeting(message="EduPulse API", version=__version__, docs="/docs")


@router.get("/health")
def health(settings: Home) -> Health:
    """Say that the process lives."""
    return Health(
        status="healthy", timestamp=datetime.now(UTC), environment=settings.api.environment
    )


@router.get("/ready", responses={503: {"model": Readiness, "description": "Not ready"}})
def ready(settings: Home, response: Response) -> Readiness:
    """Say whether questions can be answered now."""
    database, warehouse = _works(_read_store, settings), _works(_read_warehouse, settings)
    model, queue = _works(_read_model, settings), _works(_read_queue, settings)
    is_ready = database and warehouse and model and queue
    if not is_ready:
        response.status_code = 503
    return Readiness(
        status="ready" if is_ready else "not ready",
        checks=Checks(
            database=database, warehouse=warehouse, model=model, queue=queue, ready=is_ready
        ),
        timestamp=datetime.now(UTC),
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "In Prometheus's format."}},
)
def metrics(counted: Counted) -> Response:
    """What the server counts about itself."""
    return Response(counted.text(), media_type=meters.MEDIA_TYPE)


def _works(check: Callable[[Settings], None], settings: Settings) -> bool:
    try:
        check(settings)
    except (EduPulseError, duckdb.Error, OSError):
        return False
    return True


def _read_store(settings: Settings) -> None:
    with open_store(settings).reading() as connection:
        connection.exec_driver_sql("select 1")


def _read_warehouse(settings: Settings) -> None:
    snapshots.current(settings)


def _read_model(settings: Settings) -> None:
    registry.active_version(settings, NAME)


def _read_queue(settings: Settings) -> None:
    with open_store(settings).reading() as connection:
        connection.execute(jobs.select().limit(1))
