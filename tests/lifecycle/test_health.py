"""A banner instead of an old score shown as new."""

import pytest

from edupulse_core.config import load_settings
from edupulse_core.errors import MissingError
from edupulse_core.lifecycle import health, registry
from tests import people


def test_before_the_first_import_there_is_nothing_to_judge(tmp_path) -> None:
    with pytest.raises(MissingError, match="nothing was imported"):
        health.problems(load_settings(home=tmp_path))


def test_data_without_features_are_a_problem_and_not_an_error(tmp_path) -> None:
    assert health.problems(people.home(tmp_path)) == [
        "The features are not built yet: run `edupulse features`."
    ]


def test_a_home_without_any_model_says_how_to_make_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(registry, "SHIPPED_MODELS", tmp_path / "none")

    (problem,) = health.problems(people.home(tmp_path))

    assert problem == "No version of 'risk'; make one with `edupulse train risk`."
