"""The command that names resources for a student."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, AsOf, Student, emit, table, tell_week
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR


def recommend(
    student: Student,
    top: Annotated[int, typer.Option("--top", min=1, max=100, help="How many to name.")] = 10,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Name resources for a student, each with its reason."""
    from edupulse_core.actions.resources import ask_resources

    settings = load_settings()
    found, named = ask_resources(OPERATOR, settings, student, count=top, as_of=as_of)
    tell_week(as_of, found.as_of)
    value: dict[str, Any] = {
        "student_id": student,
        "as_of": found.as_of.isoformat(),
        "model_version": found.version,
        "resources": [asdict(each) for each in named],
    }
    if as_json or not named:
        emit(
            value, as_json, "Nothing is left to suggest: the student has completed every resource."
        )
        return
    rows = [
        [
            each.resource_id,
            each.title,
            (each.kind or "–").capitalize(),
            "–" if each.minutes is None else f"{each.minutes:.0f}",
            each.reason,
        ]
        for each in named
    ]
    title = f"Resources for {student}, as of {words.day(found.as_of)}"
    table(title, ["ID", "Resource", "Kind", "Minutes", "Why"], rows)
