"""What the command line prints, and checks of where it may write or listen."""

import errno
import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError
from rich import progress as bars
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edupulse_core import words
from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError, InputError, what_is_wrong
from edupulse_core.progress import Progress

if TYPE_CHECKING:  # slow to import
    from edupulse_core.families.evaluation import Evaluation

screen = Console(stderr=True)
Rows = Sequence[Sequence[Any]]


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a bar for each step; shows nothing where there is no terminal."""
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=screen, disable=not screen.is_terminal) as shown:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=total)
            shown.update(tasks[name], completed=done, total=total)

        yield report


def emit(value: dict[str, Any], as_json: bool, text: str) -> None:
    """Print a result: one JSON object, or words."""
    if as_json:
        print(json.dumps(value, default=str))
    else:
        print(text)


def table(title: str, columns: Sequence[str], rows: Rows) -> None:
    """Print rows as plain text; nothing in them is taken for markup."""
    made = Table(*map(escape, columns), title=escape(title), title_justify="left")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    Console().print(made)


def day(text: str) -> date:
    """Read the day given with an option. Raises ValueError if it isn't a date."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31") from None


def usage(error: typer.TyperException) -> str:
    """One sentence about a wrong option or argument; empty when the help was shown instead."""
    problem = error.__cause__
    if isinstance(error, typer.BadParameter) and isinstance(problem, ValidationError):
        name = error.param.get_error_hint().replace("'", "") if error.param else "the command"
        return f"{name}: {what_is_wrong(problem.errors()[0])}"
    if type(error) is typer.BadParameter:
        return error.message
    said = error.format_message().removesuffix(".")
    context = getattr(error, "ctx", None)
    if context and said and not said.endswith("?"):
        said += f"; `{context.command_path} --help` lists the options"
    return said[:1].lower() + said[1:]


def tell(sentence: str, style: str = "") -> None:
    """Print a sentence on standard error."""
    said = f"edupulse: {sentence}"
    screen.print(said, style=style, markup=False, highlight=False, soft_wrap=True)


def tell_week(as_of: date | None, ended_on: date | None, done: str) -> None:
    """Say which week was used, if the day asked for is well after the last week with data."""
    if as_of and ended_on and ended_on + timedelta(days=7) <= as_of:
        said = (
            f"The last week with data by {words.day(as_of)} ended on {words.day(ended_on)}: {done}."
        )
        screen.print(said, highlight=False, soft_wrap=True)


def warn_of_demo(bundle: Path, is_demo: bool) -> None:
    """Warn that a demo bundle keeps sign-in off, and say what to do if its people are real."""
    if not is_demo:
        return
    tell(
        f"{bundle} IS MARKED AS A DEMO (edupulse.demo in its manifest.csv). Without an identity "
        "provider nobody has to sign in, and anyone who opens EduPulse on this computer sees "
        "everyone's records. If these are real people, delete that line and import into a new "
        "EDUPULSE_HOME",
        style="bold red",
    )


def show_import(value: dict[str, Any], examples: Rows, *, is_unchanged: bool) -> None:
    """Print an import's summary for people.

    value: what `--json` prints.  examples: file, row, column and reason of some rejected rows.
    """
    rows = [[name, *(f"{n:,}" for n in counts.values())] for name, counts in value["files"].items()]
    imported = "imported" if value["published"] else "would be imported"
    table("Rows", ["file", "read", imported, "rejected"], rows)
    show_problems(value, examples, is_unchanged=is_unchanged)
    done = f"Published: {value['published']}"
    if is_unchanged or not value["published"]:
        done = "Nothing was published" + ("." if is_unchanged else " (dry run).")
    print(f"{value['students']:,} students, {value['weeks']:,} weeks. {done}")


def show_problems(value: dict[str, Any], examples: Rows = (), *, is_unchanged: bool) -> None:
    """Print what an import rejected and noted, or nothing where all is well."""
    if value["rejects"]:
        table("Rejected", ["reason", "rows"], [[k, f"{n:,}"] for k, n in value["rejects"].items()])
        if examples:
            table("Examples", ["file", "row", "column", "reason"], examples)
        elif not is_unchanged:
            print("`edupulse rejects --out FILE` writes these rows, each with what is wrong.")
    for note in value["notes"]:
        print(note)


def show_night(value: dict[str, Any], as_json: bool, *, is_unchanged: bool) -> None:
    """Print what a night imported, rejected and scored.  value: what `--json` prints."""
    if not as_json:
        show_problems(value["ingest"], is_unchanged=is_unchanged)
    what = "Nothing changed, still " if is_unchanged else ""
    students, rest = who_is_scored(value["score"])
    emit(value, as_json, f"{what}{value['ingest']['published']}: {students} scored{rest}")


def show_explanation(value: dict[str, Any]) -> None:
    """Print why a student has a score.  value: what `explain --json` prints."""
    from edupulse_core.families.risk.tiers import in_words

    print(f"{value['student_id']}, as of {words.day(date.fromisoformat(value['as_of']))}")
    if value["risk_score"] is None:
        print("Not enough data for a score: too few school weeks are known.")
        return
    print(f"Risk score {in_words(value['risk_score'])}, risk level {value['tier'].title()}")
    for n, factor in enumerate(value["factors"], 1):
        print(f"{n}. {factor['sentence']}")
    if not value["factors"]:
        print("No single reason stands out.")
    print(value["agreement"]["sentence"])


def show_comparison(family: str, value: dict[str, Any], a: str, b: str) -> None:
    """Print the metrics of versions a and b side by side.  value: all metrics, by version."""
    from edupulse_core.lifecycle import registry

    tested = [registry.tested_on(value[name]) for name in (a, b)]
    metrics = [value[name].get("headline", {}) for name in (a, b)]
    rows = [
        [name, first[name], second.get(name)]
        for first, second in (tested, metrics)
        for name in first
    ]
    table(f"{family}: metrics on weeks not trained on", ["metric", a, b], rows)
    if tested[0] != tested[1]:
        print("Tested on different students or weeks: this doesn't say which one is better.")


def show_rejecting(imports: list[dict[str, Any]]) -> None:
    """Print the imports that rejected rows.  imports: what `rejects --json` lists."""
    if not imports:
        print("No import has rejected rows.")
        return
    names = ["import", "bundle", "outcome", "rows"]
    table("Imports that rejected rows", names, [[one[name] for name in names] for one in imports])


def who_is_scored(value: dict[str, Any]) -> tuple[str, str]:
    """How many of the students in `ScoreRun.as_json` got a score, and how many didn't, in words."""
    n = value["not_enough_data"]
    rest = f"; {n:,} without enough data" if n else ""
    return f"{value['scored']:,} of {value['students']:,} students", rest


def unexpected(error: Exception) -> tuple[str, int]:
    """One sentence and the exit code for an unexpected error; with EDUPULSE_DEBUG, raise it."""
    if os.environ.get("EDUPULSE_DEBUG"):
        raise error
    if isinstance(error, OSError) and _is_in_home(error):
        return f"{error.filename} cannot be used: {error.strerror}", InputError.exit_code
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"{type(error).__name__}: {said} (EDUPULSE_DEBUG=1 shows where)", 1


def _is_in_home(error: OSError) -> bool:
    """Whether the file system refused something in the home folder."""
    try:
        return is_at(error, load_settings().home)
    except (EduPulseError, OSError):
        return False


def is_at(error: OSError, place: Path) -> bool:
    """Whether the file system refused something in a folder; a missing file is our own mistake."""
    if isinstance(error, FileNotFoundError) or not error.filename:
        return False
    return Path(str(error.filename)).absolute().is_relative_to(place.absolute())


def _is_above(error: OSError, place: Path) -> bool:
    """Whether the file system refused the place itself, or a folder above it."""
    if not error.filename:
        return False
    return place.absolute().is_relative_to(Path(str(error.filename)).absolute())


def show_evaluation(family: str, found: "Evaluation", page: Path | None) -> None:
    """Print what an evaluation found, and where its page is."""
    from edupulse_core.reports.evaluation import summary

    for each in summary(family, found):
        table(each.title, each.head, [[str(cell) for cell in row] for row in each.rows])
    print(f"{found.rows:,} cases of {found.students:,} students. {page or ''}".rstrip())


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """If the file system refuses the place given with --out, say that --out is the problem."""
    try:
        yield
    except OSError as error:
        in_words = out.name in str(error.strerror)  # Arrow's
        if not (in_words or is_at(error, out.parent) or _is_above(error, out)):
            raise
        raise InputError(f"--out {out} cannot be used: {os.strerror(error.errno or 0)}") from error


def check_ending(out: Path | None) -> None:
    """Refuse, before the work starts, a file that could not be written at its end."""
    if out is None:
        return
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(f"--out {out}: the name must end in .csv or .parquet")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}")


def check_free(address: str, port: int) -> None:
    """Refuse, before the work starts, a port that no server could listen on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"--port {port} is in use by another program; choose another"
            ) from None
        raise InputError(f"--address {address} --port {port}: {error.strerror}") from None
