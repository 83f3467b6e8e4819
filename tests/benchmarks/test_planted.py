"""What counts as a planted cause that was found."""

import numpy as np
import pytest

from tests.benchmarks.planted import Planted, recall, strongest


def planted(strength: list[list[list[float]]]) -> Planted:
    """Student-weeks by episode by group, of four groups."""
    nothing = np.zeros((len(strength), 1, 1))
    return Planted(nothing, nothing[..., 0], nothing[:, 0], np.array(strength))


def test_the_strongest_group_each_clear_group_and_each_clear_episode_count() -> None:
    causes = planted(
        [
            [[2.0, 1.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]],  # one episode, two clear groups
            [[0.0, 0.0, 1.0, 0.0], [0.0, 3.0, 0.0, 0.0]],  # two episodes
            [[0.9, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]],  # nothing clear
        ]
    )
    top = np.array([[0, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool)

    found = recall(causes, top, 1.0)

    assert found["student_weeks"] == 2
    assert found["strongest"] == pytest.approx(1 / 2)
    assert found["groups"] == pytest.approx(2 / 4)
    assert found["episodes"] == pytest.approx(2 / 3)


def test_the_three_highest_are_the_strongest() -> None:
    assert strongest(np.array([[0.1, -5.0, 0.3, 0.2]])).tolist() == [[True, False, True, True]]
