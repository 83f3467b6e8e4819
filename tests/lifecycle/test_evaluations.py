import json
from pathlib import Path

import pytest

from edupulse_core.config import SHIPPED_MODELS, Settings, load_settings
from edupulse_core.errors import ModelError
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.lifecycle import evaluations
from tests import evaluation_report as reports


@pytest.fixture
def version() -> Path:
    return sorted((SHIPPED_MODELS / "risk").glob("*/manifest.json"))[0].parent


def keep(settings: Settings, version: Path, district: str = "Elm County") -> Path:
    known = {"district": district}
    return evaluations.keep(
        settings, "risk", reports.evaluation(version=version.name, evaluated_on=known)
    )


def test_an_evaluation_is_read_back_as_it_was_kept(version: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    report = reports.evaluation(version=version.name)

    evaluations.keep(settings, "risk", report)

    assert evaluations.kept(settings, "risk", version.name, RiskEvaluation) == report


def test_a_version_is_unproven_until_it_was_evaluated_here(version: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    before = evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    keep(settings, version)

    assert not before
    assert evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    assert not evaluations.was_evaluated_on(settings, "risk", version, "Oak County")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"evaluated_on": "Elm County"}'])
def test_a_damaged_evaluation_proves_nothing(text: str, version: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    keep(settings, version).write_text(text, encoding="utf-8")

    assert not evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    with pytest.raises(ModelError, match="is damaged"):
        evaluations.kept(settings, "risk", version.name, RiskEvaluation)


def test_an_evaluation_of_an_earlier_version_proves_but_is_to_be_made_again(
    version: Path, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path)
    before = '{"version": "v1", "evaluated_on": {"district": "Elm County"}, "rows": 3}'
    keep(settings, version).write_text(before, encoding="utf-8")

    assert evaluations.was_evaluated_on(settings, "risk", version, "Elm County")
    with pytest.raises(ModelError, match="run `edupulse evaluate risk` again"):
        evaluations.kept(settings, "risk", version.name, RiskEvaluation)


def test_rules_of_before_silence_was_judged_by_rows_are_todays_where_nothing_was_set(
    version: Path, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path)
    path = keep(settings, version)
    value = json.loads(path.read_text(encoding="utf-8"))
    rules = settings.all_rules.as_json()
    del rules["by_school"], rules["not_school"], rules["attendance"]["silent_rows"]
    rules["attendance"]["silent_days"] = 10  # the default of then
    path.write_text(json.dumps(value | {"rules": rules}), encoding="utf-8")

    found = evaluations.kept(settings, "risk", version.name, RiskEvaluation)

    assert found is not None and found.rules == settings.all_rules
