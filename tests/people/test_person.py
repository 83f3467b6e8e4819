"""Who is who: one person in several rows, people who are gone, guardians who also teach."""

from pathlib import Path

import duckdb
import pytest

from edupulse_core.config import Grant, Settings, SignIn, load_settings
from edupulse_core.errors import RefusedError
from edupulse_core.people import access, circle
from edupulse_core.people.access import Viewer, viewer_of
from tests import people

AS_OF = people.AS_OF
TOM = "tom@north.example"


@pytest.fixture
def con():
    with people.district() as con:
        yield con


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, grants=people.GRANTS)


def add(con: duckdb.DuckDBPyConnection, user_id: str, role: str, **more: str) -> None:
    """One more row for Tom North, unless other words are given."""
    row = {"given": "Tom", "family": "North", "username": user_id, "email": TOM, **more}
    con.execute(
        "insert into users (user_id, given_name, family_name, username, email) "
        "values ($user_id, $given, $family, $username, $email)",
        {"user_id": user_id, **row},
    )
    con.execute("insert into user_roles values (?, ?, 'north')", [user_id, role])


def sees(con: duckdb.DuckDBPyConnection, viewer: Viewer | None) -> set[str]:
    assert viewer is not None
    given = access.parameters(viewer, AS_OF)
    rows = con.execute(
        "select student_id from "
        "visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)",
        given,
    ).fetchall()
    return {row[0] for row in rows}


@pytest.mark.parametrize("email", [TOM, " TOM@North.example"])
def test_rows_of_one_role_each_with_the_same_names_and_email_are_one_person(con, settings, email):
    add(con, "admin", "administrator", email=email)

    viewer = viewer_of(settings, con, TOM)

    assert viewer is not None
    assert (viewer.user_ids, viewer.name, viewer.roles) == (
        ("admin", "tom"),
        "Tom North",
        {"teacher"},
    )
    assert sees(con, viewer) == sees(con, people.teacher_north)


def test_a_person_has_the_caseload_and_the_classes_of_all_rows(con, tmp_path):
    add(con, "aide", "counselor")
    con.execute("insert into caseloads values ('aide', 'dee')")
    granted = load_settings(home=tmp_path, grants=(Grant(user=TOM, role="counselor"),))

    assert sees(con, viewer_of(granted, con, TOM)) == sees(con, people.teacher_north) | {"dee"}


@pytest.mark.parametrize(
    "other",
    [
        {"family": "Norton"},
        {"given": "Tim"},
        {"role": "student"},
    ],
)
def test_other_rows_with_the_same_email_are_other_people(con, settings, other):
    add(con, "other", **{"role": "administrator", **other})

    with pytest.raises(RefusedError, match="2 people"):
        viewer_of(settings, con, TOM)


def test_a_row_of_two_roles_is_not_put_together_with_others(con, settings):
    add(con, "other", "administrator")
    con.execute("insert into user_roles values ('other', 'principal', 'north')")

    with pytest.raises(RefusedError, match="2 people"):
        viewer_of(settings, con, TOM)


def test_without_an_email_the_username_tells_who_is_who(con, tmp_path):
    settings = load_settings(home=tmp_path, sign_in=SignIn(claim="username"))
    con.execute("update users set email = null where user_id = 'tom'")
    add(con, "same", "administrator", email="", username="TNorth")
    add(con, "other", "administrator", email="", username="tnorth2")

    viewer = viewer_of(settings, con, "tnorth")

    assert viewer is not None and viewer.user_ids == ("same", "tom")


@pytest.mark.parametrize("kin", ["guardian", "parent", "relative"])
def test_a_guardian_role_beside_a_staff_role_takes_nothing_away(con, settings, kin):
    con.execute("insert into user_roles values ('tom', ?, 'north')", [kin])

    assert viewer_of(settings, con, TOM) == people.teacher_north


def test_a_guardians_row_of_the_same_person_takes_nothing_away(con, settings):
    add(con, "parent-of-ana", "guardian")

    assert viewer_of(settings, con, TOM) == people.teacher_north


def test_whoever_is_only_a_guardian_signs_in_nowhere(con, tmp_path):
    add(con, "kim", "guardian", given="Kim", email="kim@home.example")
    settings = load_settings(home=tmp_path)

    assert viewer_of(settings, con, "kim@home.example") is None


def test_an_inactive_person_opens_nothing_whatever_is_granted(con, tmp_path):
    settings = load_settings(home=tmp_path, grants=(Grant(user=TOM, role="district"),))
    before = viewer_of(settings, con, TOM)
    con.execute("update users set is_active = false where user_id = 'tom'")

    assert before is not None
    assert viewer_of(settings, con, TOM) is None
    assert access.is_gone(settings, con, TOM)


def test_an_address_passed_on_opens_for_the_successor(con, settings):
    con.execute("update users set is_active = false where user_id = 'tom'")
    con.execute("update users set email = $email where user_id = 'una'", {"email": TOM})

    viewer = viewer_of(settings, con, TOM)

    assert viewer is not None and viewer.user_id == "una"
    assert sees(con, viewer) == sees(con, people.teacher_english)


def test_a_person_of_one_name_signs_in(con, settings):
    con.execute("update users set given_name = '' where user_id = 'tom'")

    viewer = viewer_of(settings, con, TOM)

    assert viewer is not None and viewer.name == "North"


def test_a_teacher_whom_the_class_went_on_without_is_out_at_once(con):
    """The last day of the data lies before the import day on which the teaching ended."""
    con.execute(
        "update enrollment_spans set end_date = $day where user_id = 'tom'",
        {"day": people.IMPORT_DAY},
    )

    assert sees(con, people.teacher_north) == set()


def test_a_term_that_is_over_for_all_leaves_its_teachers_the_last_days(con):
    con.execute(
        "update enrollment_spans set end_date = $day where class_id = 'algebra-3'",
        {"day": people.IMPORT_DAY},
    )

    assert "ana" in sees(con, people.teacher_north)


def test_caseloads_that_are_gone_leave_a_counselor_nobody(con, tmp_path):
    grants = (Grant(user="cora@north.example", role="counselor", schools=("south",)),)
    settings = load_settings(home=tmp_path, grants=grants)
    con.execute("delete from caseloads")
    before = viewer_of(settings, con, "cora@north.example")
    con.execute("insert into has_records values ('caseloads', true)")

    assert sees(con, before) != set()
    assert sees(con, viewer_of(settings, con, "cora@north.example")) == set()


def test_a_person_of_several_rows_is_named_once_among_those_who_may_see(con, tmp_path):
    add(con, "admin", "principal")
    grants = (Grant(user=TOM, role="principal", schools=("north",)),)
    settings = load_settings(home=tmp_path, grants=grants)

    found = circle.who_may_see(settings, con, "ana", people.district_lead, AS_OF)

    assert [each.name for each in found].count("Tom North") == 1
