"""Commands about how the models do: monitor them, and answer alerts."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, emit, progress, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.store.alerts import Alert


app = typer.Typer()
AlertId = Annotated[str, typer.Argument(metavar="ID", help="The alert's id.")]
Note = Annotated[str, typer.Option(help="What was found or done.")]


def monitor(as_json: AsJson = False) -> None:
    """Measure how the models do: volume, drift, and past predictions against what came."""
    from edupulse_core.actions.watching import monitor as watch
    from edupulse_core.queries.watching import FIGURES

    with progress() as report:
        nights = watch(OPERATOR, load_settings(), progress=report)
    if as_json:
        print(json.dumps({"families": [night.as_json() for night in nights]}, default=str))
        return
    if not nights:
        print("No scores yet. Run `edupulse score`.")
    for night in nights:
        rows = [
            [
                FIGURES.get(each.name, each.name),
                each.subject,
                None if each.value is None else f"{each.value:.4g}",
            ]
            for each in night.figures
            if each.name not in ("psi", "ks")
        ]
        title = f"{night.version}, week to {words.day(night.as_of)}"
        table(title, ["Figure", "Level or school", "Value"], rows)
        many = f"{len(night.alerts)} new alert{'' if len(night.alerts) == 1 else 's'}"
        print(f"{many}. `edupulse alerts` lists the open ones.")


def update(
    family: str,
    retrained: Annotated[
        bool, typer.Option("--retrain", help="Train one from scratch too, to compare.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let the version that serves go on learning from new outcomes; makes a new version."""
    from edupulse_core.actions.retraining import update_version
    from edupulse_core.families import shelf
    from edupulse_core.reports.family import words as said

    with progress() as report:
        made = update_version(
            OPERATOR, load_settings(), family, retrained=retrained, progress=report
        )
    if as_json:
        print(json.dumps(made, default=str))
        return
    names = [name for name in made["compared"][0] if name != "ahead"]
    rows = [
        [f"{row[name]:.4f}" if name != "version" else row[name] for name in names]
        for row in made["compared"]
    ]
    record = shelf.family_named(family)
    heads = [said(name, record.metrics) for name in names]
    title = f"{record.title}, on the newest cases of {record.whose} that none has learned from"
    table(title, heads, rows)
    print(
        f"{made['version']} learned from {made['new']:,} new outcomes and {made['verdicts']:,} "
        f"verdicts. `edupulse activate {family} {made['version']}` lets it serve."
    )


def triggers(
    family: str,
    check: Annotated[
        bool, typer.Option("--check", help="Look at them now; nothing is trained.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the reasons to train a family again, as they were last looked at."""
    from edupulse_core.actions.retraining import check_triggers
    from edupulse_core.families import shelf
    from edupulse_core.queries.watching import REASONS
    from edupulse_core.queries.watching import triggers as list_triggers

    settings = load_settings()
    found = check_triggers(OPERATOR, settings, family) if check else list_triggers(settings, family)
    if as_json:
        print(json.dumps({"triggers": [vars(each) for each in found]}, default=str))
        return
    if not found:
        print(f"Nobody has looked yet. Run `edupulse triggers {family} --check`.")
        return
    rows = [
        [
            REASONS.get(each.name, each.name),
            "unknown" if each.value is None else _number(each.value),
            _number(each.threshold),
            "yes" if each.fired else "no",
            words.moment(each.at),
            each.job_id,
        ]
        for each in found
    ]
    table(
        f"Reasons to train {shelf.family_named(family).title} again",
        ["Reason", "Now", "Train from", "Holds", "Looked at (UTC)", "Job"],
        rows,
    )


@app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="List closed ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the open alerts about the models; acknowledge or close one."""
    if context.invoked_subcommand is not None:
        return
    from edupulse_core.queries.watching import alerts as list_alerts

    found = list_alerts(load_settings(), is_open=None if everything else True)
    lines = [_line(each) for each in found] or ["No alert is open."]
    emit({"alerts": [alert_as_json(each) for each in found]}, as_json, "\n".join(lines))


@app.command()
def acknowledge(alert_id: AlertId, note: Note = "", as_json: AsJson = False) -> None:
    """Say that somebody is looking into an alert; it stays open."""
    from edupulse_core.actions.watching import acknowledge_alert

    found = acknowledge_alert(OPERATOR, load_settings(), alert_id, note=note)
    emit(alert_as_json(found), as_json, f"Alert {alert_id} is acknowledged.")


@app.command()
def close(alert_id: AlertId, note: Note = "", as_json: AsJson = False) -> None:
    """Close an alert, with a note of what was found or done."""
    from edupulse_core.actions.watching import close_alert

    found = close_alert(OPERATOR, load_settings(), alert_id, note=note)
    emit(alert_as_json(found), as_json, f"Alert {alert_id} is closed.")


def alert_as_json(alert: "Alert") -> dict[str, Any]:
    """An alert as --json prints it."""
    from edupulse_core.queries.watching import sentence

    return {"status": alert.status, "sentence": sentence(alert), **vars(alert)}


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{round(value, 2):g}"


def _line(alert: "Alert") -> str:
    from edupulse_core.queries.watching import sentence

    when = words.day(alert.at.date())
    return f"{alert.alert_id}  {when}  {alert.severity}  {alert.status}: {sentence(alert)}"
