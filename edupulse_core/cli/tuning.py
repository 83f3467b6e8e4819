"""Commands before a training: check the data, and search for hyperparameters."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, emit, progress, table
from edupulse_core.config import load_settings
from edupulse_core.errors import RefusedError
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.lifecycle.studies import Study


CHECKED = ("Input", "Known", "Mean", "Spread", "Middle half")  # 80 columns have room for these
WhoseWorkers = Annotated[
    str, typer.Option(help="Whose workers: processes, or ray (the extra `ray`).")
]


def check(
    family: str,
    fewest: Annotated[
        int, typer.Option("--min-samples", min=1, help="Fewer cases than this are an error.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Check whether the data are good enough to train on; errors end with exit code 4."""
    from edupulse_core.actions.quality import check_data
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle import findings
    from edupulse_core.reports import figures
    from edupulse_core.reports.search import figure

    with progress() as report:
        found = check_data(OPERATOR, load_settings(), family, fewest=fewest, progress=report)
    record = shelf.family_named(family)
    said, advice = findings.issues(found, record), findings.recommendations(found, record)
    if as_json:
        told = {"issues": said, "recommendations": advice}
        print(json.dumps(found.model_dump(mode="json") | told))
    else:
        when = f", {figures.weeks(found.days)}" if found.rows else ""
        whose = words.cases(found.rows, found.students, record.whose)
        print(f"{record.title}: {whose}{when}, from {found.district}.")
        rows = [
            [
                findings.name_of(each.name, record),
                words.percent(each.known),
                figure(each.mean),
                figure(each.spread),
                " to ".join(figure(value) for value in (each.quartiles or ())[::2]) or "–",
            ]
            for each in [*found.columns, found.target]
        ]
        table("Inputs and outcome", CHECKED, rows)
        for line in [*said, *advice] or ["Nothing speaks against training on these data."]:
            print(line)
    if found.errors:
        raise RefusedError(findings.refusal(found, record))


def tune(
    family: str,
    method: Annotated[
        str, typer.Option(help="How to choose settings: grid, random or tpe.")
    ] = "tpe",
    trials: Annotated[int, typer.Option(help="How many settings to try, in all.")] = 20,
    folds: Annotated[
        int, typer.Option(help="Divide the students into so many parts, 3 to 10.")
    ] = 3,
    workers: Annotated[int, typer.Option(help="How many trials run at once.")] = 1,
    engine: WhoseWorkers = "processes",
    algorithm: Annotated[
        str, typer.Option(help="Which algorithm; default: the family's own.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    name: Annotated[str, typer.Option(help="The name of the search; default: the method.")] = "",
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Train a version with the best settings.")
    ] = True,
    background: Annotated[
        bool, typer.Option("--background", help="Leave it to `edupulse worker`; print the job.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Search for better settings of a model by cross-validation; run it again to go on."""
    from edupulse_core.actions.jobs import submit
    from edupulse_core.actions.tuning import tune_family
    from edupulse_core.lifecycle.tuning import Search

    asked = {
        "method": method,
        "trials": trials,
        "folds": folds,
        "workers": workers,
        "engine": engine,
        "seed": seed,
        "name": name,
    }
    wanted = Search(**asked)  # type: ignore[arg-type]  # it checks each
    if background:
        config = {**asked, "algorithm": algorithm, "train": train}
        job_id = submit(OPERATOR, load_settings(), "tune", config, family=family)
        emit({"job_id": job_id}, as_json, job_id)
        return
    with progress() as report:
        study, metrics = tune_family(
            OPERATOR,
            load_settings(),
            family,
            wanted,
            algorithm=algorithm,
            train=train,
            progress=report,
        )
    if as_json:
        print(json.dumps({"study": study.model_dump(mode="json"), "version": metrics}, default=str))
        return
    _show(study)
    if metrics:
        print(f"Version {metrics['version']} was trained with the best settings.")


def _show(study: "Study") -> None:
    """The ten best trials."""
    from edupulse_core.families import shelf
    from edupulse_core.reports import search

    record = shelf.family_named(study.family)
    print(search.headline(study, record))
    if best := search.best_trials(study, record):
        table(best.title, list(best.head), [[str(cell) for cell in row] for row in best.rows])
