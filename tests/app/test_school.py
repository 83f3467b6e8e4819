"""A school, or all of them, by tier and grade."""

from edupulse_core.people.access import Viewer
from edupulse_core.queries import school
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp, figures


def test_a_school_is_shown_whole_to_its_principal(open_app: OpenApp) -> None:
    app = open_app("principal", "school")

    _, *grades = figures(app)["Students in each tier, by grade"]
    assert grades
    for _, students, *tiers in grades:
        assert int(students) == sum(map(int, tiers))


def test_a_district_looks_at_one_school_or_all(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    app = open_app("district", "school")
    one = list(school.schools(staff["district"], demo))[0]

    app.selectbox(key="school_shown").set_value(one).run()

    assert app.query_params["school"]
    assert "Students by tier and grade" in [heading.value for heading in app.subheader]
