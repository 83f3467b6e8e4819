"""The losses of a training are read as an engineer would read them."""

import pytest

from edupulse_core.lifecycle import diagnosis
from edupulse_core.reports import training


def curve(train: list[float], validation: list[float]) -> list[dict[str, float]]:
    return [
        {"epoch": at + 1, "train_loss": a, "validation_loss": b}
        for at, (a, b) in enumerate(zip(train, validation, strict=True))
    ]


FALLING = [0.7, 0.6, 0.55, 0.52, 0.50, 0.49, 0.485]


@pytest.mark.parametrize(
    ("train", "validation", "kinds"),
    [
        (FALLING, [x + 0.02 for x in FALLING], []),
        (FALLING, [0.7, 0.6, 0.58, 0.6, 0.64, 0.68, 0.7], ["overfitting"]),
        ([0.693] * 7, [0.693, 0.692, 0.693, 0.692, 0.693, 0.692, 0.693], ["underfitting"]),
        ([0.7, 0.6, 0.5, 0.4], [0.7, 0.6, 0.5, 0.4], ["unfinished"]),
        (FALLING, [0.7, 0.5, 0.6, 0.5, 0.6, 0.5, 0.51], ["unsteady"]),
        ([0.7, 0.6], [0.7, 0.6], []),
        (FALLING, [float("nan")] * 7, []),
    ],
)
def test_curves_are_named(train: list[float], validation: list[float], kinds: list[str]) -> None:
    signs = diagnosis.read(curve(train, validation), epochs=len(train) if len(train) == 4 else 50)

    assert [each.kind for each in signs] == kinds
    assert all("--set" in training.sentence(each) for each in signs)


def test_a_version_without_curves_has_no_signs() -> None:
    assert diagnosis.read([]) == [] and diagnosis.read([{"epoch": 1}] * 5) == []
