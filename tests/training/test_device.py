from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edupulse_core.config import load_settings
from edupulse_core.errors import ConfigError
from edupulse_core.training import device
from edupulse_core.training.loop import LoopOptions, train
from tests import fake_device

X, Y = torch.ones(40, 3), torch.ones(40)


def squared(network: nn.Module, rows: Tensor) -> Tensor:
    here = device.of(network)
    return (network(X[rows].to(here)).squeeze(-1) - Y[rows].to(here)).square().mean()


def squared_of_all(network: nn.Module) -> float:
    return float(squared(network, torch.arange(40)))


def test_a_gpu_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.chosen("auto").type == "cuda"
    assert device.chosen("cpu").type == "cpu"

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.chosen("auto").type == "cpu"


@pytest.mark.parametrize("asked", ["cuda", "abacus"])
def test_a_device_that_is_not_there_is_refused(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(ConfigError, match="device"):
        device.chosen(asked)


def test_the_device_is_a_setting() -> None:
    assert load_settings().device == "auto"
    with pytest.raises(ConfigError, match="device"):
        load_settings(device="abacus")


def test_the_loop_trains_on_the_device_it_is_given_and_brings_the_network_back() -> None:
    options = LoopOptions(epochs=2, batch=16, average=0.9)
    seen = set()

    def watched(network: nn.Module, rows: Tensor) -> Tensor:
        seen.add(device.of(network).type)
        return squared(network, rows)

    network = nn.Linear(3, 1)
    with fake_device.plugged_in():
        train(network, 40, watched, squared_of_all, options, device=fake_device.NAME)

    assert seen == {fake_device.NAME}
    assert device.of(network).type == "cpu"


def test_a_loss_that_forgets_the_device_fails() -> None:
    def forgetful(network: nn.Module, rows: Tensor) -> Tensor:
        return network(X[rows]).mean()

    options = LoopOptions(epochs=1)
    with fake_device.plugged_in(), pytest.raises(RuntimeError, match="of the CPU"):
        train(nn.Linear(3, 1), 40, forgetful, squared_of_all, options, device=fake_device.NAME)


def test_a_run_started_on_the_cpu_resumes_on_another_device(tmp_path: Path) -> None:
    checkpoint, options = tmp_path / "c.pt", LoopOptions(epochs=3, batch=16, average=0.9)

    def die(name: str, done: int, total: int) -> None:
        if done > 40:
            raise KeyboardInterrupt

    def run(**given: Any) -> list[float]:
        torch.manual_seed(0)
        history = train(nn.Linear(3, 1), 40, squared, squared_of_all, options, **given)
        return [each["validation_loss"] for each in history]

    with pytest.raises(KeyboardInterrupt):
        run(checkpoint=checkpoint, progress=die)
    with fake_device.plugged_in():
        resumed = run(checkpoint=checkpoint, device=fake_device.NAME)

    assert resumed == run()
