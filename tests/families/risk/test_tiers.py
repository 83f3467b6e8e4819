import pytest
from hypothesis import given
from hypothesis import strategies as st

from edupulse_core.config import load_settings
from edupulse_core.families.risk import tiers

SETTINGS = load_settings()


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (0.0, "0.00"),
        (0.29, "0.29"),
        (0.57, "0.57"),
        (0.7499, "0.74"),
        (0.75, "0.75"),
        (1.0, "1.00"),
    ],
)
def test_a_score_is_cut_to_two_decimals(score: float, words: str) -> None:
    assert tiers.in_words(score) == words


@given(st.integers(0, 10_000).map(lambda n: n / 10_000))
def test_a_score_never_reads_as_another_tiers(score: float) -> None:
    read = float(tiers.in_words(score))

    assert tiers.tier_of(SETTINGS, read) == tiers.tier_of(SETTINGS, score)
