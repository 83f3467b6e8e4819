import numpy as np
import pytest

from edupulse_core.errors import ModelError
from edupulse_core.training.calibration import Calibration, fit, fit_categories, sigmoid


def drawn(n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Overconfident logits, and outcomes of the true half-as-steep ones."""
    rng = np.random.default_rng(0)
    raw = rng.normal(0, 2, n)
    return raw, (rng.random(n) < sigmoid(0.5 * raw - 1.0)).astype(float)


def test_calibrated_scores_mean_what_they_say() -> None:
    raw, actual = drawn()

    score = fit(raw, actual).apply(raw)

    for low in (0.1, 0.2, 0.3, 0.4):
        chosen = (score >= low) & (score < low + 0.1)
        assert actual[chosen].mean() == pytest.approx(score[chosen].mean(), abs=0.02)


def test_students_keep_their_order_even_far_outside_the_knots() -> None:
    calibration = fit(*drawn(300))

    score = calibration.logit(np.linspace(-40, 40, 1001))

    assert (np.diff(score) > 0).all()


def test_the_same_rows_give_the_same_calibration() -> None:
    assert fit(*drawn(500)) == fit(*drawn(500))


def test_a_calibration_survives_its_file() -> None:
    calibration = fit(*drawn(500))

    assert Calibration.from_json(calibration.as_json()) == calibration


def test_equal_scores_can_be_calibrated() -> None:
    calibration = fit(np.zeros(100), np.full(100, 0.3))

    assert calibration.apply(np.zeros(1))[0] == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        {"raw": [0.0, 1.0], "calibrated": [1.0, 0.0]},
        {"raw": [0.0], "calibrated": [1.0]},
        {"raw": [0.0, 1.0], "calibrated": ["x", 0.0]},
        {"raw": [0.0, 1.0]},
    ],
)
def test_a_map_that_does_not_rise_is_refused(wrong: dict[str, list[float]]) -> None:
    with pytest.raises(ModelError, match=r"calibration\.json"):
        Calibration.from_json(wrong)


def test_category_probabilities_match_how_often_each_tier_comes() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1, (4000, 4))
    true = np.exp(2 * logits + [1.0, 0.0, 0.0, -1.0])
    true /= true.sum(axis=1, keepdims=True)
    tier = np.array([rng.choice(4, p=p) for p in true])

    scale, shift = fit_categories(logits, tier)

    assert scale == pytest.approx(2.0, abs=0.15)
    assert shift - shift.mean() == pytest.approx([1.0, 0.0, 0.0, -1.0], abs=0.2)
