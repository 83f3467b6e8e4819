"""A version's folder: whole or refused, whoever wrote it."""

import json
from pathlib import Path

import pytest

from edupulse_core.config import SHIPPED_MODELS
from edupulse_core.errors import ModelError
from edupulse_core.families import version
from edupulse_core.families.shelf import family_named
from edupulse_core.families.version import Header


def fill(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "tree.json").write_text("{}")
    (folder / "metrics.json").write_text("{}")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    about = Header("v1", "toy", features=("a", "b"), algorithm="ridge", rules={"outcomes": {}})
    version.save(tmp_path / "v1", about, fill)
    return tmp_path / "v1"


def test_what_was_saved_is_read_back(saved: Path) -> None:
    assert version.check(saved) == Header(
        "v1", "toy", features=("a", "b"), algorithm="ridge", rules={"outcomes": {}}
    )
    assert sorted(json.loads((saved / "manifest.json").read_text())["files"]) == [
        "metrics.json",
        "parts/tree.json",
    ]


@pytest.mark.parametrize("change", ["changed", None], ids=["changed", "missing"])
def test_a_file_in_a_subfolder_that_is_not_as_it_was_saved_is_named(
    saved: Path, change: str | None
) -> None:
    version.check(saved)
    if change:
        (saved / "parts" / "tree.json").write_text(change)
    else:
        (saved / "parts" / "tree.json").unlink()

    with pytest.raises(ModelError, match=r"v1 is damaged: parts/tree\.json is"):
        version.check(saved)


def test_what_serving_adds_beside_is_not_part_of_the_version(saved: Path) -> None:
    (saved / "serving.onnx").write_bytes(b"derived")

    assert version.check(saved).version == "v1"


def test_a_folder_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    def stop(folder: Path) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        version.save(tmp_path / "v1", Header("v1"), stop)

    assert not list(tmp_path.iterdir())


def test_the_shipped_version_of_before_there_were_algorithms_is_read() -> None:
    folder = next((SHIPPED_MODELS / "risk").glob("*/manifest.json")).parent

    about = version.check(folder)

    assert (about.family, about.algorithm, about.rules) == ("risk", "", {})
    assert len(about.features) == 42 and not (folder / "plan.json").exists()


@pytest.mark.parametrize(
    ("family", "algorithm", "file"),
    [
        ("tracing", "bkt", "vocabulary.json"),
        ("recommend", "ncf", "network.json"),
    ],
)
def test_a_version_of_another_edupulse_is_told_in_one_sentence(
    family: str, algorithm: str, file: str, tmp_path: Path
) -> None:
    (tmp_path / file).write_text("{}", encoding="utf-8")

    with pytest.raises(ModelError, match="was not made by an EduPulse like this one"):
        version.opened(family_named(family).algorithms[algorithm].open, tmp_path)
