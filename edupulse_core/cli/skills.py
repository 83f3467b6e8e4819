"""The command that lists the district's skills."""

from typing import Annotated

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, emit, table
from edupulse_core.config import load_settings
from edupulse_core.errors import MissingError


def skills(
    subject: Annotated[str, typer.Option(help="Only this one, such as math.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the skills, whose IDs and titles `hours` and `path --goal` take."""
    from edupulse_core.queries import learning
    from edupulse_core.queries.district import open_district

    every = learning.skills(open_district(load_settings()))
    if not every:
        raise MissingError(
            "There are no skills yet: bring skills.csv; data/README.md has its columns"
        )
    subjects = list(dict.fromkeys(words.subject(each["subject"]) for each in every))
    wanted = words.subject(subject.strip().lower()) if subject else ""
    if wanted and wanted not in subjects:
        raise MissingError(f"no skill is in {subject!r}; there are: {', '.join(subjects)}")
    found = [each for each in every if wanted in ("", words.subject(each["subject"]))]
    if as_json:
        emit({"skills": found}, True, "")
        return
    rows = [
        [each["skill_id"], each["title"], words.subject(each["subject"]), grade(each["grade"])]
        for each in found
    ]
    table("Skills", ["ID", "Skill", "Subject", "Grade"], rows)


def grade(code: str | None) -> str:
    """A grade in words; a dash where it is not known."""
    return words.grade(code) if code else "–"
