"""How long a sign-in lasts, by a clock that the tests turn."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from edupulse_core.config import Settings, SignIn, load_settings
from edupulse_core.errors import ConfigError
from edupulse_core.people import sessions, trail
from edupulse_core.people.actor import person
from tests import people

TOM = person(people.teacher_north)
BEGINNING = datetime(2026, 11, 16, 8, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    turned = Clock()
    monkeypatch.setattr(sessions, "clock", turned)
    yield turned


@pytest.fixture
def settings(tmp_path, clock: Clock) -> Settings:
    """A home in which Tom has just signed in, with the session "tom"."""
    found = load_settings(home=tmp_path)
    assert sessions.state(found, "tom") == "new"
    sessions.begin(found, "tom", TOM)
    return found


def noted(settings: Settings) -> list[tuple[str, object]]:
    """What the audit says, oldest first."""
    return [(line.action, line.details.get("why")) for line in reversed(trail.entries(settings))]


def test_a_session_is_open_once_somebody_came_in(settings) -> None:
    assert sessions.state(settings, "tom") == "open"
    assert sessions.actor_of(settings, "tom").name == "tom@north.example"
    assert noted(settings) == [("sign_in", None)]


def test_two_tabs_that_open_at_once_are_one_session(settings) -> None:
    sessions.begin(settings, "tom", TOM)

    assert noted(settings) == [("sign_in", None)]


def test_a_session_that_was_signed_out_never_opens_again(settings) -> None:
    sessions.end(settings, "tom", TOM)
    sessions.begin(settings, "tom", TOM)

    assert sessions.state(settings, "tom") == "sign_out"
    assert sessions.actor_of(settings, "tom") is None
    assert noted(settings) == [("sign_in", None), ("sign_out", "sign_out")]


def test_a_sign_in_that_ended_before_it_began_opens_nothing(settings) -> None:
    sessions.end(settings, "stranger", TOM)

    assert sessions.state(settings, "stranger") == "sign_out"


@pytest.mark.parametrize(("minutes", "state"), [(30, "open"), (30.1, "idle")])
def test_a_session_ends_after_half_an_hour_without_use(settings, clock, minutes, state) -> None:
    clock.turn(minutes=minutes)

    assert sessions.state(settings, "tom") == state


def test_use_keeps_a_session_open_until_it_is_too_old(settings, clock) -> None:
    for _ in range(12 * 3):
        clock.turn(minutes=20)
        assert sessions.state(settings, "tom") == "open"
    clock.turn(minutes=1)

    assert sessions.state(settings, "tom") == "age"
    clock.turn(hours=-2)
    assert sessions.state(settings, "tom") == "age"
    assert noted(settings) == [("sign_in", None), ("sign_out", "age")]


def test_a_look_at_a_session_is_no_use_of_it(settings, clock) -> None:
    for _ in range(2):
        clock.turn(minutes=16)
        found = sessions.state(settings, "tom", is_use=False)

    assert found == "idle"


def test_a_store_that_cannot_be_written_ends_no_session(settings, clock, monkeypatch) -> None:
    def full(*given: object) -> None:
        raise ConfigError("store.db cannot be written: disk full")

    monkeypatch.setattr(sessions.sessions, "see", full)
    clock.turn(minutes=10)

    assert sessions.state(settings, "tom") == "open"


def test_the_limits_are_settings(tmp_path, settings, clock) -> None:
    short = load_settings(home=tmp_path, sign_in=SignIn(idle_minutes=5, max_hours=1))
    clock.turn(minutes=6)

    assert sessions.state(short, "tom") == "idle"


def test_a_session_of_a_clock_that_was_ahead_does_not_live_until_then(settings, clock) -> None:
    clock.turn(days=-30)

    assert sessions.state(settings, "tom") == "age"


@pytest.mark.parametrize(("hours", "state"), [(11.9, "new"), (12.1, "age")])
def test_an_old_word_of_the_provider_opens_no_new_session(settings, hours, state) -> None:
    issued = (BEGINNING - timedelta(hours=hours)).timestamp()

    assert sessions.state(settings, "another", issued_at=issued) == state


def test_the_key_of_a_session_is_of_the_claims_alone() -> None:
    claims = {"sub": "tom", "nonce": "n1", "iat": 1}

    key = sessions.key_of(claims)

    assert key == sessions.key_of({"iat": 1, "is_logged_in": True, "tokens": {}, **claims})
    assert key != sessions.key_of(claims | {"nonce": "n2"})
    assert len(key) == 64
