"""Commands about experiments: a challenger beside the version that serves."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core.cli.terminal import AsJson, emit, progress, screen, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.queries.experiments import Described

app = typer.Typer()
ExperimentId = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="The experiment's id.")]
Reason = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; it is kept.")]
Override = Annotated[
    str,
    typer.Option(
        "--override-reason",
        metavar="WHY",
        help="Why to do it although the gate objects; it is kept.",
    ),
]


@app.callback(invoke_without_command=True)
def experiments(context: typer.Context, as_json: AsJson = False) -> None:
    """List the experiments, the newest first; start, show, promote or stop one."""
    if context.invoked_subcommand is not None:
        return
    from edupulse_core.queries.experiments import experiments

    found = experiments(load_settings())
    if as_json:
        print(json.dumps({"experiments": [each.as_json() for each in found]}))
        return
    if not found:
        print("There is no experiment yet.")
        return
    rows = [
        [
            each.experiment.experiment_id,
            each.experiment.family,
            each.experiment.champion,
            each.experiment.challenger,
            each.experiment.mode,
            each.experiment.outcome or "running",
            f"{each.experiment.started_at:%Y-%m-%d %H:%M}",
        ]
        for each in found
    ]
    head = ["experiment", "family", "champion", "challenger", "mode", "outcome", "started (UTC)"]
    table("Experiments", head, rows)


@app.command()
def start(
    family: str,
    challenger: str,
    mode: Annotated[
        str, typer.Option(help="shadow: nobody sees its answers; ab: some students do.")
    ] = "shadow",
    share: Annotated[
        float | None, typer.Option(help="The share of students in an ab experiment; .1 unless set.")
    ] = None,
    override_reason: Override = "",
    as_json: AsJson = False,
) -> None:
    """Let a challenger answer beside the version that serves, from the next night on."""
    from edupulse_core.actions.experiments import start_experiment
    from edupulse_core.queries.experiments import describe

    settings = load_settings()
    with progress() as report:
        made = start_experiment(
            OPERATOR,
            settings,
            family,
            challenger,
            mode=mode,
            share=share,
            override_reason=override_reason,
            progress=report,
        )
    said = f"Experiment {made.experiment_id} begins with the next night's scores."
    emit(describe(settings, made).as_json(), as_json, said)


@app.command()
def show(experiment_id: ExperimentId, as_json: AsJson = False) -> None:
    """Show an experiment, and which model does better so far."""
    from edupulse_core.queries.experiments import experiment

    found = experiment(load_settings(), experiment_id)
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        _print(found)


@app.command()
def promote(
    experiment_id: ExperimentId,
    reason: Reason = "",
    override_reason: Override = "",
    as_json: AsJson = False,
) -> None:
    """Let the challenger serve from now on, if the gate lets it pass."""
    from edupulse_core.actions import experiments

    with progress() as report:
        found = experiments.promote(
            OPERATOR,
            load_settings(),
            experiment_id,
            reason=reason,
            override_reason=override_reason,
            progress=report,
        )
    value: dict[str, Any] = {"serving": found.serving, **found.verdict.as_json()}
    for note in found.verdict.notes:
        screen.print(note, markup=False, highlight=False, soft_wrap=True)
    emit(value, as_json, f"{found.serving} is active from now on")


@app.command()
def stop(experiment_id: ExperimentId, reason: Reason = "", as_json: AsJson = False) -> None:
    """End an experiment; the version that serves stays."""
    from edupulse_core.actions.experiments import stop_experiment

    stop_experiment(OPERATOR, load_settings(), experiment_id, reason=reason)
    value = {"experiment_id": experiment_id, "outcome": "stopped"}
    emit(value, as_json, f"Experiment {experiment_id} has ended.")


def _print(found: "Described") -> None:
    value = found.as_json()
    said = value.pop("comparison")
    rows = [[name, each] for name, each in value.items() if each is not None]
    table(f"Experiment {found.experiment.experiment_id}", ["", ""], rows)
    print(found.sentence)
    if said["gain"] is not None:
        print(f"{said['cases']:,} outcomes of {said['students']:,} students so far.")
