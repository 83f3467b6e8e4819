"""Commands that train and evaluate models, and the benchmarks."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core import stopping
from edupulse_core.cli.terminal import AsJson, emit, progress, table
from edupulse_core.config import REPOSITORY, load_settings
from edupulse_core.errors import InputError
from edupulse_core.people.actor import OPERATOR
from edupulse_core.words import cases

if TYPE_CHECKING:  # slow to import
    from edupulse_core.families.evaluation import Evaluation


HowToLearn = Annotated[
    str,
    typer.Option(
        help="How it learns. Several, with commas between, or all are compared. Default: the first."
    ),
]
NamedPlan = Annotated[
    str, typer.Option(help="A plan by name, such as reference. Default: the algorithm's own.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the plan; repeat it."),
]
Ship = Annotated[
    str,
    typer.Option(
        metavar="VERSION", help="Make a version to ship with EduPulse, from fictional districts."
    ),
]
Weights = Annotated[
    str,
    typer.Option(
        metavar="VERSION", help="With --ship: keep this version's network and make the rest again."
    ),
]


def train(
    family: str,
    algorithm: HowToLearn = "",
    plan: NamedPlan = "",
    changes: Changes = None,
    seed: Annotated[int, typer.Option(help="The seed of everything random.")] = 0,
    tag: Annotated[str, typer.Option(help="A short name of your own for the version.")] = "",
    notes: Annotated[str, typer.Option(help="What to remember about the version.")] = "",
    folds: Annotated[
        int, typer.Option(help="Cross-validate too, on 3 to 10 parts of the students.")
    ] = 0,
    metric: Annotated[
        str, typer.Option(help="What algorithms are compared by. Default: the family's own.")
    ] = "",
    as_json: AsJson = False,
    ship: Ship = "",
    weights: Weights = "",
    engine: Annotated[
        str, typer.Option(help="ray: on a Ray worker (the extra `ray`), again if lost.")
    ] = "",
    background: Annotated[
        bool, typer.Option("--background", help="Leave it to `edupulse worker`; print the job.")
    ] = False,
) -> None:
    """Train a new version on this home's data, and print its metrics."""
    wanted = {
        "algorithm": algorithm,
        "plan": plan,
        "hyperparameters": pairs(changes or []),
        "seed": seed,
        "version_tag": tag,
        "notes": notes,
        "folds": folds,
        "metric": metric,
        "engine": engine,
    }
    asked: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    if ship:
        if asked or background:
            raise InputError("--ship has a plan of its own: leave out the other options")
        _ship(family, ship, weights, as_json)
        return
    if weights:
        raise InputError("--weights works only with --ship")
    if background:
        from edupulse_core.actions.jobs import submit

        job_id = submit(OPERATOR, load_settings(), "train", asked, family=family)
        emit({"job_id": job_id}, as_json, job_id)
        return
    from edupulse_core.actions.models import train_version

    with progress() as report:
        made = train_version(OPERATOR, load_settings(), family, **asked, progress=report)
    if as_json:
        print(json.dumps(made, default=str))
    elif "table" in made:
        show_ranking(family, made)
    else:
        show_trained(family, made)


def pairs(changes: list[str]) -> dict[str, str]:
    """KEY=VALUE, each, as a mapping. Raises InputError for anything else."""
    found = {}
    for change in changes:
        key, is_pair, value = change.partition("=")
        if not (key and is_pair):
            raise InputError(f"--set {change}: write it as KEY=VALUE, such as network.layers=2")
        found[key] = value
    return found


def _ship(family: str, version: str, weights: str, as_json: bool) -> None:
    from edupulse_core.actions.models import ship_version

    with progress() as report:
        made = ship_version(
            OPERATOR, load_settings(), family, version, weights=weights, progress=report
        )
    emit(made, as_json, json.dumps(made, indent=2, default=str))


def show_trained(family: str, made: dict[str, Any]) -> None:
    """Print the metrics of a new version, and what comes next."""
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle import registry
    from edupulse_core.reports.family import words

    record, version = shelf.family_named(family), made["version"]
    rows = [
        [words(name, record.metrics), f"{value:.4f}"]
        for name, value in made.items()
        if isinstance(value, float)
    ]
    title = f"{record.title} {version}, tested on {record.whose} that it did not learn from"
    table(title, ["Figure", "Value"], rows)
    print(f"Version {version} is saved; `edupulse versions {family} {version}` shows all about it.")
    if said := made.get(registry.NO_BETTER):
        print(f"{said} So it does not begin to serve by itself.")
    if _serves(family, version):
        print("It serves already, as the first of its family.")
    else:
        print(f"`edupulse activate {family} {version}` lets it serve, if it is good enough.")


def show_ranking(family: str, value: dict[str, Any]) -> None:
    """Print all algorithms side by side, and which should serve."""
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle import registry
    from edupulse_core.lifecycle.algorithms import Ranking
    from edupulse_core.reports import figures
    from edupulse_core.reports.family import words

    found = Ranking.model_validate(value)
    names = list(found.table[0].metrics)
    rows = [
        [
            each.algorithm,
            each.version,
            *(f"{each.metrics[name]:.4f}" for name in names),
        ]
        for each in found.table
    ]
    record = shelf.family_named(family)
    title = (
        f"{record.title}, on the same {cases(found.rows, found.students, record.whose)}, "
        f"{figures.weeks(found.weeks)}"
    )
    heads = [words(name, record.metrics) for name in names]
    table(title, ["Algorithm", "Version", *heads], rows)
    ahead = [
        [each.algorithm, head, each.ahead[name].in_words()]
        for each in found.table
        if each.ahead
        for name, head in zip(names, heads, strict=True)
    ]
    if ahead:
        first = found.table[0].algorithm
        table(f"How far each is from {first}", ["Algorithm", "Measure", "Difference"], ahead)
    print(f"Ranges hold in {found.confidence:.1%} of resamples of the {record.whose}. {found.why}")
    if _serves(family, found.version):
        print(f"{found.best} serves.")
    elif said := registry.no_better(load_settings(), family, found.version):
        print(f"{said} So {found.best} does not begin to serve by itself.")
    else:
        print(f"`edupulse activate {family} {found.version}` lets {found.best} serve.")


def _serves(family: str, version: str) -> bool:
    from edupulse_core.lifecycle import registry

    settings = load_settings()
    if not registry.has_version(settings, family):
        return False
    return registry.chosen_version(settings, family).name == version


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
        print(json.dumps(found.model_dump(mode="json") | {"html": str(page)}))
        return
    show_evaluation(family, found, page)


def show_evaluation(family: str, found: "Evaluation", page: Path) -> None:
    """Print what an evaluation found, and where its page is."""
    from edupulse_core.families import shelf
    from edupulse_core.reports.evaluation import summary

    for each in summary(family, found):
        table(each.title, each.head, [[str(cell) for cell in row] for row in each.rows])
    whose = shelf.family_named(family).whose
    print(f"Tested on {cases(found.rows, found.students, whose)}.")
    print(f"The whole evaluation: {page}")


def bench(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="Such as outcomes or score; its options follow it, and --help after it lists "
            "them. A name that does not exist is answered with those that do."
        ),
    ],
) -> None:
    """Run a benchmark, next to what it is compared with."""
    folder = REPOSITORY / "tests" / "benchmarks"
    found = sorted(path.stem[6:].replace("_", "-") for path in folder.glob("bench_*.py"))
    if name not in found:
        raise typer.BadParameter(f"no benchmark {name!r}; there are {', '.join(found)}")
    load_settings()  # so that a wrong setting is reported here, in one sentence
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    # stay in the caller's folder, for relative paths, but import nothing from it
    where = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    stopping.become(f"tests.benchmarks.bench_{name.replace('-', '_')}", *context.args, **where)
