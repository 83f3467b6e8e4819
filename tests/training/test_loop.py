from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edupulse_core.errors import ConfigError
from edupulse_core.training.loop import LoopOptions, train

X = torch.randn(200, 3, generator=torch.Generator().manual_seed(1))
Y = X @ torch.tensor([1.0, -2.0, 0.5]) + 0.3


def line() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Dropout(0.1), nn.Linear(3, 1))


def loss(network: nn.Module, rows: Tensor) -> Tensor:
    return (network(X[rows]).squeeze(-1) - Y[rows]).square().mean()


def validate(network: nn.Module) -> float:
    return float(loss(network, torch.arange(150, 200)))


def weights_of(network: nn.Module) -> list[float]:
    return [float(x) for p in network.parameters() for x in p.detach().flatten()]


class Killed(Exception):
    pass


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("schedule", ["plateau", "cosine"])
def test_a_killed_run_resumes_with_the_same_result(
    tmp_path: Path, schedule: str, average: float
) -> None:
    options = LoopOptions(
        epochs=6, batch=16, learning_rate=0.05, schedule=schedule, average=average, seed=3
    )
    whole, halves = line(), line()
    history = train(whole, 150, loss, validate, options)

    def die(name: str, done: int, total: int) -> None:
        if done > 150 * 2.5:
            raise Killed

    with pytest.raises(Killed):
        train(halves, 150, loss, validate, options, checkpoint=tmp_path / "c.pt", progress=die)
    resumed = train(line(), 150, loss, validate, options, checkpoint=tmp_path / "c.pt")
    again = line()
    train(again, 150, loss, validate, options, checkpoint=tmp_path / "c.pt")

    assert [h["validation_loss"] for h in resumed] == [h["validation_loss"] for h in history]
    assert weights_of(again) == weights_of(whole)


def test_training_finds_the_line_and_reports_progress() -> None:
    network, seen = line(), []

    history = train(
        network,
        150,
        loss,
        validate,
        LoopOptions(epochs=30, batch=32, learning_rate=0.05),
        progress=lambda name, done, total: seen.append((done, total)),
    )

    assert history[-1]["validation_loss"] < 0.05 * history[0]["validation_loss"]
    assert seen[-1] == (150 * len(history), 150 * 30)
    assert not network.training


def test_it_stops_when_validation_no_longer_improves_and_keeps_the_best_epoch() -> None:
    answers = iter([3.0, 1.0, 2.0, 2.0, 2.0, 0.0])
    kept: list[list[float]] = []

    def scripted(network: nn.Module) -> float:
        kept.append(weights_of(network))
        return next(answers)

    network = line()
    history = train(network, 150, loss, scripted, LoopOptions(epochs=50, patience=3))

    assert [h["validation_loss"] for h in history] == [3.0, 1.0, 2.0, 2.0, 2.0]
    assert weights_of(network) == kept[1]


def test_the_rate_falls_when_validation_stands_still() -> None:
    options = LoopOptions(epochs=6, learning_rate=0.1, plateau_patience=1, patience=10)

    history = train(line(), 150, loss, lambda network: 1.0, options)

    assert [h["learning_rate"] for h in history] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.025]


def test_rows_without_a_chance_are_never_drawn() -> None:
    chances = torch.zeros(150)
    chances[7] = 1.0
    drawn: set[int] = set()

    def watch(network: nn.Module, rows: Tensor) -> Tensor:
        drawn.update(rows.tolist())
        return loss(network, rows)

    train(line(), 150, watch, validate, LoopOptions(epochs=1), chances=chances)

    assert drawn == {7}


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    network = line()

    torch.manual_seed(5)
    train(network, 150, loss, validate, LoopOptions(epochs=1))

    assert torch.rand(1) == expected


def test_a_checkpoint_of_other_options_is_refused(tmp_path: Path) -> None:
    train(line(), 150, loss, validate, LoopOptions(epochs=1), checkpoint=tmp_path / "c.pt")

    with pytest.raises(ConfigError, match="other options"):
        train(line(), 150, loss, validate, LoopOptions(epochs=2), checkpoint=tmp_path / "c.pt")


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"learning_rate": 0.0}, {"average": 1.0}])
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        LoopOptions(**wrong)  # type: ignore[arg-type]
