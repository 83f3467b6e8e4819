"""A light update learns from what is new, is a version like any other, and passes the same gate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edupulse_core import files
from edupulse_core.actions import verdicts
from edupulse_core.actions.retraining import propose, update_version
from edupulse_core.actions.verdicts import Correction
from edupulse_core.config import RetrainingRules, Settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Taught
from edupulse_core.families.risk.family import RISK
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import gate, registry, retraining, updating
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import audit, experiments, predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots
from tests.families.risk import small
from tests.lifecycle.toys import copied

PLAN = replace(small.PLAN, loop=replace(small.PLAN.loop, epochs=8))


@pytest.fixture(scope="module", autouse=True)
def no_files_for_serving() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        small.export_nothing(patch)
        small.evaluate_few(patch)
        yield


@pytest.fixture(scope="module")
def home(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose tiny champion was trained when half of today's outcomes were known."""
    settings = copied(demo_home, tmp_path_factory.mktemp("updated") / "home")
    course = retraining.course(settings, "risk")
    train = course.split.train
    middle = np.unique(train.day)[len(np.unique(train.day)) // 2]
    early = train.of(np.flatnonzero(train.day <= middle))
    made = replace(course, split=replace(course.split, train=early)).train(
        next(iter(RISK.algorithms)), PLAN
    )
    files.write(registry.alias_path(settings, "risk"), f'{{"version": "{made.version}"}}')
    return settings


@pytest.fixture(scope="module")
def updated(home: Settings) -> dict[str, Any]:
    return update_version(OPERATOR, home, "risk")


def champion(home: Settings) -> str:
    return registry.active_version(home, "risk").name


def test_an_update_is_a_version_with_a_parent_and_what_it_learned_from(
    home: Settings, updated: dict[str, Any]
) -> None:
    folder = registry.version_folder(home, "risk", updated["version"])

    about = folders.check(folder)
    made = registry.metrics_of(folder)["made"]
    assert about.parent == champion(home) == updated["updated_from"]
    assert made["new"] == updated["new"] > 100 and made["verdicts"] == 0
    assert registry.metrics_of(folder)["training"]["loop"]["learning_rate"] == 1e-4
    (line,) = audit.entries(open_store(home), action="update")
    assert line.subject == f"risk {updated['version']}"


def test_old_cases_are_replayed_beside_the_new_ones(
    home: Settings, updated: dict[str, Any]
) -> None:
    folder = registry.version_folder(home, "risk", updated["version"])

    rows = registry.metrics_of(folder)["training"]["rows"]
    assert updated["new"] < rows <= 2 * updated["new"]


def test_champion_and_update_stand_side_by_side_on_the_same_weeks(
    home: Settings, updated: dict[str, Any]
) -> None:
    first, second = updated["compared"]

    assert [first["version"], second["version"]] == [champion(home), updated["version"]]
    assert {*RISK.metrics} <= {*first} and {*RISK.metrics} <= {*second}
    ahead = second["ahead"]["mae"]
    assert ahead["low"] <= second["mae"] - first["mae"] <= ahead["high"]


def test_the_gate_lets_the_update_pass(home: Settings, updated: dict[str, Any]) -> None:
    assert gate.judge(home, "risk", updated["version"]).reasons == []


def test_an_update_from_random_labels_is_refused_by_the_gate(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = retraining.labeled

    def random(*given: Any) -> Any:
        examples, *rest = honest(*given)
        severity = np.random.default_rng(4).permutation(examples.severity)
        return (replace(examples, severity=severity), *rest)

    with monkeypatch.context() as patch:
        patch.setattr(retraining, "labeled", random)
        made = updating.update(home, "risk")

    verdict = gate.judge(home, "risk", made["version"])
    assert "worse" in {each.check for each in verdict.objections}
    with pytest.raises(RefusedError, match="is not activated"):
        verdict.check()


def test_without_anything_new_there_is_no_update(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updating, "_learned_up_to", lambda *_: date.max)

    with pytest.raises(RefusedError, match="no outcome and no verdict came since"):
        updating.update(home, "risk")


def test_a_week_that_only_a_verdict_told_of_still_has_a_new_outcome_to_come(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with snapshots.connect(home, features=True) as con:
        newest, student = con.execute(
            "select week_start, min(student_id) from student_weeks where known_weeks > 4 "
            "group by all order by 1 desc limit 1"
        ).fetchall()[0]
    told = [Taught(student, newest, True)]
    monkeypatch.setattr(updating, "_verdicts", lambda *_: told)

    folder = registry.version_folder(home, "risk", updating.update(home, "risk")["version"])

    assert folders.header(folder).data_range[1] == str(newest)
    assert updating._learned_up_to(home, folder) < newest


def test_what_is_proposed_challenges_the_champion_in_its_shadow(
    home: Settings, updated: dict[str, Any], tmp_path: Path
) -> None:
    settings = copied(home, tmp_path / "home")

    found = propose(OPERATOR, settings, "risk", updated["version"])
    twice = propose(OPERATOR, settings, "risk", updated["version"])

    assert found["serving"] == champion(home) and found["reasons"] == []
    begun = experiments.read(open_store(settings), found["experiment"])
    assert (begun.challenger, begun.mode, begun.is_running) == (updated["version"], "shadow", True)
    assert twice["experiment"] is None and "running" in twice["reasons"][0]


def test_it_activates_itself_only_where_the_settings_say_so(
    home: Settings, updated: dict[str, Any], tmp_path: Path
) -> None:
    settings = copied(home, tmp_path / "home")
    daring = settings.model_copy(update={"retraining": RetrainingRules(activate=True)})

    found = propose(OPERATOR, daring, "risk", updated["version"])

    assert found["serving"] == updated["version"] == champion(settings)


# what staff say


def test_a_verdict_on_a_prediction_is_kept_and_audited(home: Settings) -> None:
    store = open_store(home)
    run = runs.latest_run(store, "risk")
    assert run is not None and run.run_id is not None
    student = predictions.run_rows(store, run.run_id)["student_id"][0].as_py()
    given = [Correction(f"{run.run_id}:{student}", "false_positive", "moved away")]

    (kept,) = verdicts.give(OPERATOR, home, "risk", given)

    assert (kept.version, kept.as_of, kept.is_positive) == (run.version, run.as_of, False)
    (line,) = audit.entries(store, action="give_verdict")
    assert line.subject == student


@pytest.mark.parametrize(
    ("correction", "error"),
    [
        (Correction("1:nobody", "maybe"), InputError),
        (Correction("1:nobody", "true_positive"), MissingError),
        (Correction("999:S1", "true_positive"), MissingError),
        (Correction("no number", "true_positive"), MissingError),
    ],
)
def test_a_verdict_that_fits_no_prediction_is_refused(
    home: Settings, correction: Correction, error: type[Exception]
) -> None:
    with pytest.raises(error):
        verdicts.give(OPERATOR, home, "risk", [correction])


def test_a_verdict_teaches_a_week_that_has_no_outcome_yet_and_no_other(home: Settings) -> None:
    family = family_named("risk")
    assert family.watching is not None and family.watching.teach is not None
    with snapshots.connect(home, features=True) as con:
        known = family.read(con, home.all_rules)
        newest, student = con.execute(
            "select week_start, min(student_id) from student_weeks where known_weeks > 4 "
            "group by all order by 1 desc limit 1"
        ).fetchall()[0]
        first = Taught(known.who[0], known.day[0].astype(object), not known.severity[0] > 0)
        told = [Taught(student, newest, True), first]

        taught = family.watching.teach(con, home.all_rules, known, told)

    assert len(taught) == len(known) + 1
    assert (taught.who[-1], taught.day[-1]) == (student, np.datetime64(newest))
    assert taught.severity[-1] == pytest.approx(known.severity[known.severity > 0].mean())
