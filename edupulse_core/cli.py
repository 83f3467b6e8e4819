"""The command line: `edupulse …`. Parses, calls an action, prints; slow imports wait inside."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edupulse_core import stopping, words
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.errors import EduPulseError, InputError
from edupulse_core.people.actor import OPERATOR
from edupulse_core.terminal import (
    check_ending,
    check_free,
    day,
    emit,
    progress,
    screen,
    show_comparison,
    show_evaluation,
    show_explanation,
    show_import,
    show_night,
    show_rejecting,
    tell,
    tell_week,
    unexpected,
    usage,
    warn_of_demo,
    who_is_scored,
    writing,
)

app = typer.Typer(
    help="Which students need help this week, how strongly, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", parser=day, metavar="DATE", help="Use nothing dated after this day."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Write a .csv or .parquet file.")]


def main() -> None:
    """Run the command line; every error becomes one sentence and an exit code."""
    os.umask(0o077)  # files hold records of children: only the account that runs this reads them
    try:
        sys.exit(app(prog_name="edupulse", standalone_mode=False))
    except typer.TyperException as error:  # a wrong option or argument
        _stop(usage(error), error.exit_code)
    except EduPulseError as error:
        _stop(str(error), error.exit_code)
    except Exception as error:  # the last door before the terminal: never a traceback
        _stop(*unexpected(error))


def _stop(sentence: str, exit_code: int) -> NoReturn:
    if sentence and not stopping.was_asked():
        tell(sentence)
    sys.exit(exit_code)


@app.command("demo")
def demo_command(
    out: Annotated[Path, typer.Option("--out", help="Folder to write the bundle to.")],
    end: Annotated[
        date | None,
        typer.Option(
            parser=day, metavar="DATE", help="Last day with data; by default last Sunday."
        ),
    ] = None,
    students: Annotated[int, typer.Option(min=30, help="How many students.")] = 1200,
    years: Annotated[int, typer.Option(min=1, max=6, help="School years, this one too.")] = 2,
    weeks: Annotated[int, typer.Option(min=1, max=36, help="School weeks of this year.")] = 24,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same number makes the same district.")
    ] = None,
) -> None:
    """Write a fictional district as an import bundle, with its true risks and causes in truth/."""
    from edupulse_core.actions.demo import write_demo

    with progress() as report, writing(out):
        write_demo(
            OPERATOR,
            out,
            students=students,
            years=years,
            weeks=weeks,
            end=end,
            seed=seed,
            progress=report,
        )
    print(f"Wrote a district of {students:,} students to {out}")


@app.command()
def ingest(
    path: Path,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything; publish nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a bundle: a folder or a .zip."""
    settings = load_settings()
    with stopping.publishing(settings.published), progress() as report:
        from edupulse_core.actions.imports import import_bundle

        summary = import_bundle(OPERATOR, settings, path, dry_run=dry_run, progress=report)
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        show_import(summary.as_json(), summary.examples, is_unchanged=summary.is_unchanged)
    warn_of_demo(path, summary.is_demo)


@app.command()
def rejects(
    import_id: Annotated[
        str | None, typer.Argument(metavar="IMPORT", help="Which import; the latest unless given.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """List the imports that rejected rows; with --out, write the rows of one."""
    from edupulse_core.actions.imports import export_rejects
    from edupulse_core.warehouse.rejects import imports

    settings = load_settings()
    check_ending(out)
    if out is not None:
        with writing(out):
            rows = export_rejects(OPERATOR, settings, out, import_id)
        emit({"rows": rows}, as_json, f"Wrote {rows:,} rejected rows to {out}")
        return
    if import_id is not None:
        raise typer.BadParameter("to write the rows of an import, add --out FILE")
    found = [one.as_json() for one in imports(settings)]
    if as_json:
        print(json.dumps({"imports": found}))
    else:
        show_rejecting(found)


@app.command()
def undo() -> None:
    """Undo the last import: everyone sees the previous data."""
    from edupulse_core.actions.imports import undo_import
    from edupulse_core.actions.scores import why_no_scores

    settings = load_settings()
    print(f"Everyone sees the data of {undo_import(OPERATOR, settings)} again.", flush=True)
    with progress() as report:
        problems = why_no_scores(settings, progress=report)
    print("\n".join(problems) or "Its scores are back too.")


@app.command()
def features(
    as_of: AsOf = None,
    out: Out = None,
    labels: Annotated[bool, typer.Option("--labels", help="Also write the outcomes.")] = False,
) -> None:
    """Build the weekly features; --out writes them to a file."""
    from edupulse_core.actions.features import build_features, export_features

    settings = load_settings()
    check_ending(out)
    with progress() as report:
        built = build_features(OPERATOR, settings, as_of=as_of, progress=report)
    tell_week(as_of, built.ended_on, "the features end with that week")
    if out is None:
        print("Built the features of every student and week.")
        return
    with writing(out):
        rows = export_features(OPERATOR, settings, built, out, labels=labels)
    print(f"Wrote {rows:,} student-weeks to {out}")


@app.command()
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
) -> None:
    """Train a new version on this home's data, and print its metrics."""
    from edupulse_core.actions.models import train_version

    if weights and not ship:
        raise InputError("--weights works only with --ship")
    with progress() as report:
        metrics = train_version(
            OPERATOR, load_settings(), family, ship=ship, weights=weights, progress=report
        )
    emit(metrics, as_json, json.dumps(metrics, indent=2, default=str))


@app.command()
def score(as_of: AsOf = None, out: Out = None, as_json: AsJson = False) -> None:
    """Score every student enrolled in the last week with data, or the last one by --as-of."""
    from edupulse_core.actions.scores import export_scores, score_week

    check_ending(out)
    settings = load_settings()
    with progress() as report:
        run = score_week(OPERATOR, settings, as_of=as_of, progress=report)
    if out is not None:
        with writing(out):
            export_scores(OPERATOR, settings, run, out)
    tell_week(as_of, run.as_of, "scored that week")
    value = run.as_json()
    levels = ", ".join(f"{n:,} {level.title()}" for level, n in value["tiers"].items())
    students, rest = who_is_scored(value)
    emit(value, as_json, f"Scored {students} as of {words.day(run.as_of)}: {levels}{rest}")


@app.command()
def explain(
    student: Annotated[str, typer.Argument(help="The student's sourcedId.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Explain a student's score."""
    from edupulse_core.actions.scores import explain_student

    value = explain_student(OPERATOR, load_settings(), student, as_of=as_of)
    tell_week(as_of, date.fromisoformat(value["as_of"]), "explained that week")
    if as_json:
        print(json.dumps(value, default=str))
    else:
        show_explanation(value)


@app.command()
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


@app.command()
def versions(family: str, as_json: AsJson = False) -> None:
    """List the versions of a family; the active one is marked."""
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle import registry

    settings = load_settings()
    name = shelf.check_name(family)
    found = registry.versions(settings, name)
    active = registry.active_version(settings, name).name
    value = {"active": active, "versions": [folder.name for folder in found]}
    marked = [f"{'*' if folder.name == active else ' '} {folder.name}" for folder in found]
    emit(value, as_json, "\n".join(marked))


@app.command()
def activate(family: str, version: str) -> None:
    """Serve this version from now on."""
    from edupulse_core.actions.models import activate_version

    serving = activate_version(OPERATOR, load_settings(), family, version)
    if serving == version:
        print(f"{family} {version} is active from now on")
    else:
        print(
            f"{family} {version} is chosen, but {serving} stays active: the setting "
            "EDUPULSE_MODEL_VERSION asks for it. Remove the setting to use the one you chose."
        )


@app.command()
def compare(family: str, a: str, b: str, as_json: AsJson = False) -> None:
    """Show the metrics of two versions side by side."""
    from edupulse_core.actions.models import compare_versions

    value = compare_versions(load_settings(), family, a, b)
    if as_json:
        print(json.dumps(value))
    else:
        show_comparison(family, value, a, b)


@app.command()
def nightly(path: Path, as_json: AsJson = False) -> None:
    """Import a bundle, build the features and score: all of the night's work in one command."""
    settings = load_settings()
    with stopping.publishing(settings.published), progress() as report:
        from edupulse_core.actions.night import nightly

        imported, run = nightly(
            OPERATOR,
            settings,
            path,
            progress=report,
            on_import=lambda one: warn_of_demo(path, one.is_demo),
        )
    value = {"ingest": imported.as_json(), "score": run.as_json()}
    show_night(value, as_json, is_unchanged=imported.is_unchanged)


@app.command()
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="First build the demo district in an empty home.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: str = "127.0.0.1",
) -> None:
    """Open the dashboard."""
    from edupulse_core.actions.demo import setup_demo

    settings = load_settings()
    check_free(address, port)
    if demo:
        with progress() as report:
            built = setup_demo(OPERATOR, settings, progress=report)
        screen.print("The demo district is ready." if built else "This home already has data.")
    os.environ["EDUPULSE_HOME"] = str(settings.home.resolve())
    os.chdir(REPOSITORY)  # where .streamlit/ is read from
    flags = _refuse_open_door(settings, address)
    print(f"EduPulse is at http://{'localhost' if address == '127.0.0.1' else address}:{port}")
    where = ["--server.port", str(port), "--server.address", address]
    stopping.become("streamlit", "run", str(REPOSITORY / "app" / "server.py"), *where, *flags)


def _refuse_open_door(settings: Settings, address: str) -> list[str]:
    """The server's flags; RefusedError unless people can sign in, or this is a local demo."""
    from app.sign_in import auth_configured, mode_here, streamlit_flags
    from edupulse_core.people.grants import doubts

    mode_here(settings, auth_configured(settings), address)
    for doubt in doubts(settings):
        tell(doubt)
    return streamlit_flags(settings)


@app.command(context_settings={"allow_extra_args": True, "allow_interspersed_args": False})
def bench(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="explanations, fairness, features, inference, networks, outcomes, score "
            "or screen; its options follow it, and --help after it lists them"
        ),
    ],
) -> None:
    """Run a benchmark and show what it is compared with."""
    found = sorted(p.stem[6:] for p in (REPOSITORY / "tests" / "benchmarks").glob("bench_*.py"))
    if name not in found:
        raise typer.BadParameter(f"no benchmark {name!r}; there are {', '.join(found)}")
    load_settings()  # so that a wrong setting is reported here, in one sentence
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    # stay in the caller's folder, for relative paths, but import nothing from it
    where = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    stopping.become(f"tests.benchmarks.bench_{name}", *context.args, **where)
