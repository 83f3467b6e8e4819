import numpy as np
import pytest

from edupulse_core.config import AttendanceRules, OutcomeRules
from edupulse_core.families.risk import baselines
from edupulse_core.families.risk.baselines import Lessons
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training import evaluation


def week(**known: float) -> np.ndarray:
    """One window in which only the last week is observed."""
    values = np.full((1, 20, 42), np.nan, dtype=np.float32)
    values[0, -1] = 0.0
    for name, value in known.items():
        values[0, -1, NAMES.index(name)] = value
    return values


@pytest.mark.parametrize(
    ("known", "score"),
    [
        ({}, 0.0),
        ({"att_absence_rate_ytd": 0.099999}, 0.0),
        ({"att_absence_rate_ytd": 0.10}, 0.3),
        ({"dsc_incidents_ytd": 1}, 0.0),
        ({"dsc_incidents_ytd": 2}, 0.3),
        ({"dsc_days_removed_ytd": 0.5}, 0.3),
        ({"grd_courses_failing": 1}, 0.4),
        ({"att_absence_rate_ytd": 0.5, "dsc_incidents_ytd": 3, "grd_courses_failing": 2}, 1.0),
    ],
)
def test_the_abc_rule_adds_up_this_weeks_thresholds(known: dict[str, float], score: float) -> None:
    found = baselines.abc_rule(week(**known), AttendanceRules(), OutcomeRules())

    assert found.score[0] == pytest.approx(score)


def test_the_abc_rule_judges_by_the_districts_own_thresholds() -> None:
    known = week(att_absence_rate_ytd=0.7, dsc_incidents_ytd=2, grd_courses_failing=1)
    strict = AttendanceRules(chronic_rate=0.7), OutcomeRules(incidents=2)
    lax = AttendanceRules(chronic_rate=0.71), OutcomeRules(incidents=3, weight_c=0.7)

    assert baselines.abc_rule(known, *strict).tier.tolist() == [3]
    assert baselines.abc_rule(known, *lax).tier.tolist() == [2]
    assert baselines.abc_rule(known, *lax).score.tolist() == [0.7]


def test_summaries_read_known_values_of_observed_weeks_only() -> None:
    values = np.full((1, 20, 42), 99.0, dtype=np.float32)
    observed = np.zeros((1, 20), dtype=bool)
    observed[0, -3:] = True
    values[0, -3:, 0] = [1.0, np.nan, 3.0]
    values[0, -3:, 1] = np.nan

    found = baselines.summaries(values, observed)[0]

    last, mean, spread, largest, least, slope, recent = found[:-1].reshape(7, 42)[:, 0]
    assert (last, mean, spread, largest, least, slope, recent) == (3, 2, 1, 3, 1, 1, 2)
    assert np.isnan(found[1 : 7 * 42 : 42]).all()
    assert found[-1] == 3


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "ROUNDS", 20)


def districts(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 20, 42)).astype(np.float32)
    values[:, :, 29:] = np.nan  # no discipline file
    severity = np.where(values[:, -1, 0] + values[:, :, 3].mean(axis=1) * 4 > 0.5, 0.4, 0.0)
    return values, np.ones((n, 20), dtype=bool), severity


@pytest.mark.parametrize("learner", [baselines.logistic, baselines.boosting])
@pytest.mark.parametrize("soft", [False, True])
def test_learners_find_what_the_last_week_and_the_mean_say(learner, soft: bool) -> None:  # type: ignore[no-untyped-def]
    values, observed, severity = districts(400, 0)
    tiers = np.eye(4)[(severity > 0).astype(int)]
    if soft:
        tiers, severity = 0.9 * tiers + 0.025, 0.9 * severity + 0.02
    asked, seen, actual = districts(200, 1)

    found = learner(Lessons(values, observed, severity, tiers), asked, seen)

    assert evaluation.auc(found.score, actual > 0) > 0.85
    assert evaluation.auc(found.any_flag, actual > 0) > 0.85
