"""Where a risk level and the flags of the records disagree."""

from dataclasses import replace

import pytest

from edupulse_core.features.flags import Flags, flags_of

NONE = Flags(
    False, False, False, is_chronic=False, courses_failing=0, incidents=0, was_removed=False
)
A, AC, ABC = (
    replace(NONE, a=True),
    replace(NONE, a=True, c=True),
    Flags(True, True, True, is_chronic=True, courses_failing=1, incidents=2, was_removed=False),
)


@pytest.mark.parametrize(
    ("level", "flags", "disagree"),
    [
        ("low", NONE, False),
        ("low", A, True),
        ("medium", A, False),
        ("medium", AC, True),
        ("high", A, False),
        ("high", NONE, True),
        ("critical", ABC, False),
        ("critical", NONE, True),
        ("critical", replace(NONE, b=None), False),  # what is unknown contradicts nothing
        ("low", replace(NONE, a=None), False),
        (None, ABC, False),
    ],
)
def test_a_level_disagrees_with_flags_that_it_does_not_speak_of(
    level: str | None, flags: Flags, disagree: bool
) -> None:
    assert flags.disagree(level) == disagree


def test_unknown_records_count_as_no_flag() -> None:
    row = dict.fromkeys(("flag_a", "flag_b", "flag_c", "att_is_chronic", "grd_courses_failing",
                         "dsc_incidents_ytd", "dsc_days_removed_ytd"))  # fmt: skip

    flags = flags_of(row)

    assert flags.n == 0 and (flags.a, flags.b, flags.c) == (None, None, None)


def test_a_suspension_whose_days_are_unknown_is_one_all_the_same() -> None:
    row = {
        "flag_a": False,
        "flag_b": True,
        "flag_c": False,
        "att_is_chronic": 0,
        "grd_courses_failing": None,
        "dsc_incidents_ytd": 1,
        "dsc_days_removed_ytd": None,
    }

    assert flags_of(row).was_removed
    assert not flags_of(row | {"dsc_incidents_ytd": None}).was_removed
