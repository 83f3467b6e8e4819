"""What a command prints and where it may write or listen: bars, tables, JSON, and refusals."""

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edupulse_core.errors import InputError

screen = Console(stderr=True)
Report = Callable[[str, int, int], None]


@contextmanager
def progress() -> Iterator[Report]:
    """A bar for each thing that is worked on; silent where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=screen, disable=not screen.is_terminal
    ) as bars:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield report


def emit(value: dict[str, Any], as_json: bool, text: str) -> None:
    """Print a result: one JSON object, or words."""
    if as_json:
        print(json.dumps(value, default=str))
    else:
        print(text)


def table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Print rows; what is in them is text, never markup."""
    made = Table(*map(escape, columns), title=escape(title), title_justify="left")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    Console().print(made)


def day(when: datetime | None) -> date | None:
    """The day of an option that Typer reads as a moment."""
    return when.date() if when else None


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
