"""Days, grades, subjects, shares and times as people say them."""

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


def test_a_subject_that_is_not_said_is_other() -> None:
    assert words.subject(None) == words.subject("other") == "Other"
    assert words.subject("social studies") == "Social studies"


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0%"), (0.29, "29%"), (0.596, "59%"), (0.9999, "99%"), (1.0, "100%")]
)
def test_a_share_is_rounded_down(share: float, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (45, "45 s"), (120, "2 min"), (151, "2 min 31 s"), (3900, "1 h 5 min")],
)
def test_a_time_is_said_without_rounding_up(seconds: float, said: str) -> None:
    assert words.took(seconds) == said


def test_two_with_one_name_are_told_apart() -> None:
    names = {"s1": "Al Kim", "s2": "Bo Lee", "s3": "Al Kim"}

    found = words.apart(names)

    assert found == {"s1": "Al Kim (s1)", "s2": "Bo Lee", "s3": "Al Kim (s3)"}


def test_one_case_and_one_student_are_told_in_the_singular() -> None:
    assert words.cases(1, 1, "students") == "1 case of 1 student"
    assert words.cases(4027, 317, "texts") == "4,027 cases of 317 texts"
