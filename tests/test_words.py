"""Dates and grades as people say them."""

from datetime import date

import pytest

from edupulse_core import words


def test_a_day_is_written_as_an_american_newspaper_does() -> None:
    assert words.day(date(2026, 11, 2)) == "Nov 2, 2026"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("9", "Grade 9"),
        ("09", "Grade 9"),
        ("KG", "Kindergarten"),
        ("pk", "Prekindergarten"),
        ("unknown", "Grade unknown"),
    ],
)
def test_a_grade_is_said_in_words(code: str, said: str) -> None:
    assert words.grade(code) == said
