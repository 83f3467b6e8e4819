"""Keep and print the tables of a benchmark's results.

`python -m tests.benchmarks.kept NAME FILE` keeps figures that `edupulse bench NAME --json` printed,
on another machine perhaps, as if they had been measured in this home. `--card VERSION` then writes
the card of a shipped version anew, with the figures kept in the repository.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edupulse_core.config import SHIPPED_MODELS, load_settings
from edupulse_core.errors import EduPulseError
from edupulse_core.families.risk import shipping
from edupulse_core.lifecycle import benchmarks


def keep(
    name: str,
    found: Mapping[str, Any],
    tables: Sequence[Mapping[str, Any]],
    measured_on: date | None = None,
) -> None:
    """Keep a benchmark's tables for the Evidence page, unless of small sizes or of a part only.

    found: "quick" says the one, "partial" the other; either is then told on stderr.  "command" is
    what measures it again, where the name alone does not.  "family": whose it is; risk's unless
    given.
    """
    for why, words in (("quick", "small sizes prove nothing"), ("partial", "a part is missing")):
        if found.get(why):
            print(f"edupulse: not kept for the Evidence page, for {words}", file=sys.stderr)
            return
    benchmarks.keep(
        load_settings(),
        found.get("family", "risk"),
        name,
        tables,
        command=found.get("command", f"edupulse bench {name}"),
        version=found.get("version"),
        measured_on=measured_on,
    )


def show(tables: Sequence[Mapping[str, Any]]) -> None:
    """Print tables: a title and rows of cells each."""
    console = Console(width=None if sys.stdout.isatty() else 170)
    for each in tables:
        columns, rows = benchmarks.cells(each["rows"])
        table = Table(*columns, title=each["title"], title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def main(arguments: list[str]) -> None:
    """Keep the figures in a file, as of the day that it was written."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kept")
    parser.add_argument("name", choices=list(benchmarks.TITLES))
    parser.add_argument("file", type=Path)
    parser.add_argument("--card", metavar="VERSION")
    given = parser.parse_args(arguments)
    try:
        found = json.loads(given.file.read_text(encoding="utf-8"))
        written_on = datetime.fromtimestamp(given.file.stat().st_mtime, UTC).date()
    except (OSError, ValueError) as error:
        parser.error(f"{given.file} cannot be read: {error}")
    try:
        bench = import_module(f"tests.benchmarks.bench_{given.name}")
        keep(given.name, found, bench.tables(found), written_on)
        if given.card:
            measured = benchmarks.in_markdown("risk", given.card)
            shipping.write_card_again(SHIPPED_MODELS / "risk" / given.card, measured)
    except EduPulseError as error:
        parser.error(str(error))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        parser.error(
            f"{given.file} does not hold what `edupulse bench {given.name} --json` prints, or that "
            f"makes no tables ({type(error).__name__}: {error})"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
