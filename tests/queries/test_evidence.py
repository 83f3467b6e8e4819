"""Who reads what was measured of the model, and what is there before anything was."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.actions.models import download_evaluation
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import evidence
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries.conftest import build_home

TEST: dict[str, Any] = {"rows": 30, "students": 10, "weeks": ["2026-09-07", "2026-09-14"]}
HIDING = {"calibration": {"overall": {"hidden": True}}}


@pytest.fixture
def alone(tmp_path: Path) -> District:
    """A home of its own, where an evaluation may be kept."""
    return open_district(build_home(tmp_path))


def keep(district: District, **more: Any) -> str:
    version = registry.active_version(district.settings, "risk").name
    report = {"version": version, "evaluated_on": {"district": district.name}, "test": TEST}
    evaluations.keep(district.settings, "risk", report | more)
    return version


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
    assert found.test is not None and "gru" in found.test["table"]
    assert found.made_up and not found.test["few"]


def test_an_evaluation_kept_here_is_shown(alone: District) -> None:
    version = keep(alone, **HIDING, test=TEST | {"few": False})

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.version == version
    assert found.test == TEST | {"few": False} and not found.made_up
    assert found.report is not None and found.report["version"] == version


def test_of_an_evaluation_that_hid_less_only_the_test_is_shown(alone: District) -> None:
    keep(alone, tiers={"shown": {"grave_of_100": []}}, calibration={"overall": {}})

    found = evidence.evidence(people.steward, alone)

    assert found is not None and found.report is None
    assert found.test == TEST | {"few": True}  # as it may be


def test_another_districts_evaluation_is_not(alone: District) -> None:
    keep(alone, **HIDING)

    found = evidence.evidence(people.steward, replace(alone, name="Elsewhere"))

    assert found is not None and found.report is None and found.test is not None
    assert found.test["rows"] != TEST["rows"]


def test_without_an_evaluation_there_is_no_page_and_no_trace(alone: District) -> None:
    with pytest.raises(MissingError):
        download_evaluation(person(people.steward), alone)

    assert not trail.entries(alone.settings, action=trail.EXPORT, subject="evaluation")
