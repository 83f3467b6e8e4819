"""What the losses of a training show, each sign where it is and nowhere else."""

import numpy as np
import pytest

from edupulse_core.training.diagnosis import diagnose

N = np.arange(12)
FALLING = 0.7 * 0.5**N
LOSSES = {
    "nothing": (0.3 + FALLING, 0.35 + 0.95 * FALLING),
    "overfitting": (0.3 + FALLING, np.where(N < 5, 0.35 + FALLING, 0.5 + 0.02 * (N - 4))),
    "underfitting": (0.693 - 0.0005 * N, 0.694 - 0.0005 * N),
    "unfinished": (0.9 - 0.03 * N, 0.95 - 0.03 * N),
    "unsteady": (0.3 + FALLING, 0.6 + np.where(N % 2, 0.1, -0.1)),
    "diverged": (np.where(N < 4, 0.5, np.nan), np.full(12, 0.5)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_show_what_was_planted_in_them_and_nothing_else(name: str) -> None:
    train, validation = LOSSES[name]
    history = [
        {"epoch": n + 1, "train_loss": t, "validation_loss": v}
        for n, (t, v) in enumerate(zip(train, validation, strict=True))
    ]

    found = diagnose(history)

    assert [each.name for each in found] == ([] if name == "nothing" else [name])
    assert all(each.options and each.sentence for each in found)


def test_overfitting_begins_after_the_best_epoch() -> None:
    train, validation = LOSSES["overfitting"]

    (found,) = diagnose(
        [{"train_loss": t, "validation_loss": v} for t, v in zip(train, validation, strict=True)]
    )

    assert found.epoch == 6 and "From epoch 6 on" in found.sentence


def test_a_training_without_epochs_shows_nothing() -> None:
    assert diagnose([]) == [] and diagnose([{"epoch": 1}] * 5) == []
