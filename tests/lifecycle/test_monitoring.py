"""A night's numbers become rows, and what a person should look at becomes one alert."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.actions.retraining import check_triggers
from edupulse_core.actions.scores import score_week
from edupulse_core.actions.watching import acknowledge_alert, close_alert, monitor
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families.shelf import family_named
from edupulse_core.features.catalogue import NAMES
from edupulse_core.lifecycle import drift
from edupulse_core.lifecycle import triggers as reasons
from edupulse_core.lifecycle.drift import SCORE
from edupulse_core.lifecycle.monitoring import Night
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries import watching as queries
from edupulse_core.store import alerts, audit, runs, triggers, watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.watched import Figure

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demo with a week that was scored so long ago that its outcomes came."""
    folder = tmp_path_factory.mktemp("watched") / "home"
    shutil.copytree(demo_home.home, folder)
    settings = load_settings(home=folder)
    newest = runs.latest_run(open_store(settings), "risk")
    assert newest is not None
    for weeks in (13, 12):
        score_week(OPERATOR, settings, as_of=newest.as_of - timedelta(weeks=weeks))
    return settings


@pytest.fixture(scope="module")
def night(home: Settings) -> Night:
    (night,) = monitor(OPERATOR, home, now=NOW, seconds=12.5)
    return night


def named(night: Night) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for each in night.figures:
        found.setdefault(each.name, []).append(each)
    return found


def test_a_night_measures_volume_latency_scores_and_drift(home: Settings, night: Night) -> None:
    found = named(night)

    run = runs.latest_run(open_store(home), "risk")
    assert run is not None and night.as_of == run.as_of
    volume = found["volume"][0]
    assert volume.value + volume.details["without"] == run.n_students
    assert found["latency"][0].value == 12.5
    assert sum(each.value for each in found["label"]) == pytest.approx(1.0)
    assert {each.subject for each in found["psi"]} == {*NAMES, SCORE}
    assert {each.subject for each in found["ks"]} == {*NAMES, SCORE}


def test_predictions_are_held_against_the_outcomes_that_came_since(night: Night) -> None:
    found = named(night)

    for name in ("auc", "mae", "accuracy", "fpr", "fnr", "coverage"):
        (figure,) = found[name]
        assert 0 <= figure.value <= 1
        assert figure.details["error"] > 0
        assert all(day < night.as_of.isoformat() for day in figure.details["weeks"])
    assert found["auc"][0].details["rows"] > 200  # of two weeks
    assert 0.5 < found["auc_estimate"][0].value < 1


def test_what_was_measured_is_kept_as_rows(home: Settings, night: Night) -> None:
    kept = watched.figures(open_store(home), "risk", version=night.version)

    assert {(each.name, each.subject) for each in kept} == {
        (each.name, each.subject) for each in night.figures
    }
    assert {each.as_of for each in kept} == {night.as_of}


def test_an_undisturbed_demo_raises_no_alert(night: Night) -> None:
    assert night.alerts == ()


def test_the_reference_is_made_at_the_first_night_and_then_stays(
    home: Settings, night: Night
) -> None:
    before = drift.kept(home, "risk", night.version)

    monitor(OPERATOR, home, now=NOW)

    after = drift.kept(home, "risk", night.version)
    assert before is not None and after is not None
    assert np.array_equal(before.counts, after.counts) and before.as_of == night.as_of
    assert before.baseline["auc"].value > 0.5


def test_drift_that_lasts_two_weeks_is_one_alert(
    home: Settings, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(home)
    with store.writing() as connection:
        watched.add(
            connection, [Figure("drift", 1.0, details={"inputs": ["grd_gpa_ytd"]})],
            at=NOW, as_of=night.as_of - timedelta(weeks=1), family="risk", version=night.version,
        )  # fmt: skip
    large = drift.shift.Shift(1.0, 0.5, 1.0, 0.0, 0.0, 140)
    monkeypatch.setattr(drift, "compare", lambda *_: [drift.Moved("", "grd_gpa_ytd", large, True)])

    (first,), (second,) = (monitor(OPERATOR, home, now=NOW) for _ in range(2))

    (alert,) = first.alerts
    assert (alert.kind, alert.severity, alert.school) == ("drift", "warning", None)
    assert family_named("risk").labels["grd_gpa_ytd"] in queries.sentence(alert)
    assert second.alerts == ()


def test_far_fewer_students_than_usual_are_an_alert(home: Settings, night: Night) -> None:
    store = open_store(home)
    with store.writing() as connection:
        watched.add(
            connection, [Figure("volume", 400.0)],
            at=NOW, as_of=night.as_of - timedelta(weeks=1), family="risk", version="another",
        )  # fmt: skip

    (found,) = monitor(OPERATOR, home, now=NOW)

    assert [each.kind for each in found.alerts] == ["volume"]


def test_each_look_at_the_triggers_is_a_row(home: Settings, night: Night) -> None:
    store, before = open_store(home), len(triggers.listed(open_store(home), "risk"))

    found = check_triggers(OPERATOR, home, "risk", now=NOW)

    rows = triggers.listed(store, "risk")
    assert len(rows) - before == len(found) == 4
    by_name = {each.name: each for each in rows[:4]}
    assert set(by_name) == {"new_labels", "age", "error", "drift"}
    labels = by_name["new_labels"]
    assert labels.threshold == pytest.approx(14_296.5)  # a tenth of what it learned from
    assert labels.value == 0 and not labels.fired  # all were known when it began to serve here
    assert by_name["age"].value == pytest.approx(0.3, abs=0.1) and not by_name["age"].fired
    assert by_name["error"].threshold == 1.2 and by_name["error"].value is not None
    assert {each.at for each in by_name.values()} == {NOW}


def test_what_came_since_the_shipped_version_serves_here_is_new(
    home: Settings, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for began in (date(2026, 6, 30), date(2025, 1, 31)):
        monkeypatch.setattr(reasons, "_began", lambda *_, began=began: began)
        looked = reasons.check(home, "risk", NOW)
        found.append(next(each.value for each in looked if each.name == "new_labels"))

    assert 0 < (found[0] or 0) < (found[1] or 0)


def test_three_months_after_a_training_its_age_is_a_reason(home: Settings, night: Night) -> None:
    found = check_triggers(OPERATOR, home, "risk", now=NOW + timedelta(days=90))

    assert {each.name: each.fired for each in found}["age"]


# alerts and people


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield open_store(load_settings(home=tmp_path))


def raise_one(store: Store, at: datetime = NOW, **given: str) -> Alert | None:
    about = {"family": "risk", "version": "v", "kind": "drift", "severity": "warning"} | given
    with store.writing() as connection:
        return alerts.add(connection, Alert(**about, details={"inputs": {}}, at=at))


def test_one_cause_has_one_open_alert(store: Store) -> None:
    first = raise_one(store)
    again = raise_one(store, NOW + timedelta(days=1))
    elsewhere = raise_one(store, school="north")

    assert first is not None and again is None and elsewhere is not None
    assert len(alerts.listed(store, is_open=True)) == 2


def test_a_person_acknowledges_and_closes_an_alert_with_a_note_and_both_are_audited(
    tmp_path: Path, store: Store
) -> None:
    settings = load_settings(home=tmp_path)
    alert = raise_one(store)
    assert alert is not None

    acknowledged = acknowledge_alert(OPERATOR, settings, alert.alert_id)
    with pytest.raises(InputError, match="say in the note"):
        close_alert(OPERATOR, settings, alert.alert_id, note=" ")
    closed = close_alert(OPERATOR, settings, alert.alert_id, note="a new grading scale")

    assert (acknowledged.status, closed.status) == ("acknowledged", "closed")
    assert (closed.closed_by, closed.note) == ("operator", "a new grading scale")
    lines = audit.entries(store, subject=alert.alert_id)
    assert [line.action for line in lines] == ["close_alert", "acknowledge_alert"]
    with pytest.raises(RefusedError, match="is closed already, by operator"):
        close_alert(OPERATOR, settings, alert.alert_id, note="again")


def test_a_closed_cause_rests_for_four_weeks(tmp_path: Path, store: Store) -> None:
    alert = raise_one(store)
    assert alert is not None
    close_alert(OPERATOR, load_settings(home=tmp_path), alert.alert_id, note="known")
    closed_at = alerts.alert(store, alert.alert_id).closed_at
    assert closed_at is not None

    assert raise_one(store, closed_at + timedelta(days=27)) is None
    assert raise_one(store, closed_at + timedelta(days=28)) is not None


def test_weeks_that_the_version_has_learned_from_are_not_held_against_outcomes(
    home: Settings, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "first_unseen", lambda *_: night.as_of)

    (again,) = monitor(OPERATOR, home, now=NOW)

    assert "auc" in named(night) and "auc" not in named(again)
