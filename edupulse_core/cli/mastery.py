"""The command about a student's mastery."""

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, AsOf, Student, emit, table, tell_week
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR


def mastery(student: Student, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Tell a student's mastery of every skill, each with its range."""
    from edupulse_core.actions.mastery import show_mastery
    from edupulse_core.families.tracing import sayings

    found = show_mastery(OPERATOR, load_settings(), student, as_of=as_of)
    tell_week(as_of, found.as_of)
    if as_json:
        emit(found.as_json(), True, "")
        return
    rows = [
        [
            each.skill_id,
            each.title,
            name,
            sayings.level(each.label),
            f"{sayings.chance(each.mastery)} ({sayings.span(each.low, each.high)})",
            f"{each.right} of {each.answers}" if each.answers else "–",
        ]
        for name, skills in found.by_subject.items()
        for each in skills
    ]
    head = ("ID", "Skill", "Subject", "Level", "Chance (range)", "Right answers")
    table(f"Mastery of {student}, as of {words.day(found.as_of)}", head, rows)
    print(sayings.summary([each.label for each in found.skills]).capitalize() + ".")
    print(f"{sayings.MEANING} {sayings.RANGE}")
