"""Who may see whom, and the reason that they are given."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from edupulse_core.config import Grant, Settings, SignIn, load_settings
from edupulse_core.errors import AccessError, ConfigError, RefusedError
from edupulse_core.people import access
from edupulse_core.people.access import Viewer, viewer_for
from tests import people
from tests.people import AS_OF

VISIBLE = """
select student_id
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
order by student_id
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with people.district() as connection:
        yield connection


@pytest.fixture
def settings(tmp_path) -> Settings:
    return load_settings(home=tmp_path, grants=people.GRANTS)


def seen(con: duckdb.DuckDBPyConnection, viewer: Viewer, as_of: date = AS_OF) -> list[str]:
    return [row[0] for row in con.execute(VISIBLE, access.parameters(viewer, as_of)).fetchall()]


def token(email: str) -> dict[str, object]:
    """What a provider that verifies addresses says of somebody."""
    return {"email": email, "email_verified": True}


def test_a_teacher_sees_the_students_of_their_own_sections(con) -> None:
    assert seen(con, people.teacher_north) == ["ana", "ben", "fay"]
    assert seen(con, people.teacher_english) == ["ana", "ben", "cy"]
    assert seen(con, people.teacher_south) == ["dee", "eli"]


def test_a_counselor_sees_their_caseload(con) -> None:
    assert seen(con, people.counselor) == ["ana", "dee"]


def test_a_principal_sees_their_school(con) -> None:
    assert seen(con, people.principal_north) == ["ana", "ben", "cy", "fay"]


def test_the_district_sees_everyone(con) -> None:
    assert seen(con, people.district_lead) == sorted(people.STUDENTS)


def test_a_data_steward_sees_no_student(con) -> None:
    assert seen(con, people.steward) == []
    assert not people.steward.sees_students


def test_a_steward_who_also_teaches_sees_their_own_students(con) -> None:
    both = Viewer("tom", "Tom North", frozenset({"steward", "teacher"}))

    assert seen(con, both) == ["ana", "ben", "fay"]
    assert both.sees_students
    assert both.role == "steward+teacher"


def test_two_roles_add_up_and_each_student_appears_once(con) -> None:
    both = Viewer("una", "Una Page", frozenset({"principal", "teacher"}), ("north", "south"))

    assert seen(con, both) == ["ana", "ben", "cy", "dee", "eli", "fay"]
    assert access.why_may_see(con, both, "ana", AS_OF) == "in their class English 9"
    assert access.why_may_see(con, both, "dee", AS_OF) == "at their school, South High School"


@pytest.mark.parametrize(
    ("viewer", "student", "reason"),
    [
        (people.teacher_north, "ana", "in their class Algebra 1, period 3"),
        (people.teacher_english, "cy", "in their class English 9"),
        (people.counselor, "dee", "on their caseload"),
        (people.principal_north, "ben", "at their school, North Middle School"),
        (people.district_lead, "gus", "in their district"),
    ],
)
def test_the_reason_is_given_in_plain_words(con, viewer, student, reason) -> None:
    assert access.why_may_see(con, viewer, student, AS_OF) == reason


def test_several_sections_are_named_together(con) -> None:
    con.execute(
        "insert into enrollment_spans values "
        "('tom', 'teacher', 'english-1', 'north', 'english', '2026-08-17', '2026-12-19')"
    )

    reason = access.why_may_see(con, people.teacher_north, "ana", AS_OF)

    assert reason == "in their class Algebra 1, period 3 and English 9"


def test_a_student_of_others_answers_as_one_who_does_not_exist(con) -> None:
    with pytest.raises(AccessError) as foreign:
        access.why_may_see(con, people.teacher_north, "dee", AS_OF)
    with pytest.raises(AccessError) as unknown:
        access.why_may_see(con, people.teacher_north, "nobody", AS_OF)

    assert str(foreign.value) == str(unknown.value)


@pytest.mark.parametrize("viewer", [people.steward, people.counselor, people.teacher_south])
def test_a_teacher_is_not_a_student_to_be_seen(con, viewer) -> None:
    with pytest.raises(AccessError):
        access.why_may_see(con, viewer, "tom", AS_OF)


def test_a_student_who_changed_school_is_seen_by_the_new_one_only(con) -> None:
    assert "eli" in seen(con, people.teacher_south)
    assert "eli" not in seen(con, people.teacher_north)
    assert "eli" not in seen(con, people.principal_north)


@pytest.mark.parametrize(
    ("as_of", "visible"),
    [
        (date(2026, 10, 4), True),
        (date(2026, 10, 11), True),  # the last day in the old section
        (date(2026, 10, 12), False),  # the first day in the new one
    ],
)
def test_a_move_counts_from_its_first_day(con, as_of, visible) -> None:
    assert ("eli" in seen(con, people.teacher_north, as_of)) is visible
    assert ("eli" in seen(con, people.teacher_south, as_of)) is not visible


def test_whoever_left_school_stays_visible_for_the_week_they_left_in(con) -> None:
    assert "fay" in seen(con, people.teacher_north, AS_OF)  # left on Thursday; scored this week
    assert "fay" not in seen(con, people.teacher_north, AS_OF + timedelta(weeks=1))
    assert "gus" not in seen(con, people.teacher_north, AS_OF)


def test_a_term_that_ends_on_friday_does_not_blind_anyone_on_sunday(con) -> None:
    con.execute("update enrollment_spans set end_date = '2026-11-13' where end_date > '2026-12-01'")

    assert seen(con, people.teacher_north) == ["ana", "ben", "fay"]
    assert seen(con, people.principal_north) == ["ana", "ben", "cy", "fay"]


def test_a_section_that_has_not_begun_shows_nobody(con) -> None:
    assert seen(con, people.teacher_north, date(2026, 8, 16)) == []
    assert seen(con, people.teacher_north, date(2026, 8, 17)) == ["ana", "ben", "eli", "fay", "gus"]


def test_a_teacher_who_handed_over_a_section_no_longer_sees_it(con) -> None:
    con.execute("update enrollment_spans set end_date = '2026-11-15' where user_id = 'tom'")

    assert seen(con, people.teacher_north) == []  # nor Fay, who left before the hand-over


def test_a_caseload_without_a_counselor_role_opens_nothing(con) -> None:
    con.execute("insert into caseloads values ('tina', 'ana')")

    assert "ana" not in seen(con, people.teacher_south)


def test_every_cursor_has_the_one_door(con) -> None:
    assert seen(con.cursor(), people.counselor) == ["ana", "dee"]


def test_a_viewer_can_be_part_of_a_cache_key() -> None:
    assert hash(people.counselor) != hash(people.teacher_north)


def test_a_sign_in_is_tied_to_a_person_whatever_its_case(con, settings) -> None:
    assert viewer_for(settings, con, token(" TOM@north.EXAMPLE ")) == people.teacher_north


def test_a_person_without_email_is_found_by_username(con, settings) -> None:
    assert viewer_for(settings, con, token("tina@south.example")) == people.teacher_south


@pytest.mark.parametrize(
    "viewer",
    [people.counselor, people.principal_north, people.district_lead, people.steward],
)
def test_grants_give_the_roles_beyond_teacher(con, settings, viewer) -> None:
    assert viewer_for(settings, con, token(viewer.sign_in)) == viewer


def test_one_who_is_only_granted_a_role_needs_no_row_among_the_users(con, tmp_path) -> None:
    grants = (Grant(user="Visitor@State.example", role="district"),)
    settings = load_settings(home=tmp_path, grants=grants)

    viewer = viewer_for(settings, con, token("visitor@state.example"))

    assert viewer == Viewer(
        "",
        "visitor@state.example",
        frozenset({"district"}),
        (),
        "visitor@state.example",
    )


@pytest.mark.parametrize("role", ["counselor", "teacher"])
def test_a_sign_in_that_reads_like_someones_id_opens_nothing_of_theirs(
    con, tmp_path, role: str
) -> None:
    con.execute("insert into caseloads values ('tom', 'ben')")
    settings = load_settings(
        home=tmp_path, grants=(Grant(user="tom", role="counselor"),), sign_in=SignIn(claim="sub")
    )

    viewer = viewer_for(settings, con, {"sub": "tom"})

    assert viewer is not None and viewer.user_id == ""
    assert seen(con, replace(viewer, roles=frozenset({role}))) == []


def test_a_teacher_can_be_granted_more(con, tmp_path) -> None:
    grants = (
        Grant(user="tom@north.example", role="principal", schools=("south",)),
        Grant(user="tom@north.example", role="steward"),
    )

    viewer = viewer_for(
        load_settings(home=tmp_path, grants=grants), con, token("tom@north.example")
    )

    assert viewer is not None
    assert viewer.roles == {"teacher", "principal", "steward"}
    assert seen(con, viewer) == ["ana", "ben", "dee", "eli", "fay"]


@pytest.mark.parametrize(
    "identity",
    [
        {"email": "ana@pupils.example", "email_verified": True},  # a student
        {"email": "nobody@elsewhere.example", "email_verified": True},
        {"email": ""},
        {"email": None},
        {},
        {"name": "Tom North"},
        {"email": "tom@north.example", "email_verified": False},
        {"email": "tom@north.example", "email_verified": "false"},
        {"email": "tom@north.example", "email_verified": " False "},
        {"email": "tom@north.example", "email_verified": ""},
        {"email": "tom@north.example", "email_verified": 0},
    ],
)
def test_without_a_role_nobody_gets_in(con, settings, identity) -> None:
    assert viewer_for(settings, con, identity) is None


@pytest.mark.parametrize("said", [True, "true"])
def test_a_verified_email_is_taken(con, settings, said: object) -> None:
    identity = {"email": "tom@north.example", "email_verified": said}

    assert viewer_for(settings, con, identity) == people.teacher_north


def test_an_email_of_a_provider_that_does_not_say_is_taken_where_the_settings_trust_it(
    con, settings, tmp_path
) -> None:
    trusting = load_settings(home=tmp_path, sign_in=SignIn(trust_unverified_email=True))

    with pytest.raises(RefusedError, match="trust_unverified_email"):
        viewer_for(settings, con, {"email": "tom@north.example"})
    assert viewer_for(trusting, con, {"email": "tom@north.example"}) == people.teacher_north
    unverified = {"email": "tom@north.example", "email_verified": False}
    assert viewer_for(trusting, con, unverified) is None


@pytest.mark.parametrize("likeness", ["ban\u212a@north.example", "ban\uff4b@north.example"])
def test_a_letter_that_only_looks_like_another_opens_nothing(con, tmp_path, likeness) -> None:
    con.execute("update users set email = 'bank@north.example' where user_id = 'tom'")
    grants = (Grant(user="bank@north.example", role="district"),)
    settings = load_settings(home=tmp_path, grants=grants)

    with pytest.raises(RefusedError, match="plain ASCII"):
        viewer_for(settings, con, token(likeness))


def test_a_likeness_in_the_data_or_in_a_grant_is_nobody_elses(con, tmp_path) -> None:
    con.execute("update users set email = 'ban\u212a@north.example' where user_id = 'tom'")
    grants = (Grant(user="ban\u212a@north.example", role="district"),)
    settings = load_settings(home=tmp_path, grants=grants)

    assert viewer_for(settings, con, token("bank@north.example")) is None


@pytest.mark.parametrize("sub", ["TNORTH", "tnorth ", " tnorth"])
def test_an_opaque_claim_counts_to_the_letter(con, tmp_path, sub) -> None:
    grants = (Grant(user="Tnorth", role="district"),)
    settings = load_settings(home=tmp_path, grants=grants, sign_in=SignIn(claim="sub"))

    assert viewer_for(settings, con, {"sub": sub}) is None
    exact = viewer_for(settings, con, {"sub": "tnorth"})
    assert exact is not None and exact.roles == {"teacher"}
    granted = viewer_for(settings, con, {"sub": "Tnorth"})
    assert granted is not None and granted.roles == {"district"}


@pytest.mark.parametrize("claim", ["name", "nickname", "preferred_username", "given_name"])
def test_a_claim_that_people_choose_themselves_is_refused(tmp_path, claim) -> None:
    (tmp_path / "edupulse.toml").write_text(f'[sign_in]\nclaim = "{claim}"\n')

    with pytest.raises(ConfigError, match=rf"sign_in.claim.*choose their own {claim}"):
        load_settings(home=tmp_path)


def test_a_role_in_the_districts_files_is_no_grant(con, tmp_path) -> None:
    settings = load_settings(home=tmp_path)

    assert viewer_for(settings, con, token("cora@north.example")) is None
    assert viewer_for(settings, con, token("paul@north.example")) is None


def test_a_sign_in_that_two_people_share_opens_nothing_and_says_why(con, settings) -> None:
    con.execute("update users set email = 'tom@north.example' where user_id = 'una'")

    with pytest.raises(RefusedError, match="2 people"):
        viewer_for(settings, con, token("tom@north.example"))


def test_a_teacher_who_is_also_a_parent_is_still_the_teacher(con, settings) -> None:
    con.execute(
        "insert into users (user_id, given_name, family_name, username, email) "
        "values ('g1', 'Tom', 'North', 'g1', 'tom@north.example')"
    )
    con.execute("insert into user_roles values ('g1', 'guardian', 'north')")

    assert viewer_for(settings, con, token("tom@north.example")) == people.teacher_north


def test_the_claim_is_a_setting(con, tmp_path) -> None:
    settings = load_settings(home=tmp_path, sign_in=SignIn(claim="upn"))
    identity = {"upn": "TNorth", "email": "una@north.example"}

    viewer = viewer_for(settings, con, identity)

    assert viewer is not None and viewer.user_id == "tom"


def test_a_counselor_sees_the_schools_of_their_grant_where_no_caseloads_are_given(
    con, tmp_path
) -> None:
    con.execute("delete from caseloads")
    grants = (Grant(user="cora@north.example", role="counselor", schools=("south",)),)

    viewer = viewer_for(
        load_settings(home=tmp_path, grants=grants), con, token("cora@north.example")
    )

    assert viewer is not None
    assert seen(con, viewer) == ["dee", "eli"]


def test_a_counselor_sees_no_more_than_the_caseload_where_caseloads_are_given(
    con, tmp_path
) -> None:
    grants = (Grant(user="cora@north.example", role="counselor", schools=("south",)),)

    viewer = viewer_for(
        load_settings(home=tmp_path, grants=grants), con, token("cora@north.example")
    )

    assert viewer is not None
    assert seen(con, viewer) == ["ana", "dee"]
