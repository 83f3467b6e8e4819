"""Versions and experiments, from the operator's door: a bad version is refused with reasons."""

import json
from pathlib import Path

import pytest

from edupulse_core.config import load_settings
from edupulse_core.lifecycle import registry
from tests.cli.conftest import Audited, Edupulse
from tests.lifecycle.risky import shifted
from tests.queries.conftest import build_home

pytestmark = pytest.mark.slow


def test_a_good_version_is_activated_a_bad_one_refused_and_the_first_comes_back(
    home: Path,
    edupulse: Edupulse,
    audited: Audited,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = load_settings(home=home)
    shipped = registry.active_version(settings, "risk").name
    shifted(settings, "as-good", 0.02)
    shifted(settings, "bad", 2.5)

    good = edupulse("activate", "risk", "as-good", "--reason", "newer")
    told = capsys.readouterr()
    bad = edupulse("activate", "risk", "bad", "--reason", "newer still")
    refused = capsys.readouterr().err
    back = edupulse("rollback", "risk", "--reason", "only a try", "--json")

    assert good == 0 and "risk as-good is active" in told.out
    assert "change" in told.err  # how many students change level
    assert bad == 4 and "bad is not activated. Mean absolute error" in refused.replace("\n", " ")
    assert back == 0 and json.loads(capsys.readouterr().out) == {"serving": shipped}
    assert audited(home, "refused_activate")[0].details["objections"]
    assert audited(home, "activate")[0].details["reason"] == "newer"
    assert edupulse("rollback", "risk") == 3
    assert edupulse("deactivate", "risk", "bad", "--reason", "bad") == 3


def test_two_versions_are_compared_on_the_same_weeks_and_students(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(home=home)
    shipped = registry.active_version(settings, "risk").name
    shifted(settings, "bad", 2.5)

    edupulse("compare", "risk", shipped, "bad", "--json")
    found = json.loads(capsys.readouterr().out)
    edupulse("compare", "risk", shipped, "bad")
    shown = capsys.readouterr().out

    mae = found["paired"]["metrics"]["mae"]
    assert mae["b"] - mae["a"] == pytest.approx(mae["difference"]["value"], abs=1e-5)
    assert mae["difference"]["low"] > 0
    assert found["moves"]["changed"] == found["moves"]["up"] > 20
    assert found[shipped]["headline"] and "who" not in found["moves"]
    assert "On the same" in shown and "students change level" in shown


def test_a_version_is_listed_with_what_it_is_and_shown_with_how_it_learned(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(home=home)
    shipped = registry.active_version(settings, "risk").name
    shifted(settings, "other", 0.02)

    edupulse("versions", "risk", "--json")
    found = json.loads(capsys.readouterr().out)
    edupulse("versions", "risk", shipped, "--json")
    page = json.loads(capsys.readouterr().out)
    edupulse("versions", "risk", shipped)
    shown = capsys.readouterr().out

    lines = {each["version"]: each for each in found["details"]}
    assert (lines[shipped]["alias"], lines["other"]["alias"]) == ("champion", None)
    assert lines["other"]["rows"] == lines[shipped]["rows"] > 0
    assert page["epochs"] and page["diagnosis"] == [] and page["served"] == []
    assert "Losses" in shown and lines[shipped]["algorithm"] in shown
    assert edupulse("versions", "risk", "nothing") == 3


def test_an_experiment_is_started_listed_shown_and_stopped(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    shifted(load_settings(home=home), "other", 0.02)

    edupulse("experiments")
    assert "There is no experiment yet." in capsys.readouterr().out
    assert edupulse("experiments", "start", "risk", "other", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    edupulse("versions", "risk", "--json")
    aliases = {e["version"]: e["alias"] for e in json.loads(capsys.readouterr().out)["details"]}
    edupulse("experiments", "show", made["experiment_id"])
    shown = capsys.readouterr().out
    stopped = edupulse("experiments", "stop", made["experiment_id"], "--reason", "enough")
    capsys.readouterr()
    edupulse("experiments", "--json")

    (found,) = json.loads(capsys.readouterr().out)["experiments"]
    assert (made["mode"], made["status"], aliases["other"]) == ("shadow", "running", "challenger")
    assert "No night yet" in shown and stopped == 0
    assert (found["status"], found["reason"]) == ("stopped", "enough")
    assert edupulse("experiments", "stop", made["experiment_id"], "--reason", "again") == 4
    assert edupulse("experiments", "show", "nothing") == 3


def test_where_no_version_serves_the_files_that_a_training_lacks_are_named(
    tmp_path: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    build_home(tmp_path)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))

    codes = [edupulse(command, "ana") for command in ("recommend", "admission")]

    said = capsys.readouterr().err
    assert codes == [3, 3]
    assert "resources.csv" in said and "applications.csv" in said and "edupulse train" not in said
