"""A home with the demo district and versions of the toy family, made by hand."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.families import shelf
from edupulse_core.families import version as folders
from tests.families.toy.family import INPUTS, ToyModel, save

GOOD = ToyModel([0.6, 0.1, 0.02], 0.02)
SAME = ToyModel([0.61, 0.1, 0.02], 0.02)
BAD = ToyModel([-0.6, -0.1, -0.02], 0.6)


@contextmanager
def on_the_shelf() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shelf.SHELF, "toy", "tests.families.toy.family:TOY")
        yield


def copied(home: Settings, folder: Path) -> Settings:
    shutil.copytree(home.home, folder)
    return load_settings(home=folder)


def put(home: Settings, version: str, model: ToyModel, features: tuple[str, ...] = INPUTS) -> Path:
    def fill(half: Path) -> None:
        save(model, half)
        folders.write_json(half / folders.METRICS, {"headline": {}})

    folder = home.home / "models" / "toy" / version
    about = folders.Header(version, "toy", "2026-11-01", features=features, algorithm="ridge")
    folders.save(folder, about, fill)
    return folder
