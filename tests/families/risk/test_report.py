"""Which shares of a test's table would tell of few students."""

import numpy as np

from edupulse_core.families.risk.report import _tell_of_few
from edupulse_core.training.evaluation import Actual, Predicted

N = 300  # students, a week each, of whom the 25 with the highest scores are called


def few(*, wrong: int = 0, missed: int = 100, apart: int = 0) -> bool:
    """wrong: called without an outcome.  missed: the others with one.  apart: of another tier."""
    came = np.zeros(N, dtype=int)
    came[wrong:25] = 3
    came[25 : 25 + missed] = 3
    said = came.copy()
    said[-100 : N - 100 + apart] = 1
    actual = Actual(came / 3, came, np.arange(N), np.zeros(N, dtype=int))
    score = np.linspace(1.0, 0.0, N)
    return _tell_of_few(Predicted(score, score, score, said), actual)


def test_few_who_were_called_wrongly_or_missed_are_told_of() -> None:
    assert few(wrong=1) and few(wrong=9) and few(missed=9)
    assert not few(wrong=10) and not few(missed=10)


def test_nobody_is_nobody() -> None:
    assert not few(wrong=0, missed=100) and not few(missed=0)


def test_few_whose_likeliest_tier_did_not_come_are_told_of() -> None:
    assert few(apart=9) and not few(apart=10)
