"""Who reads what was measured of the model, and what is there before anything was."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.actions.models import download_evaluation
from edupulse_core.config import OutcomeRules, Rules
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import evidence
from edupulse_core.queries.district import District, open_district
from tests import evaluation_report as reports
from tests import people
from tests.queries.conftest import build_home


@pytest.fixture
def alone(tmp_path: Path) -> District:
    """A home of its own, where an evaluation may be kept."""
    return open_district(build_home(tmp_path))


def keep(district: District, **changes: Any) -> RiskEvaluation:
    version = registry.active_version(district.settings, "risk").name
    known = {"district": district.name}
    report = reports.evaluation(version=version, evaluated_on=known, **changes)
    evaluations.keep(district.settings, "risk", report)
    return report


@pytest.mark.parametrize("viewer", [people.counselor, people.teacher_north])
def test_who_answers_for_no_school_reads_no_evidence(viewer: Viewer, district: District) -> None:
    with pytest.raises(AccessError):
        evidence.evidence(viewer, district)


@pytest.mark.parametrize("viewer", [people.principal_north, people.district_lead, people.steward])
def test_before_an_evaluation_the_versions_own_test_is_shown(
    viewer: Viewer, district: District
) -> None:
    found = evidence.evidence(viewer, district)

    assert found is not None and found.report is None
    assert found.test is not None and "gru" in found.test.table
    assert found.fictional and found.test.few is False


def test_an_evaluation_kept_here_is_shown(alone: District) -> None:
    kept = keep(alone)

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.version == kept.version
    assert found.report == kept and found.test == kept.test and not found.fictional


def test_of_a_test_that_did_not_look_whom_it_tells_of_shares_are_hidden(alone: District) -> None:
    keep(alone, test=reports.report()["test"] | {"few": None})

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.test is not None and found.test.few is True


def test_an_evaluation_under_other_settings_than_todays_is_told_and_not_shown(
    alone: District,
) -> None:
    keep(alone, rules=Rules(outcomes=OutcomeRules(tiers=(0.2, 0.4, 0.7))))

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.report is None and found.test is not None
    assert "settings changed" in found.problem


def test_an_evaluation_of_an_earlier_version_is_told_and_the_versions_own_test_shown(
    alone: District,
) -> None:
    path = evaluations.keep(alone.settings, "risk", keep(alone))
    path.write_text(f'{{"evaluated_on": {{"district": "{alone.name}"}}}}', encoding="utf-8")

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.report is None and found.test is not None
    assert "run `edupulse evaluate risk` again" in found.problem


def test_another_districts_evaluation_is_not(alone: District) -> None:
    kept = keep(alone)

    found = evidence.evidence(people.steward, replace(alone, name="Elsewhere"))

    assert found is not None and found.report is None and found.problem == ""
    assert found.test is not None and found.test != kept.test


def test_without_an_evaluation_there_is_no_page_and_no_trace(alone: District) -> None:
    with pytest.raises(MissingError):
        download_evaluation(person(people.steward), alone)

    assert not trail.entries(alone.settings, action=trail.EXPORT, subject="evaluation")
