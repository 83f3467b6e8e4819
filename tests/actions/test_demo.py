"""The demo's families are trained in its first start, and one that refuses stops nothing."""

import shutil
from pathlib import Path

import pytest

from edupulse_core.actions.demo import setup_demo
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import registry
from edupulse_core.people.actor import OPERATOR
from tests.families.toy.family import ToyFamily


@pytest.fixture
def with_toy(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo, on whose shelf only the toy family stands beside the first one."""
    shutil.copytree(demo_home.home, tmp_path, dirs_exist_ok=True)
    shelf_of_two = {"risk": shelf.SHELF["risk"], "toy": "tests.families.toy.family:TOY"}
    monkeypatch.setattr(shelf, "SHELF", shelf_of_two)
    return load_settings(home=tmp_path)


def test_a_family_without_a_version_is_trained_once(with_toy: Settings) -> None:
    said: list[str] = []
    steps: list[str] = []

    for _ in range(2):
        setup_demo(
            OPERATOR, with_toy, tell=said.append, progress=lambda step, *_: steps.append(step)
        )

    assert len(registry.versions(with_toy, "toy")) == 1
    assert said == []
    assert steps


def test_a_family_that_refuses_is_told_in_one_line(
    with_toy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RefusedError("There are no answers yet")

    said: list[str] = []
    monkeypatch.setattr(ToyFamily, "read", refuse)

    built = setup_demo(OPERATOR, with_toy, tell=said.append)

    assert not built
    assert said == ["toy is not trained: There are no answers yet"]
    assert registry.versions(with_toy, "toy") == []
