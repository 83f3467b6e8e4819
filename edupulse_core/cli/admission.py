"""The command about colleges: a student's odds at every program."""

from typing import TYPE_CHECKING

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, AsOf, Student, emit, screen, table, tell_week
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # slow to import
    from edupulse_core.queries.outlook import Outlook


def admission(student: Student, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show a student's odds of admission at each program, and what would change them."""
    from edupulse_core.actions.admission import college_outlook

    found = college_outlook(OPERATOR, load_settings(), student, as_of=as_of)
    tell_week(as_of, found.as_of)
    if as_json:
        emit(found.as_json(), True, "")
    else:
        show(found)


def show(found: "Outlook") -> None:
    """Print every program, the balanced list, and what the numbers are not."""
    from edupulse_core.families.admission import sayings

    rows = [
        [
            one.program_id,
            ", ".join(filter(None, (one.title, one.institution))),
            one.kind.capitalize(),
            (one.outcome or ("applied" if one.has_applied else "–")).capitalize(),
            one.odds,
            next(iter(one.advice), "–"),
        ]
        for one in found.programs
    ]
    title = f"Odds of admission for {found.student_id}, as of {words.day(found.as_of)}"
    head = ("ID", "Program", "Kind", "Answer", "Odds (range)", "What would raise them most")
    table(title, head, rows)
    print("A balanced list of programs that are still open, waitlists too:")
    for kind, some in found.balanced.items():
        names = ", ".join(one.title for one in some)
        print(f"{kind.capitalize()}: {names or 'none'}")
    screen.print(sayings.WARNING, highlight=False, soft_wrap=True)
