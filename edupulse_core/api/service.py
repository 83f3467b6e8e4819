"""The service itself: what it is, whether it lives, whether it can answer, what it counts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

import edupulse_core
from edupulse_core.api import meters
from edupulse_core.api.caller import Counted, Home
from edupulse_core.queries import readiness

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
    return Greeting(message="EduPulse API", version=edupulse_core.__version__, docs="/docs")


@router.get("/health")
def health(settings: Home) -> Health:
    """Say that the process lives."""
    here = settings.api.environment or ("demo" if readiness.is_demo(settings) else "production")
    return Health(status="healthy", timestamp=datetime.now(UTC), environment=here)


@router.get("/ready", responses={503: {"model": Readiness, "description": "Not ready"}})
def ready(settings: Home, response: Response) -> Readiness:
    """Say whether questions can be answered now."""
    found = readiness.checks(settings)
    is_ready = all(found.values())
    if not is_ready:
        response.status_code = 503
    return Readiness(
        status="ready" if is_ready else "not ready",
        checks=Checks(**found, ready=is_ready),
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
