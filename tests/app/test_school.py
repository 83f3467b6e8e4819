"""A school, or all of them, by risk level and grade."""

from streamlit.testing.v1 import AppTest

from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp, figures


def scored(demo: District, school_id: str) -> int:
    """How many students of a school have a score this week."""
    with access.cursor(demo.con) as cursor:
        found = cursor.execute(
            "select count(*) from board where school_id = $school_id and tier is not null",
            {"school_id": school_id},
        )
        return int(found.fetchall()[0][0])


def shown(app: AppTest) -> int:
    """How many students the page's grades have in all; each grade's levels must add up to it."""
    _, *grades = figures(app)["Students by risk level and grade"]
    for _, students, *levels in grades:
        assert int(students) == sum(map(int, levels))
    return sum(int(students) for _, students, *_ in grades)


def test_a_school_is_shown_whole_to_its_principal(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    (school_id,) = staff["principal"].school_ids

    app = open_app("principal", "school")

    assert shown(app) == scored(demo, school_id) > 0


def test_a_district_looks_at_one_school_or_all(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    (one,) = staff["principal"].school_ids
    app = open_app("district", "school")
    schools = figures(app)["Students by risk level and school"][1:]

    app.selectbox(key="school_shown").set_value(one).run()

    assert app.query_params["school"] == one
    assert shown(app) == scored(demo, one)
    assert sum(int(students) for _, students, *_ in schools) > shown(app)
