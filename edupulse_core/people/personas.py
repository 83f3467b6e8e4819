"""The fictional staff of the demo district, whose roles come from its own bundle."""

from duckdb import DuckDBPyConnection

from edupulse_core.errors import RefusedError
from edupulse_core.people.access import Viewer, caseloads_are_given

ROLES = {  # OneRoster's words; they open something in the demo only
    "teacher": "teacher",
    "counselor": "counselor",
    "principal": "principal",
    "districtadministrator": "district",
    "siteadministrator": "steward",
    "systemadministrator": "steward",
}

_STAFF = """
select users.user_id, trim(concat(given_name, ' ', family_name)) as name, lower(role) as role,
    coalesce(list(distinct org_id order by org_id) filter (org_id is not null), []) as org_ids,
    lower(any_value(coalesce(nullif(email, ''), username, users.user_id))) as sign_in
from users
join user_roles using (user_id)
where users.is_active and lower(role) not in ('student', 'guardian', 'parent', 'relative')
    and ($user_id is null or users.user_id = $user_id)
group by all
order by name, users.user_id, role
"""


def is_demo(con: DuckDBPyConnection) -> bool:
    """Whether everything in the warehouse is the demo district."""
    found = con.execute("select count(*) > 0 and bool_and(is_demo) from imports").fetchone()
    return bool(found and found[0])


def personas(con: DuckDBPyConnection, user_id: str | None = None) -> list[Viewer]:
    """Everyone on the demo's staff, or the one who is asked for, as viewers by name.

    Raises RefusedError when the warehouse holds anything but the demo district.
    """
    if not is_demo(con):
        raise RefusedError("Only the demo district lets you switch roles.")
    by_school = {"principal"} if caseloads_are_given(con) else {"principal", "counselor"}
    found: dict[str, Viewer] = {}
    for known_id, name, word, org_ids, sign_in in con.execute(
        _STAFF, {"user_id": user_id}
    ).fetchall():
        role = ROLES.get(word)
        if role is None:
            continue
        known = found.get(known_id)
        schools = set(org_ids if role in by_school else ())
        found[known_id] = Viewer(
            user_id=known_id,
            name=name,
            roles=(known.roles if known else frozenset()) | {role},
            school_ids=tuple(sorted(schools | set(known.school_ids if known else ()))),
            sign_in=sign_in,
            is_demo_persona=True,
        )
    return list(found.values())


def persona(con: DuckDBPyConnection, user_id: str) -> Viewer | None:
    """One of them; None when nobody has that id."""
    return next(iter(personas(con, user_id)), None)
