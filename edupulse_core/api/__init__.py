"""The HTTP API: parses, calls a query or an action, answers in JSON.

`app(settings)` makes it; `edupulse api` serves it.
"""

from fastapi import FastAPI

import edupulse_core
from edupulse_core.api import (
    admission,
    difficulty,
    documentation,
    evaluations,
    experiments,
    jobs,
    learning,
    mastery,
    models,
    paths,
    predictions,
    problems,
    recommend,
    service,
    students,
    study_time,
    training,
    updates,
    watching,
)
from edupulse_core.api.gate import Gate
from edupulse_core.api.meters import Meters
from edupulse_core.config import Settings, load_settings

ROOMS = (
    service,
    learning,
    recommend,
    paths,
    mastery,  # before students, whose address of one student fits any
    students,
    predictions,
    study_time,
    training,
    jobs,
    evaluations,
    models,
    experiments,
    watching,
    updates,
    admission,
    difficulty,
)
TITLE = "EduPulse"
ABOUT = "Which students need help this week, how strongly, and why."


def app(settings: Settings) -> FastAPI:
    """The API of one home."""
    made = FastAPI(
        title=TITLE,
        description=ABOUT,
        version=edupulse_core.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    made.state.settings = settings
    made.state.meters = meters = Meters(settings)
    problems.install(made)
    documentation.install(made)
    for room in ROOMS:
        made.include_router(room.router)
    made.add_middleware(Gate, settings=settings, meters=meters)
    return made


def serve() -> FastAPI:
    """The API of this process's home, for the server."""
    return app(load_settings())
