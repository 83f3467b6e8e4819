"""The risk family through its record, as the rest of the house works it."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.config import SHIPPED_MODELS, OutcomeRules, Rules
from edupulse_core.errors import RefusedError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.risk.family import RISK, Nothing
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.training.loop import LoopOptions
from edupulse_core.warehouse import snapshots
from tests.families.risk.conftest import MONDAYS, Home
from tests.families.risk.test_fit import examples

NETWORK = next(iter(RISK.algorithms.values()))
LAST = date.fromordinal(MONDAYS[-1].toordinal() + 6)
OTHERS = Rules(outcomes=OutcomeRules(tiers=(0.1, 0.2, 0.3)))
PLAN = RiskPlan(
    RiskConfig(hidden=4, layers=1, projection=16, heads=2, fusion=(16, 8), head=8),
    LoopOptions(epochs=1),
)


@pytest.fixture
def shipped() -> Path:
    return next((SHIPPED_MODELS / "risk").glob("*/manifest.json")).parent


def asked(home: Home, rules: Rules, *students: str):
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        return RISK.ask(con, rules, students, LAST, Nothing())


def test_students_who_are_asked_about_get_the_same_answer_in_every_form(
    home: Home, shipped: Path
) -> None:
    cases = asked(home, Rules(), "s01", "s02", "s31")

    trained = RISK.predict(NETWORK.open(shipped, ""), cases, Rules())
    served = RISK.predict(NETWORK.open(shipped, "onnx"), cases, Rules())

    assert trained["subject"].to_pylist() == served["subject"].to_pylist() == ["s01", "s02", "s31"]
    np.testing.assert_allclose(trained["value"], served["value"], atol=1e-5)
    row = served.to_pylist()[0]
    assert row["low"] <= row["high"] and row["label"] in TIERS
    assert sum(json.loads(row["details"]).values()) == pytest.approx(1)


def test_a_newcomer_without_enough_history_is_left_out(home: Home) -> None:
    assert len(asked(home, Rules(), "s00", "s01")) == 1


def test_under_other_levels_the_answer_has_their_label_and_neither_band_nor_likelihoods(
    home: Home, shipped: Path
) -> None:
    cases = asked(home, OTHERS, "s01", "s02", "s03", "s31")

    rows = RISK.predict(NETWORK.open(shipped, "onnx"), cases, OTHERS).to_pylist()

    for row in rows:
        assert row["label"] == TIERS[int(np.digitize(row["value"], OTHERS.outcomes.tiers))]
        assert (row["low"], row["high"], row["details"]) == (None, None, "{}")


def test_a_training_stops_where_it_is_asked_to_and_tells_of_each_epoch() -> None:
    split = Split(examples(60, 0), examples(60, 1), examples(60, 2))
    told: list[float] = []

    NETWORK.fit(split, PLAN, Run(tracker=lambda epoch: told.append(epoch["epoch"])))
    with pytest.raises(RefusedError, match="was stopped"):
        NETWORK.fit(split, PLAN, Run(cancel=lambda: True))

    assert told == [1]


def test_a_training_can_go_on_from_another_model() -> None:
    split = Split(examples(60, 0), examples(60, 1), examples(60, 2))
    first = NETWORK.fit(split, PLAN, Run())

    second = NETWORK.fit(split, PLAN, Run(start=first))

    assert second.standardizer is first.standardizer
    assert second.network is not first.network


def test_two_models_are_compared_under_the_same_draws_of_the_students() -> None:
    cases = examples(60, 0)
    model = NETWORK.fit(Split(cases, examples(60, 1), cases), PLAN, Run())
    students = len(np.unique(cases.who))
    draws = np.random.default_rng(0).multinomial(students, [1 / students] * students, size=5)

    found = RISK.measure(RISK.predict(model, cases, Rules()), cases, draws.astype(float))

    assert {name: values.shape for name, values in found.items()} == {
        "score_auc_any": (5,),
        "score_auc_high": (5,),
        "mae": (5,),
    }
    assert all((values >= 0).all() and (values <= 1).all() for values in found.values())
