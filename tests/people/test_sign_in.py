"""When the persona picker may exist, and when the app refuses to start."""

from dataclasses import replace

import pytest

from edupulse_core.actions.sessions import refuse_sign_in
from edupulse_core.config import Grant, Settings, load_settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.people import personas, sessions, sign_in, trail
from edupulse_core.people.actor import person
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from tests import people


@pytest.fixture
def settings(tmp_path) -> Settings:
    return load_settings(home=tmp_path)


def test_the_picker_exists_for_the_demo_on_loopback(settings) -> None:
    note_import(open_store(settings), "Demo", is_demo=True)

    assert sign_in.mode_here(settings, False, "127.0.0.1") == "persona"


def test_an_identity_provider_ends_the_picker(settings) -> None:
    note_import(open_store(settings), "Demo", is_demo=True)

    assert sign_in.mode_here(settings, True, "127.0.0.1") == "oidc"
    assert sign_in.mode_here(settings, True, "0.0.0.0") == "oidc"


def test_a_store_that_ever_saw_a_real_district_needs_an_identity_provider(settings) -> None:
    note_import(open_store(settings), "Real", is_demo=False)
    note_import(open_store(settings), "Demo", is_demo=True)

    with pytest.raises(RefusedError, match=r"\[auth\] section .*secrets\.toml"):
        sign_in.mode_here(settings, False, "127.0.0.1")


def test_an_empty_store_needs_an_identity_provider(settings) -> None:
    with pytest.raises(RefusedError, match="only the demo"):
        sign_in.mode_here(settings, False, "127.0.0.1")


@pytest.mark.parametrize("address", ["0.0.0.0", "", "::", "10.0.0.5", "school.example"])
def test_the_picker_is_never_offered_beyond_this_machine(settings, address) -> None:
    note_import(open_store(settings), "Demo", is_demo=True)

    with pytest.raises(RefusedError, match="only on this machine"):
        sign_in.mode_here(settings, False, address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8501", "127.8.8.8", "localhost", "LOCALHOST:80", "::1", "[::1]:8501"],
)
def test_these_names_are_this_machine(host) -> None:
    assert sign_in.is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "192.168.1.2:8501", "localhost.evil.example", "127.0.0.1.evil.example"],
)
def test_these_names_are_not(host) -> None:
    assert not sign_in.is_loopback(host)


def test_the_directory_follows_a_new_import(tmp_path) -> None:
    settings = people.home(tmp_path)
    first = sign_in.directory(settings)

    people.publish(settings, "20261123T060000000000-cast", is_demo=True)
    second = sign_in.directory(settings)

    assert first.execute("select is_demo from imports").fetchone() == (False,)
    assert second.execute("select is_demo from imports").fetchone() == (True,)


def test_the_trail_names_who_opened_what(settings) -> None:
    trail.note(
        settings, person(people.teacher_north), trail.VIEW_STUDENT, "ana", {"page": "student"}
    )
    refuse_sign_in(settings, "x@y.example", "no role")
    refuse_sign_in(settings, "", "no role")

    nobody, refused, viewed = trail.entries(settings)
    assert (viewed.actor, viewed.role, viewed.action) == (
        "tom@north.example",
        "teacher",
        "view_student",
    )
    assert (viewed.subject, viewed.details) == ("ana", {"page": "student"})
    assert (refused.actor, refused.action) == ("x@y.example", "refused_sign_in")
    assert nobody.actor == "none"


@pytest.mark.parametrize("viewer", [people.counselor, people.principal_north, people.teacher_north])
def test_who_may_still_see_what_they_saw_is_read_again(tmp_path, viewer) -> None:
    settings = people.home(tmp_path)
    asking = people.signed_in(settings, viewer)

    found = sign_in.as_granted_now(settings, asking, "a file")

    assert found == viewer and found.session == asking.session


@pytest.mark.parametrize(
    "grants",
    [
        (),
        (Grant(user="paul@north.example", role="steward"),),
        (Grant(user="paul@north.example", role="principal", schools=("south",)),),
    ],
)
def test_whose_grant_is_gone_or_another_is_refused_and_noted(tmp_path, grants) -> None:
    settings = people.home(tmp_path, grants=grants)
    asking = people.signed_in(settings, people.principal_north)

    with pytest.raises(AccessError, match="has changed"):
        sign_in.as_granted_now(settings, asking, "a file")

    noted = trail.entries(settings, actor=people.principal_north.sign_in)[0]
    assert (noted.action, noted.subject) == (trail.REFUSED_ACCESS, "a file")


def test_a_persona_is_read_again_from_the_demo(tmp_path) -> None:
    settings = people.home(tmp_path, is_demo=True)
    cora = personas.persona(sign_in.directory(settings), "cora")
    assert cora is not None
    asking = people.signed_in(settings, cora)

    assert sign_in.as_granted_now(settings, asking, "a file") == cora


@pytest.mark.parametrize("session", ["", "a session"])
def test_who_is_in_no_open_session_is_refused_and_noted(tmp_path, session) -> None:
    settings = people.home(tmp_path)
    asking = people.signed_in(settings, people.counselor, "a session")
    sessions.end(settings, "a session", person(asking))

    with pytest.raises(AccessError, match="signed out"):
        sign_in.as_granted_now(settings, replace(asking, session=session), "a file")

    assert trail.entries(settings)[0].action == trail.REFUSED_ACCESS


def test_a_persona_ends_with_the_demo(tmp_path) -> None:
    demo = people.home(tmp_path, is_demo=True)
    cora = personas.persona(sign_in.directory(demo), "cora")
    assert cora is not None
    asking = people.signed_in(demo, cora)
    people.publish(demo, "20261117T060000000000-real", is_demo=False)

    with pytest.raises(AccessError, match="has changed"):
        sign_in.as_granted_now(demo, asking, "a file")
