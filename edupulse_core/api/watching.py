"""Alerts that monitoring raised, and the answers that people give."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import watching as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, Text, bearer
from edupulse_core.api.problems import documented
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


def _alert(one: Alert) -> AlertState:
    known = {name: getattr(one, name) for name in AlertState.model_fields if name != "sentence"}
    return AlertState(**known, sentence=watching.sentence(one))
