"""How any command reads its options and prints, and checks of where it may write."""

import json
import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich import progress as bars
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edupulse_core import words
from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError, InputError, UntrainedError, what_is_wrong
from edupulse_core.progress import Progress

screen = Console(stderr=True)
Rows = Sequence[Sequence[Any]]
EVERY = 5.0  # seconds between two lines about progress, where no terminal shows bars
SILENT = 15.0  # seconds after which a step without news is told of again


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a bar for each step; without a terminal, a line on standard error now and then."""
    if not screen.is_terminal:
        with _lines() as report:
            yield report
        return
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=screen) as shown:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=total)
            shown.update(tasks[name], completed=done, total=total)

        yield report


@contextmanager
def _lines() -> Iterator[Progress]:
    """Tell of progress in lines, as a log keeps them; what is done at once says nothing.

    A step that is silent for long is told of again, with the time since the beginning.
    """
    began = last = time.monotonic()
    step, ended = "at work", threading.Event()

    def say(more: str = "") -> None:
        nonlocal last
        last = time.monotonic()
        tell(step + more)

    def report(name: str, done: int, total: int) -> None:
        nonlocal step
        step = f"{name}: {done:,} of {total:,}"
        if time.monotonic() - last >= EVERY:
            say()

    def beat() -> None:
        while not ended.wait(min(1.0, SILENT)):
            if time.monotonic() - last >= SILENT:
                say(f", {time.monotonic() - began:.0f} seconds so far")

    if SILENT < math.inf:
        threading.Thread(target=beat, daemon=True).start()
    try:
        yield report
    finally:
        ended.set()


def emit(value: dict[str, Any], as_json: bool, text: str) -> None:
    """Print a result: one JSON object, or words."""
    if as_json:
        print(json.dumps(value, default=str))
    else:
        print(text)


SHORT = 32  # characters that a table's first column always has room for


def table(title: str, columns: Sequence[str], rows: Rows) -> None:
    """Print rows as plain text, without reading markup in them.

    Nothing is cut, and a short first column is one line: it is what somebody types next.
    """
    made = Table(*map(escape, columns), title=escape(title), title_justify="left")
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    for column in made.columns:
        column.overflow = "fold"
    made.columns[0].no_wrap = max((len(row[0]) for row in cells), default=0) <= SHORT
    for row in cells:
        made.add_row(*map(escape, row))
    Console().print(made)


def day(text: str) -> date:
    """Read the day given with an option. Raises ValueError if it isn't a date."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31") from None


Student = Annotated[str, typer.Argument(help="The student's ID (sourcedId).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", parser=day, metavar="DATE", help="Use nothing dated after this day."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Write a .csv or .parquet file.")]


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


def tell_week(
    as_of: date | None, ended_on: date | None, done: str = "this is as of that week"
) -> None:
    """Say which week was used, if the day asked for is well after the last week with data."""
    if as_of and ended_on and ended_on + timedelta(days=7) <= as_of:
        said = (
            f"The last week with data by {words.day(as_of)} ended on {words.day(ended_on)}: {done}."
        )
        screen.print(said, highlight=False, soft_wrap=True)


def why_untrained(error: UntrainedError) -> str:
    """Why nothing answers yet: what the records lack, or that a training is all it takes."""
    from edupulse_core.families.shelf import family_named
    from edupulse_core.lifecycle import findings, retraining

    try:
        found = retraining.checked(load_settings(), error.family)
    except EduPulseError as lacking:  # the files that a training would read
        return str(lacking)
    except Exception:  # this only explains another error
        return str(error)
    return findings.refusal(found, family_named(error.family)) if found.errors else str(error)


def unexpected(error: Exception) -> tuple[str, int]:
    """One sentence and the exit code for an unexpected error; with EDUPULSE_DEBUG, raise it."""
    if os.environ.get("EDUPULSE_DEBUG"):
        raise error
    if isinstance(error, OSError) and _is_in_home(error):
        return f"{error.filename} cannot be used: {error.strerror}", InputError.exit_code
    if type(error).__module__ in ("duckdb", "_duckdb") and (found := _damage()):
        return found
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"{type(error).__name__}: {said} (EDUPULSE_DEBUG=1 shows where)", 1


def _damage() -> tuple[str, int] | None:
    """The message for a file of the home that turned out to be damaged."""
    from edupulse_core.actions.features import mend

    try:
        thrown_away = mend(load_settings())
    except EduPulseError as error:
        return str(error), error.exit_code
    said = "the features were damaged and are built again by the next command: run this one again"
    return (said, InputError.exit_code) if thrown_away else None


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
