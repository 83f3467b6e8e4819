"""What counts as a planted cause that was found."""

import numpy as np
import pytest

from edupulse_core.features.catalogue import NAMES
from tests.benchmarks.planted import Planted, recall, strongest

ABSENCE = NAMES.index("att_absence_rate_1w")


def planted(strength: list[list[list[float]]]) -> Planted:
    """Student-weeks by episode by the first four groups; the first student was absent."""
    values = np.zeros((len(strength), 20, 42))
    values[0, -1, ABSENCE] = 1.0
    every = np.zeros((len(strength), 2, 8))
    every[:, :, :4] = strength
    return Planted(values, values[..., 0] == 0, values[:, 0], every)


def test_the_strongest_group_each_clear_group_and_each_clear_episode_count() -> None:
    causes = planted(
        [
            [[2.0, 1.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]],  # one episode, two clear groups
            [[0.0, 0.0, 1.0, 0.0], [0.0, 3.0, 0.0, 0.0]],  # two episodes
            [[0.9, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]],  # nothing clear
        ]
    )
    top = np.zeros((3, 8), bool)
    top[0, 1:4] = top[1, 1] = True

    found = recall(causes, top, 1.0)

    assert found["student_weeks"] == 2
    assert found["strongest"] == pytest.approx(1 / 2)
    assert (found["shown"], found["share_shown"]) == (0.0, 0.5)  # absence, which was not on top
    assert found["groups"] == pytest.approx(2 / 4)
    assert found["episodes"] == pytest.approx(2 / 3)


def test_the_three_highest_are_the_strongest() -> None:
    assert strongest(np.array([[0.1, -5.0, 0.3, 0.2]])).tolist() == [[True, False, True, True]]
