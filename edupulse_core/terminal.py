"""What a command prints and where it may write or listen: bars, tables, JSON, and refusals."""

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

from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError, InputError, what_is_wrong
from edupulse_core.progress import Progress

if TYPE_CHECKING:  # slow to import
    from edupulse_core.families.evaluation import Evaluation

screen = Console(stderr=True)
Rows = Sequence[Sequence[Any]]


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar for each thing that is worked on; silent where there is no terminal."""
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
    """Print rows; what is in them is text, never markup."""
    made = Table(*map(escape, columns), title=escape(title), title_justify="left")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    Console().print(made)


def day(text: str) -> date:
    """The day that an option says. Raises ValueError when it says none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31") from None


def usage(error: typer.TyperException) -> str:
    """Say in one sentence what is wrong with an option or argument; empty: the help was shown."""
    problem = error.__cause__
    if isinstance(error, typer.BadParameter) and isinstance(problem, ValidationError):
        name = error.param.get_error_hint().replace("'", "") if error.param else "the command"
        return f"{name}: {what_is_wrong(problem.errors()[0])}"
    if type(error) is typer.BadParameter:
        return error.message
    said = error.format_message().removesuffix(".")
    context = getattr(error, "ctx", None)
    if context and said and not said.endswith("?"):
        said += f"; `{context.command_path} --help` shows what there is"
    return said[:1].lower() + said[1:]


def tell(sentence: str, style: str = "") -> None:
    """Say a sentence to whoever runs this, beside what is printed."""
    said = f"edupulse: {sentence}"
    screen.print(said, style=style, markup=False, highlight=False, soft_wrap=True)


def tell_week(as_of: date | None, ended_on: date | None, done: str) -> None:
    """Say which week was meant by a day, if one is given, that a later week should end by."""
    if as_of and ended_on and ended_on + timedelta(days=7) <= as_of:
        said = f"The last week with data up to {as_of} ended on {ended_on}: {done}."
        screen.print(said, highlight=False, soft_wrap=True)


def warn_of_demo(bundle: Path, is_demo: bool) -> None:
    """Say that a bundle keeps sign-in off, if so, and what to do when its people are real."""
    if not is_demo:
        return
    tell(
        f"{bundle} IS MARKED AS A DEMO (edupulse.demo in its manifest.csv): without an identity "
        "provider no one will be asked to sign in, and whoever opens EduPulse on this machine sees "
        "everyone's records; if these are real people, delete that line and import into a new "
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
    if value["rejects"]:
        table("Rejected", ["reason", "rows"], [[k, f"{n:,}"] for k, n in value["rejects"].items()])
        if examples:
            table("The first of them", ["file", "row", "column", "reason"], examples)
        elif not is_unchanged:
            print("`edupulse rejects --out FILE` writes the rejected rows, with what was found.")
    for note in value["notes"]:
        print(note)
    done = f"Published: {value['published']}"
    if is_unchanged or not value["published"]:
        done = "Nothing was published" + ("." if is_unchanged else " (dry run).")
    print(f"{value['students']:,} students, {value['weeks']:,} weeks. {done}")


def who_is_scored(value: dict[str, Any]) -> tuple[str, str]:
    """How many of the students of `ScoreRun.as_json` are in a tier, and, if not all, who is not."""
    n = value["not_enough_data"]
    rest = f"; {n:,} {'has' if n == 1 else 'have'} not enough data" if n else ""
    return f"{value['scored']:,} of {value['students']:,} students", rest


def unexpected(error: Exception) -> tuple[str, int]:
    """Say in one sentence what nobody foresaw, and with which exit code; raise it to debug it."""
    if os.environ.get("EDUPULSE_DEBUG"):
        raise error
    if isinstance(error, OSError) and _is_in_home(error):
        return f"{error.filename} cannot be used: {error.strerror}", InputError.exit_code
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"{type(error).__name__}: {said} (EDUPULSE_DEBUG=1 shows where)", 1


def _is_in_home(error: OSError) -> bool:
    """Whether the file system refused something in the home, where the settings say which it is."""
    try:
        return is_at(error, load_settings().home)
    except (EduPulseError, OSError):
        return False


def is_at(error: OSError, place: Path) -> bool:
    """Say whether the file system refused something in a folder; what is missing is our fault."""
    if isinstance(error, FileNotFoundError) or not error.filename:
        return False
    return Path(str(error.filename)).absolute().is_relative_to(place.absolute())


def _is_above(error: OSError, place: Path) -> bool:
    """Say whether the file system refused the place itself, or a folder that it was to lie in."""
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
    """Blame the place that was given for what the file system refuses there."""
    try:
        yield
    except OSError as error:
        in_words = out.name in str(error.strerror)  # Arrow's
        if not (in_words or is_at(error, out.parent) or _is_above(error, out)):
            raise
        raise InputError(f"--out {out} cannot be used: {os.strerror(error.errno or 0)}") from error


def check_ending(out: Path | None) -> None:
    """Refuse before any work what could not be written after it."""
    if out is None:
        return
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(f"--out {out}: the name must end in .csv or .parquet")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}")


def check_free(address: str, port: int) -> None:
    """Refuse before any work a port that no server could listen on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"--port {port} is taken by another program; choose another") from None
        raise InputError(f"--address {address} --port {port}: {error.strerror}") from None
