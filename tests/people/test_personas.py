"""The demo's staff, whose roles come from its own files."""

import pytest

from edupulse_core.errors import RefusedError
from edupulse_core.people import personas
from tests import people


def test_the_demo_offers_everyone_of_its_staff_by_name() -> None:
    with people.district(is_demo=True) as con:
        found = personas.personas(con)

    assert [(viewer.name, viewer.role) for viewer in found] == [
        ("Cora Cole", "counselor"),
        ("Dora Drake", "district"),
        ("Paul Prince", "principal"),
        ("Stan Steward", "steward"),
        ("Tina South", "teacher"),
        ("Tom North", "teacher"),
        ("Una Page", "teacher"),
    ]
    assert all(viewer.is_demo_persona for viewer in found)


def test_a_principal_of_the_demo_has_their_school() -> None:
    with people.district(is_demo=True) as con:
        viewer = personas.persona(con, "paul")

    assert viewer is not None and viewer.school_ids == ("north",)


def test_a_persona_with_two_roles_is_one_person() -> None:
    with people.district(is_demo=True) as con:
        con.execute("insert into user_roles values ('paul', 'counselor', 'south')")
        viewer = personas.persona(con, "paul")

    assert viewer is not None
    assert viewer.roles == {"counselor", "principal"}
    assert viewer.school_ids == ("north",)


def test_without_caseloads_a_counselor_of_the_demo_has_their_school() -> None:
    with people.district(is_demo=True) as con:
        con.execute("delete from caseloads")
        viewer = personas.persona(con, "cora")

    assert viewer is not None and viewer.school_ids == ("north",)


@pytest.mark.parametrize("user_id", ["ana", "nobody", ""])
def test_students_and_strangers_are_no_personas(user_id) -> None:
    with people.district(is_demo=True) as con:
        assert personas.persona(con, user_id) is None


def test_a_role_that_opens_nothing_is_not_offered() -> None:
    with people.district(is_demo=True) as con:
        con.execute("update user_roles set role = 'aide' where user_id = 'stan'")

        assert personas.persona(con, "stan") is None


def test_a_real_district_has_no_personas() -> None:
    with people.district(is_demo=False) as con:
        with pytest.raises(RefusedError, match="demo"):
            personas.personas(con)


def test_a_real_import_among_demo_ones_ends_the_demo() -> None:
    with people.district(is_demo=True) as con:
        con.execute("insert into imports (is_demo) values (false)")

        assert not personas.is_demo(con)


def test_an_empty_warehouse_is_no_demo() -> None:
    with people.district(is_demo=True) as con:
        con.execute("delete from imports")

        assert not personas.is_demo(con)
