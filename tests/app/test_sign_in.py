"""The door of the dashboard: who gets through, and what the others are told."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import demo_door, sign_in
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.people import trail
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from tests import people


@pytest.fixture
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A demo home with the named cast; the app looks at it."""
    settings = people.home(tmp_path, is_demo=True)
    note_import(open_store(settings), "Two Schools", is_demo=True)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    monkeypatch.chdir(REPOSITORY)
    return settings


def open_app() -> AppTest:
    return AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120).run()


def test_the_demo_asks_whom_to_look_as(cast) -> None:
    app = open_app()

    assert [box.label for box in app.selectbox] == [
        "Counselor",
        "Teacher",
        "Principal",
        "District lead",
        "Data steward",
    ]
    assert app.selectbox(key="pick_teacher").options == ["Tina South", "Tom North", "Una Page"]
    assert not app.exception


def test_a_chosen_persona_is_named_and_noted_once(cast) -> None:
    app = open_app()
    app.selectbox(key="pick_teacher").set_value("tom").run()

    app.button(key="look_as_teacher").click().run()
    app.run()

    assert app.sidebar.caption[0].value == "Tom North, teacher"
    lines = trail.entries(cast, actor="tom@north.example")
    assert [line.action for line in lines] == ["sign_in"]


def test_leaving_a_persona_asks_again(cast) -> None:
    app = open_app()
    app.button(key="look_as_principal").click().run()

    app.sidebar.button[0].click().run()

    assert app.button(key="look_as_principal")
    actions = [line.action for line in trail.entries(cast, actor="paul@north.example")]
    assert actions == ["sign_out", "sign_in"]


def test_the_picker_is_gone_once_a_real_district_came_in(cast) -> None:
    app = open_app()
    app.button(key="look_as_principal").click().run()
    note_import(open_store(cast), "Real", is_demo=False)

    app.run()

    assert "Configure an identity provider" in app.error[0].value
    assert not app.selectbox
    assert not app.sidebar.caption


def test_a_wrong_setting_is_one_sentence(cast) -> None:
    (cast.home / "edupulse.toml").write_text("nosuch = 1\n")

    app = open_app()

    assert "nosuch" in app.error[0].value
    assert not app.exception


def test_what_nobody_foresaw_is_a_number_and_never_a_traceback(cast, monkeypatch) -> None:
    monkeypatch.setattr(sign_in, "viewer", lambda *given: 1 / 0)

    app = open_app()

    assert "Something went wrong" in app.error[0].value
    assert "division" not in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize(
    ("headers", "ip", "local"),
    [
        ({"Host": "localhost:8501"}, None, True),
        ({"Host": "127.0.0.1:8501"}, "127.0.0.1", True),
        ({"Host": "[::1]:8501"}, "::1", True),
        ({"Host": "localhost:8501"}, "10.0.0.7", False),
        ({"Host": "edupulse.school.example"}, None, False),
        ({"Host": "localhost", "X-Forwarded-For": "10.0.0.7"}, None, False),
        ({"Host": "localhost", "Forwarded": "for=10.0.0.7"}, None, False),
    ],
)
def test_only_a_browser_on_this_machine_is_local(headers, ip, local) -> None:
    assert demo_door.request_is_local(headers, ip) is local


def test_roles_are_named_as_people_say_them() -> None:
    assert sign_in.role_names(people.district_lead) == "district lead"
