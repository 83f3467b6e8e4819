"""The one door to student data: who is looking, whom they may see, and why.

Every query for a viewer joins the table macro that `install` creates, with `parameters`:

    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)

`as_of` is always the last day of the data, even on a page that looks back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from edupulse_core import sql
from edupulse_core.config import Grant, Settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.people.identity import LOWER, UPPER, folded, is_folded, sign_in_of

UNKNOWN_STUDENT = "Student not found, or you don't have access."

_BY_EMAIL = """
select user_id, trim(given_name || ' ' || family_name) as name from users
where $value = case when $is_folded then translate(trim(email), $upper, $lower) else email end
and not exists (
    from user_roles where user_roles.user_id = users.user_id
    and role in ('guardian', 'parent', 'relative')
)
order by user_id
"""
_BY_USERNAME = """
select user_id, trim(given_name || ' ' || family_name) as name from users
where $value = case when $is_folded then translate(trim(username), $upper, $lower) else username end
and not exists (
    from user_roles where user_roles.user_id = users.user_id
    and role in ('guardian', 'parent', 'relative')
)
order by user_id
"""
_TEACHES = "select 1 from enrollment_spans where role = 'teacher' and user_id = $user_id limit 1"
_REASON = """
select reason
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
where student_id = $student_id
"""
_CATALOGS = """
select string_agg(database_name || '.main', ',' order by place)
from duckdb_databases()
join (values ('memory', 1), ('warehouse', 2), ('features', 3)) as places (name, place)
    on name = database_name
"""


@dataclass(frozen=True)
class Viewer:
    """Someone signed in, and what they may open; hashable, so caches can be kept apart by it."""

    user_id: str  # users.user_id; empty for one who is only granted a role
    name: str
    roles: frozenset[str]  # counselor, teacher, principal, district, steward
    school_ids: tuple[str, ...] = ()  # all students of these, as principal or counselor
    sign_in: str = ""  # the claim's value, as the audit trail names them
    is_demo_persona: bool = False
    session: str = field(default="", compare=False)  # of a browser; says nothing of who they are

    @property
    def role(self) -> str:
        """The roles in one word, as the audit trail writes them."""
        return "+".join(sorted(self.roles))

    @property
    def sees_students(self) -> bool:
        """Whether any student's name may appear; a data steward alone sees none."""
        return bool(self.roles - {"steward"})


def install(con: DuckDBPyConnection) -> None:
    """Make the macro `visible_students` in the connection's own memory."""
    sql.run(con, "people/visible_students")


def cursor(con: DuckDBPyConnection) -> DuckDBPyConnection:
    """One thread's own cursor; plain table names resolve in it as in its connection."""
    own = con.cursor()  # knows only the memory
    (names,) = own.execute(_CATALOGS).fetchall()[0]
    own.execute("set search_path = $names", {"names": names})
    return own


def parameters(viewer: Viewer, as_of: date) -> dict[str, Any]:
    """The parameters of `visible_students`; as_of is the last day of the data."""
    return {
        "viewer_user_id": (viewer.user_id or None) if "teacher" in viewer.roles else None,
        "see_all": "district" in viewer.roles,
        "school_ids": list(viewer.school_ids),
        "as_of": as_of,
        "caseload_of": (viewer.user_id or None) if "counselor" in viewer.roles else None,
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
    user_id, name = _person(settings, con, value)
    grants = [grant for grant in settings.grants if folded(settings, grant.user) == value]
    roles = {grant.role for grant in grants} | _taught_role(con, user_id)
    if not roles:
        return None
    return Viewer(
        user_id=user_id,
        name=name or sign_in,
        roles=frozenset(roles),
        school_ids=_schools(con, grants),
        sign_in=value,
    )


def caseloads_are_given(con: DuckDBPyConnection) -> bool:
    """Whether the district says which students are on each counselor's caseload."""
    return con.execute("select 1 from caseloads limit 1").fetchone() is not None


def _person(settings: Settings, con: DuckDBPyConnection, value: str) -> tuple[str, str]:
    """The user with this email, else username; both empty when nobody has it."""
    by_email = settings.sign_in.claim == "email"
    given = {"value": value, "is_folded": is_folded(settings), "upper": UPPER, "lower": LOWER}
    for query in (_BY_EMAIL, _BY_USERNAME) if by_email else (_BY_USERNAME, _BY_EMAIL):
        found = con.execute(query, given).fetchall()
        if len(found) > 1:
            raise RefusedError(
                f"The district's data have {len(found)} people with the sign-in {value!r}, so it "
                "opens nothing. Ask your data steward to correct one of them."
            )
        if found:
            return found[0][0], found[0][1]
    return "", ""


def _taught_role(con: DuckDBPyConnection, user_id: str) -> set[str]:
    found = con.execute(_TEACHES, {"user_id": user_id}).fetchone()
    return {"teacher"} if found else set()


def _schools(con: DuckDBPyConnection, grants: list[Grant]) -> tuple[str, ...]:
    """A principal's schools, and a counselor's where the district gives no caseloads."""
    roles = {"principal"} if caseloads_are_given(con) else {"principal", "counselor"}
    named = {school for grant in grants if grant.role in roles for school in grant.schools}
    return tuple(sorted(named))
