"""A search tries what it is told, part by part of the students, and goes on after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.actions.models import train_version
from edupulse_core.actions.tuning import tune_family
from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.lifecycle import drift, parts, registry, retraining, studies, tuning
from edupulse_core.lifecycle.tuning import Search
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from tests.families.toy.family import TOY
from tests.lifecycle import toys

KILLED = """
import sys
from edupulse_core.config import load_settings
from edupulse_core.families import shelf
from edupulse_core.lifecycle import tuning
from pathlib import Path
shelf.SHELF["toy"] = "tests.families.toy.family:TOY"
home = load_settings(home=Path(sys.argv[1]))
tuning.search(home, "toy", tuning.Search("random", trials=20, name="killed"))
"""


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with toys.on_the_shelf():
        yield


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return toys.copied(demo_home, tmp_path_factory.mktemp("tuning") / "home")


def test_every_point_of_a_grid_is_tried_once_and_the_best_becomes_a_version(
    home: Settings,
) -> None:
    study, metrics = tune_family(OPERATOR, home, "toy", Search("grid", trials=4))

    assert sorted(each.params["alpha"] for each in study.trials) == [0.1, 1.0, 10.0, 100.0]
    assert all(len(each.folds) == 3 for each in study.trials)
    assert study.best is not None
    assert study.best.value == min(each.value for each in study.trials if each.value is not None)
    plan = registry.metrics_of(Path(metrics["folder"]))["training"]
    assert plan["alpha"] == study.best.params["alpha"]
    assert set(metrics["beside"]["mae"]) == {"usual", "tuned", "difference"}
    line = trail.entries(home, action=trail.TUNE)[0]
    assert line.subject == f"toy {metrics['version']}"
    assert registry.metrics_of(Path(metrics["folder"]))["made"]["created_by"] == "operator"


@pytest.mark.parametrize("nightly", [True, False])
def test_only_a_family_that_answers_every_night_gets_its_reference_with_its_version(
    home: Settings, monkeypatch: pytest.MonkeyPatch, nightly: bool
) -> None:
    monkeypatch.setattr(TOY, "nightly", nightly)

    made = train_version(OPERATOR, home, "toy")

    assert (drift.kept(home, "toy", made["version"]) is not None) == nightly


def test_no_student_is_on_both_sides_of_a_fold_or_of_the_test(home: Settings) -> None:
    split = TOY.splits(retraining.labeled(home, TOY, None)[0])[0]

    folds = parts.by_weeks(split, 4, seed=0)

    judged = [set(fold.validation.who) for fold in folds]
    assert sum(map(len, judged)) == len(set().union(*judged))
    for fold in folds:
        assert not np.isin(fold.train.who, fold.validation.who).any()
        assert not np.isin(fold.train.who, split.test.who).any()
        assert fold.train.day.max() < fold.validation.day.min()


def test_a_search_that_was_killed_goes_on_to_exactly_as_many_trials(home: Settings) -> None:
    command = [sys.executable, "-c", KILLED, str(home.home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None and _ended(home) < 3:
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
    before = _ended(home)

    study = tuning.search(home, "toy", Search("random", trials=20, name="killed"))

    assert 3 <= before < 20
    assert len([each for each in study.trials if each.value is not None]) == 20
    assert len({each.params["alpha"] for each in study.trials}) == 20


def _ended(home: Settings) -> int:
    names = [name for name in studies.studies(home, "toy") if "killed" in name]
    if not names:
        return 0
    try:
        found = studies.study(home, "toy", names[0])
    except KeyError:  # its process has not yet said what it searches
        return 0
    return sum(each.value is not None for each in found.trials)


def test_a_study_is_not_mixed_with_another_way_of_searching(home: Settings) -> None:
    tuning.search(home, "toy", Search("random", trials=1, name="mixed"))

    with pytest.raises(ConfigError, match="begun with folds 3, not 5"):
        tuning.search(home, "toy", Search("random", trials=2, folds=5, name="mixed"))


def test_a_cancelled_search_stops_and_keeps_what_it_has(home: Settings) -> None:
    asked = iter([False, True])

    with pytest.raises(RefusedError, match="stopped"):
        tuning.search(
            home, "toy", Search(trials=9, name="cancelled"), cancel=lambda: next(asked, True)
        )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"method": "guess"}, "grid, random or tpe"),
        ({"folds": 2}, "3 to 10"),
        ({"trials": 0}, "at least 1"),
        ({"name": "../x"}, "letters"),
    ],
)
def test_a_search_that_cannot_be_is_refused_in_one_sentence(
    wrong: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        Search(**wrong)  # type: ignore[arg-type]
