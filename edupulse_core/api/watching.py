"""Alerts, the answers that people give to them, and the reasons to train again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import retraining
from edupulse_core.actions import watching as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.config import FIRST_FAMILY
from edupulse_core.queries import watching
from edupulse_core.store.alerts import Alert

router = APIRouter(prefix=MODELS, tags=["monitoring"], dependencies=[bearer])


class AlertState(BaseModel):
    """One alert."""

    alert_id: str
    at: datetime
    family: str
    version: str | None
    kind: str
    severity: str
    school: str | None
    status: str
    sentence: str
    details: dict[str, Any]
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


class AlertList(BaseModel):
    """Alerts, the newest first."""

    alerts: list[AlertState]
    total: int


class TriggerState(BaseModel):
    """One look at a reason to train again."""

    family: str
    name: str
    value: float | None
    threshold: float
    fired: bool
    at: datetime
    job_id: str | None = Field(description="The training that it began.")
    details: dict[str, Any]


class TriggerList(BaseModel):
    """Looks at the reasons to train again, the newest first."""

    triggers: list[TriggerState]
    total: int


class Note(BaseModel):
    """What somebody says about an alert."""

    note: Text = Field("", max_length=2000)


@router.get("/alerts", responses=documented(404))
def list_alerts(
    settings: Home,
    who: Keeper,
    family: Annotated[Text | None, Query(max_length=100)] = None,
    open_only: bool = True,
) -> AlertList:
    """The alerts about the models, the newest first."""
    found = watching.alerts(settings, family, is_open=True if open_only else None)
    return AlertList(alerts=[_alert(one) for one in found], total=len(found))


@router.post("/alerts/{alert_id}/acknowledge", responses=documented(404, 409, 413))
def acknowledge(alert_id: Name, asked: Note, settings: Home, who: Keeper) -> AlertState:
    """Say that somebody looks at an alert; it stays open."""
    return _alert(acts.acknowledge_alert(who, settings, alert_id, note=asked.note))


@router.post("/alerts/{alert_id}/close", responses=documented(404, 409, 413))
def close(alert_id: Name, asked: Note, settings: Home, who: Keeper) -> AlertState:
    """Close an alert, with a note of what was found or done."""
    return _alert(acts.close_alert(who, settings, alert_id, note=asked.note))


@router.get("/triggers", responses=documented(404))
def list_triggers(
    settings: Home,
    who: Keeper,
    family: Annotated[Text, Query(max_length=100)] = FIRST_FAMILY,
) -> TriggerList:
    """When a family was last looked at, whether there is a reason to train it again."""
    found = [TriggerState(**vars(one)) for one in watching.triggers(settings, family)]
    return TriggerList(triggers=found, total=len(found))


@router.post("/triggers", responses=documented(404, 409))
def check_triggers(
    settings: Home,
    who: Keeper,
    family: Annotated[Text, Query(max_length=100)] = FIRST_FAMILY,
) -> TriggerList:
    """Look now whether there is a reason to train a family again; nothing is trained."""
    found = [TriggerState(**vars(one)) for one in retraining.check_triggers(who, settings, family)]
    return TriggerList(triggers=found, total=len(found))


def _alert(one: Alert) -> AlertState:
    known = {name: getattr(one, name) for name in AlertState.model_fields if name != "sentence"}
    return AlertState(**known, sentence=watching.sentence(one))
