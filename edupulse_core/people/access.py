"""The one door to student data: who is looking, whom they may see, and why.

Every query for a viewer joins the table macro that `install` creates, with `parameters`:

    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)

`as_of` is always the last day of the data, even on a page that looks back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duckdb import CatalogException, DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import Grant, Settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.people.identity import LOWER, UPPER, folded, is_folded, sign_in_of

UNKNOWN_STUDENT = "Student not found, or you don't have access."

_TEACHES = """
select 1 from enrollment_spans
where role = 'teacher' and list_contains($user_ids::varchar[], user_id)
limit 1
"""
_CASELOADS = """
select 1 from caseloads
union all
select 1 from has_records where name = 'caseloads' and present
limit 1
"""
_REASON = """
select reason
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
where student_id = $student_id
"""
_REASONS = """
with viewers as (
    select unnest(
        $viewers::struct(
            place integer,
            viewer_user_id varchar[],
            see_all boolean,
            school_ids varchar[],
            caseload_of varchar[]
        )[],
        max_depth := 2
    )
)
select place, seen.reason
from viewers, lateral (
    select reason
    from visible_students(viewer_user_id, see_all, school_ids, $as_of, caseload_of := caseload_of)
    where student_id = $student_id
) as seen
"""
_PATHS = ("memory.main,warehouse.main,features.main", "memory.main,warehouse.main", "memory.main")


@dataclass(frozen=True)
class Viewer:
    """Someone signed in, and what they may open; hashable, so caches can be kept apart by it."""

    user_id: str  # users.user_id; empty for one who is only granted a role
    name: str
    roles: frozenset[str]  # counselor, teacher, principal, district, steward
    school_ids: tuple[str, ...] = ()  # all students of these, as principal or counselor
    sign_in: str = ""  # the claim's value, as the audit trail names them
    is_demo_persona: bool = False
    also: tuple[str, ...] = ()  # user_id of other rows of the same person
    session: str = field(default="", compare=False)  # of a browser; says nothing of who they are

    @property
    def user_ids(self) -> tuple[str, ...]:
        """All user_ids of this person; none if they have only a granted role."""
        return (self.user_id, *self.also) if self.user_id else ()

    @property
    def role(self) -> str:
        """The roles in one word, as the audit trail writes them."""
        return "+".join(sorted(self.roles))

    @property
    def sees_students(self) -> bool:
        """Whether any student's name may appear; a data steward alone sees none."""
        return bool(self.roles - {"steward"})


def reach(viewer: Viewer) -> list[str]:
    """Whose students the viewer's lists hold, for the audit trail."""
    if "district" in viewer.roles:
        return ["district"]
    found = [f"school {school_id}" for school_id in viewer.school_ids]
    found += ["caseload"] if "counselor" in viewer.roles else []
    return found + (["classes"] if "teacher" in viewer.roles else [])


def install(con: DuckDBPyConnection) -> None:
    """Make the macro `visible_students` in the connection's own memory."""
    sql.run(con, "people/visible_students")


def cursor(con: DuckDBPyConnection) -> DuckDBPyConnection:
    """One thread's own cursor; plain table names resolve in it as in its connection."""
    own = con.cursor()  # knows only the memory
    for path in _PATHS:  # trying is quicker than asking which of them are attached
        try:
            own.execute("set search_path = $path", {"path": path})
            break
        except CatalogException:
            continue
    return own


def parameters(viewer: Viewer, as_of: date) -> dict[str, Any]:
    """The parameters of `visible_students`; as_of is the last day of the data.

    viewer_user_id and caseload_of are lists: a person may have several rows among the users.
    """
    return {
        "viewer_user_id": list(viewer.user_ids) if "teacher" in viewer.roles else None,
        "see_all": "district" in viewer.roles,
        "school_ids": list(viewer.school_ids),
        "as_of": as_of,
        "caseload_of": list(viewer.user_ids) if "counselor" in viewer.roles else None,
    }


def why_may_see(con: DuckDBPyConnection, viewer: Viewer, student_id: str, as_of: date) -> str:
    """The reason in plain words, such as 'in their class Algebra 1, period 3'.

    Raises AccessError, the same for a student of others as for one who does not exist.
    """
    given = parameters(viewer, as_of) | {"student_id": student_id}
    found = con.execute(_REASON, given).fetchone()
    if found is None:
        raise AccessError(UNKNOWN_STUDENT)
    return str(found[0])


def why_each_may_see(
    con: DuckDBPyConnection, viewers: Sequence[Viewer], student_id: str, as_of: date
) -> list[str | None]:
    """As `why_may_see` for several viewers at once; None for a viewer who has no reason."""
    given = [parameters(viewer, as_of) | {"place": at} for at, viewer in enumerate(viewers)]
    for each in given:
        del each["as_of"]  # the same for all
    asked = {"viewers": given, "student_id": student_id, "as_of": as_of}
    found = dict(con.execute(_REASONS, asked).fetchall())
    return [found.get(place) for place in range(len(viewers))]


def viewer_for(
    settings: Settings, con: DuckDBPyConnection, identity: Mapping[str, Any]
) -> Viewer | None:
    """Who a sign-in is and which roles they hold; None without a role, so without students.

    identity: the claims of the identity token.
    Raises RefusedError when two people of the district share the sign-in, or it can't be trusted.
    """
    value = sign_in_of(settings, identity)
    return viewer_of(settings, con, value) if value else None


def viewer_of(settings: Settings, con: DuckDBPyConnection, sign_in: str) -> Viewer | None:
    """Who the sign-in claim's value belongs to, as `viewer_for`."""
    value = folded(settings, sign_in)
    person = _person(settings, con, value)
    if not person.is_active:
        return None
    grants = [grant for grant in settings.grants if folded(settings, grant.user) == value]
    roles = {grant.role for grant in grants} | _taught_role(con, person.user_ids)
    if not roles:
        return None
    return Viewer(
        user_id=person.user_ids[0] if person.user_ids else "",
        name=person.name or sign_in,
        roles=frozenset(roles),
        school_ids=_schools(con, grants),
        sign_in=value,
        also=tuple(person.user_ids[1:]),
    )


def is_gone(settings: Settings, con: DuckDBPyConnection, sign_in: str) -> bool:
    """Whether the sign-in is in the data, but belongs only to people who have left."""
    try:
        return not _person(settings, con, folded(settings, sign_in)).is_active
    except RefusedError:
        return False


def caseloads_are_given(con: DuckDBPyConnection) -> bool:
    """Whether the district says, or once said, which students are on each counselor's caseload.

    If it did and no row is left, counselors see no students rather than all of them.
    """
    return con.execute(_CASELOADS).fetchone() is not None


@dataclass(frozen=True)
class _Person:
    """Somebody of the district's data; without user_ids, nobody of them."""

    is_active: bool = True  # False: the data say that they are gone
    name: str = ""
    user_ids: Sequence[str] = ()


def _person(settings: Settings, con: DuckDBPyConnection, value: str) -> _Person:
    """The person with this email, else username.

    If somebody left and another person took over their address, it names that person.
    """
    by_email = settings.sign_in.claim == "email"
    given = {"value": value, "is_folded": is_folded(settings), "upper": UPPER, "lower": LOWER}
    gone = None
    for first in (by_email, not by_email):
        rows = sql.run(con, "people/person", {**given, "by_email": first})
        found = [person for person in (_Person(*row) for row in rows) if person.is_active]
        if len(found) > 1:
            raise RefusedError(
                f"The district's data have {len(found)} people with the sign-in {value!r}, so it "
                "opens nothing. Ask your data steward to correct one of them."
            )
        if found:
            return found[0]
        gone = gone or next((_Person(*row) for row in rows), None)
    return gone or _Person()


def _taught_role(con: DuckDBPyConnection, user_ids: Sequence[str]) -> set[str]:
    found = con.execute(_TEACHES, {"user_ids": list(user_ids)}).fetchone()
    return {"teacher"} if found else set()


def _schools(con: DuckDBPyConnection, grants: list[Grant]) -> tuple[str, ...]:
    """A principal's schools, and a counselor's where the district gives no caseloads."""
    roles = {"principal"} if caseloads_are_given(con) else {"principal", "counselor"}
    named = {school for grant in grants if grant.role in roles for school in grant.schools}
    return tuple(sorted(named))
