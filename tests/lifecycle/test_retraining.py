"""Versions that are opened to be judged, compared or asked."""

from pathlib import Path

import pytest

from edupulse_core.errors import ModelError
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import retraining


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
    how = family_named(family).algorithms[algorithm]

    with pytest.raises(ModelError, match="was not made by an EduPulse like this one"):
        retraining.opened(how, tmp_path)
