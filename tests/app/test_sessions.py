"""A sign-in ends in every tab, and with it whatever the browser still holds."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from app import demo_door
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.people import sessions, trail
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from tests import people
from tests.app.test_exports import AUTH, GRANTS

MAIN = str(REPOSITORY / "app" / "main.py")


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A real district with an identity provider."""
    settings = people.home(tmp_path)
    note_import(open_store(settings), "Two Schools", is_demo=False)
    (tmp_path / "edupulse.toml").write_text(GRANTS)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})
    monkeypatch.chdir(REPOSITORY)
    return settings


def cookie(nonce: str = "first") -> dict[str, Any]:
    """What the provider said of Tom at one sign-in, as his browser's cookie holds it."""
    said = {"email": "tom@north.example", "email_verified": True, "nonce": nonce}
    return {"is_logged_in": True, **said}


def tab(holds: dict[str, Any]) -> AppTest:
    """A tab of a browser that holds this cookie, at Help, which everyone may open."""
    app = AppTest.from_file(MAIN, default_timeout=120)
    app.user = holds
    app.run()
    assert not app.exception
    return app


def is_in(app: AppTest) -> bool:
    return bool(app.sidebar.caption) and app.sidebar.caption[0].value == "Tom North, teacher"


def is_asked(app: AppTest) -> bool:
    return [each.label for each in app.button] == ["Sign in"] and not app.sidebar.caption


def test_two_tabs_are_one_session(real: Settings) -> None:
    assert is_in(tab(cookie())) and is_in(tab(cookie()))

    assert [line.action for line in trail.entries(real)] == ["sign_in"]


def test_signing_out_in_one_tab_ends_the_other(real: Settings) -> None:
    one, other = tab(cookie()), tab(cookie())

    one.sidebar.button[0].click().run()
    other.run()

    assert is_asked(other)
    assert other.info[0].value == "You have signed out."


def test_a_copied_cookie_is_worth_nothing_after_sign_out(real: Settings) -> None:
    tab(cookie()).sidebar.button[0].click().run()

    assert is_asked(tab(cookie()))
    assert is_in(tab(cookie("second")))


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(minutes=31), "You were signed out after 30 minutes without use."),
        (timedelta(hours=13), "You were signed out: a sign-in lasts 12 hours."),
    ],
)
def test_a_limit_ends_what_is_on_the_screen(real: Settings, monkeypatch, passed, said) -> None:
    app = tab(cookie())
    now = sessions.clock()

    monkeypatch.setattr(sessions, "clock", lambda: now + passed)
    app.run()

    assert is_asked(app)
    assert app.info[0].value == said
    assert trail.entries(real)[0].action == "sign_out"


def test_an_old_cookie_that_was_never_used_opens_nothing(real: Settings) -> None:
    issued = (sessions.clock() - timedelta(hours=13)).timestamp()

    assert is_asked(tab({**cookie(), "iat": int(issued)}))


def test_somebody_without_a_role_who_leaves_is_not_let_in_later(real: Settings) -> None:
    stranger = {**cookie(), "email": "vera@state.example"}
    app = tab(stranger)
    assert "has no role here" in app.error[0].value

    app.button[0].click().run()
    toml = GRANTS + '[[grants]]\nuser = "vera@state.example"\nrole = "district"\n'
    (real.home / "edupulse.toml").write_text(toml)

    assert is_asked(tab(stranger))


def test_a_secret_that_can_be_guessed_opens_to_nobody(real: Settings, monkeypatch) -> None:
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH | {"cookie_secret": "xxx"}})

    app = tab(cookie())

    assert "can be guessed" in app.error[0].value
    assert not app.sidebar.caption


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = people.home(tmp_path, is_demo=True)
    note_import(open_store(settings), "Two Schools", is_demo=True)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    monkeypatch.chdir(REPOSITORY)
    return settings


def test_switching_the_role_ends_the_demos_session_too(demo: Settings) -> None:
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    app.button(key="look_as_principal").click().run()
    session = app.session_state["persona_session"]
    other = AppTest.from_file(MAIN, default_timeout=120)
    other.session_state["persona"] = "paul"
    other.session_state["persona_session"] = session
    assert "Paul Prince" in other.run().sidebar.caption[0].value

    app.sidebar.button[0].click().run()
    other.run()

    assert other.button(key="look_as_principal")
    assert sessions.state(demo, session) == "sign_out"


def test_a_browser_in_the_demo_is_known_by_its_token() -> None:
    token = bytes(range(16))
    mask = bytes.fromhex("a1b2c3d4")
    masked = bytes(each ^ mask[at % 4] for at, each in enumerate(token))
    cookies = {"_streamlit_xsrf": f"2|{mask.hex()}|{masked.hex()}|1700000000"}

    assert demo_door.browser(cookies) == token.hex()
    assert demo_door.session_of({}) == demo_door.session_of(cookies) == ""
