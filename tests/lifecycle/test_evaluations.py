from pathlib import Path

import pytest

from edupulse_core.config import SHIPPED_MODELS, load_settings
from edupulse_core.errors import ModelError
from edupulse_core.lifecycle import evaluations


@pytest.fixture
def version() -> Path:
    return sorted((SHIPPED_MODELS / "risk").glob("*/manifest.json"))[0].parent


def test_a_version_is_unproven_until_it_was_evaluated_here(version: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    report = {"version": version.name, "evaluated_on": {"district": "Elm County"}}

    before = evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    evaluations.keep(settings, "risk", report)

    assert not before
    assert evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    assert not evaluations.was_evaluated_on(settings, "risk", version, "Oak County")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"evaluated_on": "Elm County"}'])
def test_a_damaged_evaluation_proves_nothing(text: str, version: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    report = {"version": version.name, "evaluated_on": {"district": "Elm County"}}
    evaluations.keep(settings, "risk", report).write_text(text, encoding="utf-8")

    assert not evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    with pytest.raises(ModelError, match="is damaged"):
        evaluations.kept(settings, "risk", version.name)
