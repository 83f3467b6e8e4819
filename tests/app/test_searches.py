"""Searches for better settings, as the Models page shows them."""

import shutil
from pathlib import Path

import optuna
import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import InputError
from edupulse_core.lifecycle import studies
from edupulse_core.queries import searches
from tests.app.conftest import OpenApp, figures

NAME = "network-tpe-000001-20261130T101112131415-abcdef12"


@pytest.fixture
def home(
    open_app: OpenApp, demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A copy of the demo's home, on which the app opens."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "home"))
    return load_settings(home=tmp_path / "home")


def planted(settings: Settings, trials: int) -> None:
    """A search in which one setting decides and another one does nothing."""
    studies.folder(settings, "risk").mkdir(parents=True)
    found = studies.opened(settings, "risk", NAME, direction="minimize")
    asked = {
        "family": "risk",
        "algorithm": "network",
        "method": "tpe",
        "metric": "mae",
        "data": "d",
    }
    found.set_user_attr("asked", asked)
    for number in range(trials):
        trial = found.ask()
        rate = trial.suggest_float("rate", 0.0, 1.0)
        trial.suggest_float("dropout", 0.0, 1.0)
        trial.set_user_attr("folds", [rate, rate + 0.1])
        if number == 3:
            found.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            found.tell(trial, rate + 0.05)


def test_a_search_tells_its_trials_and_which_settings_matter(
    home: Settings, open_app: OpenApp
) -> None:
    planted(home, 16)

    app = open_app("steward", "models", tab="Searches")

    said = " ".join(each.value for each in app.caption).replace("\\", "")
    assert "15 finished, 1 stopped early" in said and "on 2 parts of the students" in said
    assert app.selectbox(key="search_risk").options == ["network-tpe, data of Nov 30, 2026"]
    assert {"How each trial did, and the best so far", "How much each setting matters"} <= set(
        figures(app)
    )
    found = studies.study(home, "risk", NAME)
    assert found.importance["rate"] > 0.8


def test_a_family_without_a_search_says_how_to_begin_one(open_app: OpenApp) -> None:
    app = open_app("steward", "models", tab="Searches")

    assert "edupulse tune risk" in app.info[0].value


def test_a_search_that_was_killed_at_its_start_is_told_in_a_sentence(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    studies.folder(settings, "risk").mkdir(parents=True)
    (studies.folder(settings, "risk") / f"{NAME}.journal").touch()

    with pytest.raises(InputError, match="only begun"):
        searches.search(settings, "risk", NAME)
    studies.opened(settings, "risk", NAME, direction="minimize")
    with pytest.raises(InputError, match="only begun"):
        searches.search(settings, "risk", NAME)
