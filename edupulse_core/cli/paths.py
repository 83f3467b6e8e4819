"""The command about the skills that a student works on next."""

from typing import Annotated

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, AsOf, Student, emit, table, tell_week
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR


def path(
    student: Student,
    length: Annotated[
        int, typer.Option("--length", min=1, max=50, help="How many skills, at most.")
    ] = 10,
    goal: Annotated[
        str, typer.Option("--goal", metavar="SKILL", help="A skill to reach: its ID or title.")
    ] = "",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Tell which skills a student works on next, in order, each with its reason."""
    from edupulse_core.actions.paths import ask_path

    found = ask_path(OPERATOR, load_settings(), student, length=length, goal=goal, as_of=as_of)
    tell_week(as_of, found.as_of)
    if as_json:
        emit(found.as_json(), True, "")
        return
    rows = [
        [
            each.skill_id,
            each.title,
            words.subject(each.subject),
            words.percent(each.mastery),
            each.sentence,
        ]
        for each in found.steps
    ]
    head = ("ID", "Skill", "Subject", "Chance now", "Why")
    if rows:
        table(f"Next skills of {student}, as of {words.day(found.as_of)}", head, rows)
    else:
        print(f"{student}, as of {words.day(found.as_of)}: {found.note}")
