"""What a risk level has meant: counted where it was tried, and silent where that is too little."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.queries.district import District
from edupulse_core.queries.precedent import Precedent, precedent
from edupulse_core.queries.student import StudentRecord
from tests import evaluation_report as reports
from tests import people


def report(district: str, critical: int | None, version: str) -> RiskEvaluation:
    tiers = reports.report()["tiers"]
    tiers["shown"]["grave_of_100"] = [5, 20, 60, critical]
    return reports.evaluation(
        version=version,
        evaluated_on={"district": district},
        weeks=["2026-08-17", "2026-09-07"],
        tiers=tiers,
    )


@pytest.fixture
def evaluated(home: Settings) -> Iterator[Any]:
    """Keep a report of the active version, until the test ends."""
    version = registry.active_version(home, "risk").name
    kept = []

    def keep(district: str, critical: int | None = 89) -> Path:
        kept.append(evaluations.keep(home, "risk", report(district, critical, version)))
        return kept[-1]

    yield keep
    for path in kept:
        path.unlink(missing_ok=True)


def test_a_tier_says_how_many_of_100_had_two_flags_or_more(
    district: District, evaluated: Any
) -> None:
    evaluated(district.name)
    ana = StudentRecord(people.counselor, district, "ana")

    assert ana.tier == "critical"
    assert ana.precedent() == Precedent(89, date(2026, 8, 17), date(2026, 9, 7))


def test_too_few_weeks_another_district_or_no_score_say_nothing(
    district: District, evaluated: Any
) -> None:
    ana, fay = (StudentRecord(people.district_lead, district, name) for name in ("ana", "fay"))
    assert ana.precedent() is None

    evaluated("Elsewhere")
    assert ana.precedent() is None

    evaluated(district.name, None)
    assert ana.precedent() is None

    evaluated(district.name)
    assert fay.precedent() is None
    assert ana.precedent() is not None


def test_a_level_that_was_counted_under_other_edges_says_nothing(
    district: District, evaluated: Any
) -> None:
    evaluated(district.name)
    ana = StudentRecord(people.counselor, district, "ana")
    rules = district.settings.outcomes
    settings = district.settings.model_copy(
        update={"outcomes": replace(rules, tiers=(0.2, 0.4, 0.7))}
    )

    assert ana.precedent() is not None
    assert precedent(replace(district, settings=settings), ana.tier, ana.version, ana.as_of) is None


@pytest.mark.parametrize("text", ["{", '{"evaluated_on": {"district": "Elm"}, "rows": 3}'])
def test_a_report_that_is_damaged_or_of_an_earlier_version_says_nothing(
    text: str, district: District, evaluated: Any
) -> None:
    evaluated(district.name).write_text(text, encoding="utf-8")
    ana = StudentRecord(people.counselor, district, "ana")

    assert ana.precedent() is None


def test_an_earlier_day_does_not_know_what_came_after_it(
    district: District, evaluated: Any
) -> None:
    evaluated(district.name)
    ana = StudentRecord(people.counselor, district, "ana")
    known = date(2026, 11, 15)  # the Sunday of the ninth week after the last one looked back at

    def at(as_of: date) -> Precedent | None:
        return precedent(district, ana.tier, ana.version, as_of)

    assert at(known) is not None
    assert at(known - timedelta(weeks=1)) is None
