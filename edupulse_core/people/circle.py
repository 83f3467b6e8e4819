"""Everyone who may see one student, and why."""

from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.people.access import UNKNOWN_STUDENT, Viewer, viewer_of, why_each_may_see
from edupulse_core.people.personas import personas

_TEACHERS = """
select distinct teachers.user_id, trim(concat(given_name, ' ', family_name)) as name
from enrollment_spans as students
join enrollment_spans as teachers using (class_id)
join users on users.user_id = teachers.user_id
where students.user_id = $student_id and students.role = 'student' and teachers.role = 'teacher'
    and users.is_active
    and students.start_date <= $as_of and students.end_date > $as_of - 6
order by name, teachers.user_id
"""


@dataclass(frozen=True)
class Witness:
    """Someone who may see the student."""

    name: str
    reason: str


def who_may_see(
    settings: Settings, con: DuckDBPyConnection, student_id: str, viewer: Viewer, as_of: date
) -> list[Witness]:
    """Everyone with a reason to see this student, by name.

    Raises AccessError when the viewer who asks has none.
    """
    people = _candidates(settings, con, student_id, viewer, as_of)
    own, *reasons = why_each_may_see(con, [viewer, *people], student_id, as_of)
    if own is None:
        raise AccessError(UNKNOWN_STUDENT)
    found: dict[tuple[str, str], Witness] = {}
    for person, reason in zip(people, reasons, strict=True):
        if reason is None:
            continue
        for user_id in person.also:  # another row of the same person, who is named once
            found.pop((user_id, ""), None)
        key = person.user_id, "" if person.user_id else person.sign_in
        found[key] = Witness(person.name, reason)
    return sorted(found.values(), key=lambda witness: witness.name)


def _candidates(
    settings: Settings, con: DuckDBPyConnection, student_id: str, viewer: Viewer, as_of: date
) -> list[Viewer]:
    """Their teachers, then people with a granted role, whose reason replaces a teacher's."""
    rows = con.execute(_TEACHERS, {"student_id": student_id, "as_of": as_of}).fetchall()
    teachers = [Viewer(user_id, name, frozenset({"teacher"})) for user_id, name in rows]
    if viewer.is_demo_persona:
        return teachers + [person for person in personas(con) if person.roles != {"teacher"}]
    return teachers + _granted(settings, con)


def _granted(settings: Settings, con: DuckDBPyConnection) -> list[Viewer]:
    people = []
    for sign_in in sorted({grant.user for grant in settings.grants}):
        try:
            people.append(viewer_of(settings, con, sign_in))
        except RefusedError:
            continue  # a sign-in that two people share opens nothing
    return [person for person in people if person is not None]
