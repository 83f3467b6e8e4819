"""The Models page: versions beside each other, what their curves show, and who may change what."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import Settings, load_settings
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.people import trail
from edupulse_core.store import alerts, jobs
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store
from tests import evaluation_report as reports
from tests.app.conftest import OpenApp, figures
from tests.lifecycle.risky import shifted


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Settings:
    """A copy of the demo's home with a second version, the same under another name."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    settings = load_settings(home=tmp_path / "home")
    second = settings.home / "models" / "risk" / "another"
    shutil.copytree(registry.active_version(settings, "risk"), second)
    manifest = folders.read_json(second, folders.MANIFEST)
    folders.write_json(second / folders.MANIFEST, manifest | {"version": "another"})
    return settings


@pytest.fixture
def open_models(home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    return open_app


def press(app: AppTest, label: str) -> AppTest:
    return next(each for each in app.button if each.label == label).click().run()


def test_versions_stand_beside_each_other_with_the_curves_of_one(open_models: OpenApp) -> None:
    app = open_models("steward", "models")

    assert "Versions" in figures(app)
    assert any("loss" in each.lower() for each in figures(app))


def test_a_district_lead_sees_who_changes_level_and_a_steward_only_how_many(
    home: Settings, open_models: OpenApp
) -> None:
    shifted(home, "higher", 2.5)
    shown = {}
    for role in ("steward", "district"):
        app = open_models(role, "models")
        app.selectbox(key="models_version").select("higher").run()
        app.session_state["changes_higher"] = True
        press(app, "Compare them on the same cases")
        shown[role] = "Who changes level" in figures(app)
        assert any("change level" in each.value for each in app.markdown)

    assert shown == {"steward": False, "district": True}
    noted = [each.subject for each in trail.entries(home, action=trail.VIEW_LIST)]
    assert noted.count("level changes") == 1  # others are of other tests


def test_the_evaluations_of_two_versions_stand_beside_each_other(
    home: Settings, open_models: OpenApp
) -> None:
    serving = registry.active_version(home, "risk").name
    evaluations.keep(home, "risk", reports.evaluation(version=serving))
    app = open_models("steward", "models")
    app.selectbox(key="models_version").select("another").run()
    app.session_state["beside_another"] = True
    app.run()
    press(app, "Evaluate another")

    (job,) = jobs.newest(open_store(home))
    assert (job.kind, job.config["version"]) == ("evaluate", "another")
    evaluations.keep(home, "risk", reports.evaluation(version="another"))
    app.run()
    assert {"Calibration", "What each relies on most"} <= set(figures(app))


def test_a_version_is_activated_with_a_reason_and_taken_back(
    home: Settings, open_models: OpenApp
) -> None:
    before = registry.active_version(home, "risk").name
    app = open_models("steward", "models")
    app.selectbox(key="models_version").select("another").run()
    app.text_input(key="why_another").input("to see it").run()
    press(app, "Activate")

    assert registry.active_version(home, "risk").name == "another"
    line = trail.entries(home, action=trail.ACTIVATE)[0]
    assert line.subject == "risk another" and line.details["reason"] == "to see it"
    app.text_input(key="why_back").input("enough").run()
    press(app, "Roll back")
    assert registry.active_version(home, "risk").name == before


def test_a_principal_reads_the_evidence_and_changes_nothing(open_models: OpenApp) -> None:
    app = open_models("principal", "evidence")

    assert app.title[0].value == "Evidence"
    assert not any(each.label in ("Activate", "Roll back") for each in app.button)


def test_the_reasons_to_train_again_are_looked_at_on_the_page(
    home: Settings, open_models: OpenApp
) -> None:
    app = open_models("district", "models", tab="Monitoring")
    assert "Reasons to train again" not in figures(app)

    press(app, "Look now")

    assert "Reasons to train again" in figures(app)
    assert trail.entries(home, action=trail.CHECK_TRIGGERS)[0].role == "district"


def test_an_alert_shows_its_note_and_is_still_there_once_it_is_closed(
    home: Settings, open_models: OpenApp
) -> None:
    told = {"inputs": {"grd_gpa_ytd": {}}, "school": "North High School"}
    about = Alert("risk", "risk-4", "drift", "warning", "N1", told, at=datetime.now(UTC))
    with open_store(home).writing() as connection:
        found = alerts.add(connection, about)
    assert found is not None
    app = open_models("steward", "models", tab="Monitoring")
    assert any("learned at North High School" in each.value for each in app.markdown)

    app.text_input(key=f"note_{found.alert_id}").input("asked the registrar").run()
    press(app, "I'll look into it")
    assert any("asked the registrar" in each.value for each in app.caption)
    app.text_input(key=f"note_{found.alert_id}").input("a new scale").run()
    press(app, "Close")

    assert "Closed alerts" in figures(app)
