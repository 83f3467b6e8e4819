"""The command about colleges: a student's odds at every program."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from edupulse_core.cli.terminal import AsJson, AsOf, screen, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.queries.outlook import Outlook


def admission(
    student: Annotated[str, typer.Argument(help="The student's sourcedId.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show a student's odds of admission at each program, and what would change them."""
    from edupulse_core.actions.admission import college_outlook

    found = college_outlook(OPERATOR, load_settings(), student, as_of=as_of)
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        show(found)


def show(found: "Outlook") -> None:
    """Print every program, the balanced list, and what the numbers are not."""
    from edupulse_core.families.admission import sayings

    rows = [
        [", ".join(filter(None, (one.title, one.institution))), one.kind, one.odds, *one.advice[:1]]
        for one in found.programs
    ]
    rows = [[*row, ""][:4] for row in rows]
    title = f"Odds of admission of {found.student_id} as of {found.as_of}"
    table(title, ["program", "kind", "odds", "what would change them most"], rows)
    for kind, some in found.balanced.items():
        names = ", ".join(one.title for one in some)
        print(f"{kind.capitalize()}: {names or 'none among these programs'}")
    screen.print(sayings.WARNING, highlight=False, soft_wrap=True)
