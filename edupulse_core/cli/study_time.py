"""The command about study time."""

from dataclasses import asdict
from typing import Annotated

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, AsOf, Student, emit, tell_week
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR


def hours(
    student: Student,
    skill: Annotated[
        str, typer.Argument(help="The skill's ID or title; `edupulse skills` lists them.")
    ],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Tell how long a session on a skill will take a student, with a range."""
    from edupulse_core.actions.study_time import expect_hours
    from edupulse_core.families.study_time import sayings
    from edupulse_core.families.study_time.examples import Question

    question = Question(skills=(skill,))
    (found,) = expect_hours(OPERATOR, load_settings(), student, question, as_of=as_of)
    tell_week(as_of, found.as_of)
    value = {
        "student_id": found.student_id,
        "skill_id": found.skill_id,
        "skill": found.skill,
        "hours": found.hours,
        "interval": [found.low, found.high],
        **{
            name: each
            for name, each in asdict(found).items()
            if name in ("usual", "pace", "close", "sessions_before", "as_of")
        },
        "model_version": found.version,
    }
    lines = (
        f"{found.skill} ({found.skill_id}) for {student}, as of {words.day(found.as_of)}",
        sayings.expected(found.hours, found.low, found.high),
        sayings.compared(found.sessions_before, found.pace),
    )
    emit(value, as_json, "\n".join(lines))
