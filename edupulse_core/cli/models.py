"""Commands that train and evaluate models, and the benchmarks."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edupulse_core import stopping
from edupulse_core.cli.terminal import AsJson, emit, progress, table
from edupulse_core.config import REPOSITORY, load_settings
from edupulse_core.errors import InputError
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.families.evaluation import Evaluation


def train(
    family: str,
    as_json: AsJson = False,
    ship: Annotated[
        str,
        typer.Option(
            metavar="VERSION",
            help="Make a version to ship with EduPulse, from fictional districts.",
        ),
    ] = "",
    weights: Annotated[
        str,
        typer.Option(
            metavar="VERSION",
            help="With --ship: keep this version's network and make the rest again.",
        ),
    ] = "",
    background: Annotated[
        bool, typer.Option("--background", help="Leave it to `edupulse worker`; print the job.")
    ] = False,
) -> None:
    """Train a new version on this home's data, and print its metrics."""
    from edupulse_core.actions.jobs import submit
    from edupulse_core.actions.models import train_version

    if background:
        if ship or weights:
            raise InputError("--background trains on this home's own data: leave out --ship")
        job_id = submit(OPERATOR, load_settings(), "train", family=family)
        emit({"job_id": job_id}, as_json, job_id)
        return
    if weights and not ship:
        raise InputError("--weights works only with --ship")
    with progress() as report:
        metrics = train_version(
            OPERATOR, load_settings(), family, ship=ship, weights=weights, progress=report
        )
    emit(metrics, as_json, json.dumps(metrics, indent=2, default=str))


def evaluate(
    family: str,
    version: Annotated[str | None, typer.Argument()] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The truth/ of a demo: adds the best possible result.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Where to write the page; default: beside the report.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Test a version on held-out weeks against simpler methods; prints goals, writes a page."""
    from edupulse_core.actions.models import evaluate_version

    if html is not None and not html.parent.is_dir():
        raise InputError(f"--html {html}: there is no folder {html.parent}")
    with progress() as report:
        found, page = evaluate_version(
            OPERATOR, load_settings(), family, version, truth=truth, html=html, progress=report
        )
    if as_json:
        html_page = {"html": str(page)} if page else {}
        print(json.dumps(found.model_dump(mode="json") | html_page))
        return
    show_evaluation(family, found, page)


def show_evaluation(family: str, found: "Evaluation", page: Path | None) -> None:
    """Print what an evaluation found, and where its page is."""
    from edupulse_core.reports.evaluation import summary

    for each in summary(family, found):
        table(each.title, each.head, [[str(cell) for cell in row] for row in each.rows])
    print(f"Tested on {found.rows:,} cases of {found.students:,} students.")
    if page:
        print(f"The whole evaluation: {page}")


def bench(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="explanations, fairness, features, inference, monitoring, networks, "
            "outcomes, score or screen; its options follow it, and --help after it lists them"
        ),
    ],
) -> None:
    """Run a benchmark, next to what it is compared with."""
    found = sorted(p.stem[6:] for p in (REPOSITORY / "tests" / "benchmarks").glob("bench_*.py"))
    if name not in found:
        raise typer.BadParameter(f"no benchmark {name!r}; there are {', '.join(found)}")
    load_settings()  # so that a wrong setting is reported here, in one sentence
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    # stay in the caller's folder, for relative paths, but import nothing from it
    where = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    stopping.become(f"tests.benchmarks.bench_{name}", *context.args, **where)
