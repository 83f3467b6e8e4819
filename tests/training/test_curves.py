import numpy as np
import pytest
from sklearn import metrics as reference

from edupulse_core.training.curves import average_precision, curves

RNG = np.random.default_rng(0)
N = 1200  # students, a week each
TRAIT = RNG.random(N)
SCORE = np.round(np.clip(0.7 * TRAIT + 0.3 * RNG.random(N), 0, 0.999), 3)
ANY, HIGH = RNG.random(N) < TRAIT, RNG.random(N) < TRAIT**3
OUTCOMES = {"any_flag": ANY, "high": ANY & HIGH}
EDGES = (0.25, 0.5, 0.75)


def test_areas_agree_with_scikit_learn() -> None:
    found = curves(SCORE, OUTCOMES, np.arange(N), EDGES)

    assert found is not None
    assert found["any_flag"].auc == pytest.approx(reference.roc_auc_score(ANY, SCORE), abs=1e-6)
    for name, came in OUTCOMES.items():
        exact = reference.average_precision_score(came, SCORE)
        assert found[name].average_precision == pytest.approx(exact, abs=1e-6)
        assert average_precision(SCORE, came) == pytest.approx(exact)


def test_points_say_what_comes_of_calling_everyone_from_a_score_on() -> None:
    found = curves(SCORE, OUTCOMES, np.arange(N), EDGES)

    assert found is not None
    for point in found["any_flag"].points:
        called = point.score - 5e-4 <= SCORE
        assert point.called == pytest.approx(called.mean(), abs=1e-6)
        assert point.recall == pytest.approx(ANY[called].sum() / ANY.sum(), abs=1e-6)
        assert point.fpr == pytest.approx((~ANY[called]).sum() / (~ANY).sum(), abs=1e-6)
        assert point.precision == pytest.approx(ANY[called].mean(), abs=1e-6)
    assert found["any_flag"].points[-1].called == 1.0


def steps(students: int, weeks: int = 1) -> list[list[int]]:
    """Students of each kind of outcome in each step, of the first so many students."""
    score, any_flag, high = (np.repeat(x[:students], weeks) for x in (SCORE, ANY, ANY & HIGH))
    outcomes, student = {"any_flag": any_flag, "high": high}, np.repeat(np.arange(students), weeks)
    found = curves(score, outcomes, student, EDGES)
    if found is None:
        return []
    ends = [0.0, *(point.score for point in reversed(found["any_flag"].points))][1:]
    step = np.digitize(score, ends)
    kind = any_flag.astype(int) + high
    return [
        [len(np.unique(student[(step == at) & (kind == k)])) for k in range(3)]
        for at in np.unique(step)
    ]


@pytest.mark.parametrize("students", [80, 200, 500, 1200])
def test_no_step_tells_of_fewer_than_ten_students(students: int) -> None:
    for counts in (steps(students), steps(students, weeks=12)):
        assert all(n == 0 or n >= 10 for step in counts for n in step)


def test_more_students_make_a_finer_curve_and_few_make_none() -> None:
    assert len(steps(1200)) > len(steps(300)) >= 2
    assert steps(25) == []


def test_curves_are_thinned_until_counts_beside_tell_nothing_between_them() -> None:
    edge = np.sort(SCORE)[-400]
    beside = (SCORE >= edge).astype(np.int64)
    beside[np.argsort(SCORE)[-401:-398]] = 0  # called beside: all but three from the edge on

    alone = curves(SCORE, OUTCOMES, np.arange(N), (*EDGES, edge))
    crossed = curves(SCORE, OUTCOMES, np.arange(N), (*EDGES, edge), [beside])

    assert alone is not None
    assert crossed is None or len(crossed["high"].points) < len(alone["high"].points)
