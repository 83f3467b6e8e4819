"""What a route is given: who asks, the settings, and the district as it is now."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, Field

from edupulse_core.actions.students import STUDENT_ROLES
from edupulse_core.api.meters import Meters
from edupulse_core.api.problems import NotReadyError
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import District, open_district

V1 = "/api/v1"  # part of each router's own prefix, so that a route knows its whole path
MODELS = f"{V1}/model-training"
bearer = Security(  # the gate checks it; this is what OpenAPI says
    HTTPBearer(auto_error=False, scheme_name="token", description="`edupulse token create`")
)


def actor(request: Request) -> Actor:
    """Who asks: the gate let only a valid token through."""
    who: Actor = request.state.actor
    return who


def settings_of(request: Request) -> Settings:
    """The settings of the home."""
    found: Settings = request.app.state.settings
    return found


def meters_of(request: Request) -> Meters:
    """The counters of the server."""
    found: Meters = request.app.state.meters
    return found


def district_of(request: Request) -> District:
    """The district as it is now. Raises NotReadyError before the first import."""
    try:
        return open_district(settings_of(request))
    except MissingError as error:
        raise NotReadyError(f"There are no data yet: {error}") from None


def holding(*roles: str) -> Callable[[Request], Actor]:
    """Who asks, if they hold one of the roles; AccessError otherwise."""

    def check(request: Request) -> Actor:
        who = actor(request)
        who.require(*roles)
        return who

    return check


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold the character NUL")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_without_nul)]
Skip = Annotated[int, Query(ge=0, le=10_000_000)]
Home = Annotated[Settings, Depends(settings_of)]
Counted = Annotated[Meters, Depends(meters_of)]
Here = Annotated[District, Depends(district_of)]
Reader = Annotated[Actor, Depends(holding(*STUDENT_ROLES))]  # may see students
Keeper = Annotated[Actor, Depends(holding("steward", "district"))]  # looks after models
Responsible = Annotated[  # reads how the models do
    Actor, Depends(holding("principal", "district", "steward"))
]
