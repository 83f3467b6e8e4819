"""The line that stands where a level and the flags disagree, and the flags by themselves."""

from dataclasses import replace

import pytest

from app import flags
from edupulse_core.features.flags import Flags

NONE = Flags(
    False, False, False, is_chronic=False, courses_failing=0, incidents=0, was_removed=False
)
CHRONIC = replace(NONE, a=True, is_chronic=True)
FAILING = replace(NONE, c=True, courses_failing=2)
SUSPENDED = replace(NONE, b=True, was_removed=True)


@pytest.mark.parametrize(
    ("level", "up", "said"),
    [
        ("low", CHRONIC, "Low, but chronically absent now."),
        ("low", FAILING, "Low, but failing 2 courses now."),
        ("low", SUSPENDED, "Low, but suspended or expelled this year."),
        ("low", replace(NONE, b=True, incidents=3), "Low, but 3 incidents this year."),
        ("high", NONE, "High, but no flag is up now."),
        ("low", NONE, ""),
        ("medium", CHRONIC, ""),
        (None, CHRONIC, ""),
    ],
)
def test_one_line_says_where_level_and_flags_disagree(
    level: str | None, up: Flags, said: str
) -> None:
    assert flags.against(level, up) == said


def test_every_flag_that_is_up_is_in_the_line() -> None:
    every = replace(CHRONIC, b=True, c=True, courses_failing=1, was_removed=True)

    said = flags.against("low", every)

    for words in ("chronically absent", "failing 1 course", "suspended or expelled"):
        assert words in said


def test_letters_name_what_is_up_and_what_is_unknown() -> None:
    assert flags.letters(replace(CHRONIC, b=None)) == "A B?"
    assert flags.letters(NONE) == ""


def test_no_flag_is_only_said_of_flags_that_are_known() -> None:
    assert flags.described(NONE) == "no flags"
    assert flags.described(replace(NONE, c=None)) != "no flags"
    assert flags.described(replace(FAILING, a=None)) == "failing 2 courses"
