"""Commands about how the models do: monitor them, and answer alerts."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, emit, progress, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.store.alerts import Alert


class Step(StrEnum):
    """What can be done with an alert."""

    acknowledge = "acknowledge"
    close = "close"


def monitor(as_json: AsJson = False) -> None:
    """Measure how the models do: volume, drift, and past predictions against what came."""
    from edupulse_core.actions.watching import monitor as watch

    with progress() as report:
        nights = watch(OPERATOR, load_settings(), progress=report)
    if as_json:
        print(json.dumps({"families": [night.as_json() for night in nights]}, default=str))
        return
    if not nights:
        print("No scores yet. Run `edupulse score`.")
    for night in nights:
        rows = [
            [each.name, each.subject, None if each.value is None else f"{each.value:.4g}"]
            for each in night.figures
            if each.name not in ("psi", "ks")
        ]
        table(f"{night.version}, week to {words.day(night.as_of)}", ["", "of", "value"], rows)
        print(f"{len(night.alerts)} new alerts. `edupulse alerts` lists the open ones.")


def alerts(
    step: Annotated[Step | None, typer.Argument(help="What to do with an alert.")] = None,
    alert_id: Annotated[str, typer.Argument(metavar="ID")] = "",
    note: Annotated[str, typer.Option(help="What was found; needed to close an alert.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="List closed ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the open alerts about the models; acknowledge or close one."""
    from edupulse_core.actions import watching
    from edupulse_core.queries import watching as queries

    settings = load_settings()
    if step is None:
        found = queries.alerts(settings, is_open=None if everything else True)
        value: dict[str, Any] = {"alerts": [alert_as_json(each) for each in found]}
        lines = [_line(each) for each in found] or ["No alert is open."]
        emit(value, as_json, "\n".join(lines))
        return
    if not alert_id:
        raise typer.BadParameter(f"name the alert: edupulse alerts {step} ID")
    if step is Step.close:
        answered = watching.close_alert(OPERATOR, settings, alert_id, note=note)
    else:
        answered = watching.acknowledge_alert(OPERATOR, settings, alert_id, note=note)
    emit(alert_as_json(answered), as_json, f"Alert {alert_id} is {answered.status}.")


def alert_as_json(alert: "Alert") -> dict[str, Any]:
    """An alert as --json prints it."""
    from edupulse_core.queries.watching import sentence

    return {"status": alert.status, "sentence": sentence(alert), **vars(alert)}


def _line(alert: "Alert") -> str:
    from edupulse_core.queries.watching import sentence

    when = words.day(alert.at.date())
    return f"{alert.alert_id}  {when}  {alert.severity}  {alert.status}: {sentence(alert)}"
