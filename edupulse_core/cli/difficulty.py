"""The command that tells how hard a text is."""

from pathlib import Path
from typing import Annotated

import typer

from edupulse_core.cli.terminal import AsJson, emit, table
from edupulse_core.config import load_settings
from edupulse_core.files import text_in
from edupulse_core.people.actor import OPERATOR


def difficulty(
    file: Annotated[Path, typer.Argument(help="A text file.")], as_json: AsJson = False
) -> None:
    """Tell how hard a text is to read, from level 1 to level 5."""
    from edupulse_core.actions.difficulty import level_of
    from edupulse_core.families.difficulty import measures
    from edupulse_core.families.difficulty.sayings import in_words

    found = level_of(OPERATOR, load_settings(), text_in(file))
    if as_json:
        emit(found.as_json(), True, "")
        return
    print(in_words(found.level, found.low, found.high, found.note))
    table(
        "How likely each level is",
        ("Level", "Chance"),
        [(level, f"{chance:.0%}") for level, chance in found.probabilities.items()],
    )
    rows = [(measures.MEASURES[name], f"{value:.4g}") for name, value in found.measures.items()]
    table("The text in numbers", ("Measure", "Value"), rows)
