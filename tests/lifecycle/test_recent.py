"""A family that answers on request is watched by its newest cases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edupulse_core.actions.models import train_version
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families.family import Array, Recent
from edupulse_core.lifecycle import recent, triggers
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import watched
from edupulse_core.store.database import open_store
from tests.families.toy.family import INPUTS, TOY, ToyExamples
from tests.lifecycle import toys

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
YEAR = Recent(days=365, steady=INPUTS[:1])


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with toys.on_the_shelf():
        yield


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = toys.copied(demo_home, tmp_path_factory.mktemp("recent") / "home")
    train_version(OPERATOR, settings, "toy")
    return settings


def test_the_newest_cases_are_measured_beside_the_test_and_what_was_learned(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TOY, "recent", YEAR)

    found = recent.watch(home, "toy", YEAR, now=NOW)

    assert found is not None and not found.alerts
    figures = {each.name: each for each in found.figures}
    assert figures["volume"].value > 100
    usual = recent.baseline(home, "toy", found.version)
    assert usual and figures["mae"].value == pytest.approx(usual, rel=0.15)
    assert figures["psi"].subject == INPUTS[0] and figures["drift"].value == 0
    kept = watched.figures(open_store(home), "toy", version=found.version)
    assert {each.name for each in kept} == set(figures)


def test_a_figure_that_is_worse_than_in_the_test_is_an_alert_and_a_reason_to_train(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hits = Recent(
        days=365,
        figure="mae",
        higher_is_better=True,
        measure=lambda said, cases: {"mae": np.where(cases.y > 0, 0.0, np.nan)},
    )
    monkeypatch.setattr(TOY, "recent", hits)

    found = recent.watch(home, "toy", hits, now=NOW)

    assert found is not None
    (alert,) = found.alerts
    assert (alert.kind, alert.severity) == ("performance", "critical")
    assert alert.details["figures"]["mae"]["now"] == 0
    fired = {each.name: each.fired for each in triggers.check(home, "toy", NOW)}
    assert fired["error"]


def test_what_chance_alone_may_do_is_no_alert_and_no_reason_to_train() -> None:
    hits = Recent(figure="hit", higher_is_better=True, sure=2.0)
    misses = Recent(sure=2.0)

    assert hits.times_worse(0.24, 0.30) > hits.ratio  # of 30 cases, which are .08 off by chance
    assert hits.limit(0.30, 0.08) > hits.times_worse(0.24, 0.30)
    assert hits.limit(0.30, 0.001) == hits.ratio
    assert misses.limit(0.15, 0.04) > misses.times_worse(0.19, 0.15) > misses.ratio
    assert Recent().limit(0.15, 0.04) == Recent().ratio


def test_nothing_is_said_of_a_few_students(home: Settings) -> None:
    nine = Recent(days=365, fewest=10, lately=_of_nine)
    known_of_nine = Recent(days=365, measure=_known_of_nine)

    assert recent.watch(home, "toy", nine, now=NOW) is None
    found = recent.watch(home, "toy", known_of_nine, now=NOW)
    assert found is not None and "mae" not in {each.name for each in found.figures}


def test_an_input_that_drifts_twice_is_an_alert(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Recent(days=365, ratio=1e9, steady=INPUTS[:1], lately=_moved)
    monkeypatch.setattr(TOY, "recent", moved)

    first = recent.watch(home, "toy", moved, now=NOW)
    assert first is not None and not first.alerts
    week = timedelta(weeks=1)
    with open_store(home).writing() as connection:
        watched.add(
            connection,
            first.figures,
            at=NOW - week,
            as_of=first.as_of - week,
            family="toy",
            version=first.version,
        )

    second = recent.watch(home, "toy", moved, now=NOW)

    assert second is not None
    assert [list(each.details["inputs"]) for each in second.alerts] == [[INPUTS[0]]]


def test_with_too_few_new_cases_nothing_is_said(home: Settings) -> None:
    assert recent.watch(home, "toy", Recent(days=1), now=NOW) is None


def test_where_nothing_came_nothing_is_said_and_the_night_goes_on(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TOY, "read", _nothing)

    assert recent.watch(home, "toy", Recent(lately=_nothing), now=NOW) is None
    assert recent.watch(home, "toy", YEAR, now=NOW) is None
    monkeypatch.setattr(TOY, "watching", None)
    found = {each.name: each for each in triggers.check(home, "toy", NOW)}
    assert found["new_labels"].value == 0


def _nothing(*given: object, **more: object) -> object:
    raise RefusedError("There is nothing to read.")


def _of_nine(con: object, rules: object, *days: object) -> object:
    cases = TOY.read(con, rules)  # type: ignore[arg-type]
    return cases.of(np.flatnonzero(np.isin(cases.who, np.unique(cases.who)[:9])))


def _known_of_nine(said: object, cases: ToyExamples) -> dict[str, Array]:
    few = np.isin(cases.who, np.unique(cases.who)[:9])
    return {"mae": np.where(few, cases.y, np.nan)}


def _moved(con: object, rules: object, *days: object) -> object:
    cases = TOY.read(con, rules)  # type: ignore[arg-type]
    x = cases.x + np.array([5.0, 0.0, 0.0])
    return type(cases)(cases.who, cases.day, x, cases.y)
