"""The badge: on students whose agreement is made."""

import numpy as np
import pytest

from edupulse_core.families.risk.agreement import NONE, PARTLY, STABLE, WEEKS, agreement, rollout

GROUPS = np.array([1.0, -0.8, 0.6, 0.01, 0.0, 0.0, 0.0, 0.0])
RISING = np.linspace(0.1, 1.0, 20)
ALL = np.ones((1, 20), bool)


def badge(lost=GROUPS, lost_weeks=RISING, looked=RISING, given=GROUPS, observed=ALL):
    return agreement(
        (given[None], lost[None]), (RISING[None], lost_weeks[None]), looked[None], observed
    )[0]


def test_three_ways_that_tell_the_same_are_stable() -> None:
    found = badge(lost=2 * GROUPS)

    assert (found.verdict, found.reasons) == (STABLE, 1.0)
    assert found.weeks == pytest.approx(1.0)


def test_two_of_three_reasons_are_partly_stable() -> None:
    other = GROUPS.copy()
    other[2] = 0.0
    other[5] = 0.7

    found = badge(lost=other)

    assert (found.verdict, found.reasons) == (PARTLY, pytest.approx(2 / 3))


def test_another_direction_is_no_agreement() -> None:
    found = badge(lost=-GROUPS)

    assert (found.verdict, found.reasons) == (NONE, 0.0)


def test_one_of_three_is_no_stable_reason() -> None:
    assert badge(lost=GROUPS * [1, -1, -1, 1, 1, 1, 1, 1]).verdict == NONE


def test_who_is_typical_has_no_stable_reason() -> None:
    assert badge(given=np.zeros(8)).verdict == NONE


def test_a_single_group_that_both_name_is_stable() -> None:
    only = np.zeros(8)
    only[3] = 0.4

    assert badge(given=only, lost=only).verdict == STABLE


def test_attention_elsewhere_leaves_reasons_partly_stable() -> None:
    found = badge(lost_weeks=RISING, looked=RISING[::-1])

    assert found.weeks == pytest.approx((1 - 1 - 1) / 3)
    assert found.weeks < WEEKS
    assert found.verdict == PARTLY


def test_padded_weeks_count_for_nothing() -> None:
    late = ALL.copy()
    late[0, :14] = False
    looked = np.where(late[0], RISING, 99.0)

    assert badge(looked=looked, observed=late).weeks == pytest.approx(1.0)


def test_equal_weeks_share_their_rank() -> None:
    flat = np.repeat([0.1, 0.2], 10)

    assert badge(lost_weeks=flat, looked=flat).weeks == pytest.approx(
        (2 * 0.8670 + 1) / 3, abs=1e-3
    )


def test_weeks_that_all_weigh_the_same_say_nothing() -> None:
    assert badge(lost_weeks=np.ones(20), looked=np.ones(20)).weeks == 0.0


def test_rollout_is_half_of_what_is_attended_to_and_half_itself() -> None:
    heads = np.zeros((1, 2, 4), np.float32)
    heads[0, 0, 1], heads[0, 1, 3] = 1.0, 1.0

    assert rollout(heads)[0] == pytest.approx([0, 0.25, 0, 0.75])
