"""What a tier has meant: counted where it was tried, and silent where that is too little."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.queries.district import District
from edupulse_core.queries.precedent import Precedent, precedent
from edupulse_core.queries.student import student
from tests import people

SHOWN_CRITICAL = (5, 6, 30, 59)  # by the tier that came


def report(district: str, shown_critical: tuple[int, ...], version: str) -> dict[str, Any]:
    return {
        "version": version,
        "evaluated_on": {"district": district},
        "weeks": ["2026-08-17", "2026-09-14"],
        "tiers": {"shown": {"confusion": [[900, 80, 7, n] for n in shown_critical]}},
    }


@pytest.fixture
def evaluated(home: Settings) -> Iterator[Any]:
    """Keep a report of the active version, until the test ends."""
    version = registry.active_version(home, "risk").name
    kept = []

    def keep(district: str, shown_critical: tuple[int, ...] = SHOWN_CRITICAL) -> None:
        kept.append(evaluations.keep(home, "risk", report(district, shown_critical, version)))

    yield keep
    for path in kept:
        path.unlink(missing_ok=True)


def test_a_tier_says_how_many_of_100_had_two_flags_or_more(
    district: District, evaluated: Any
) -> None:
    evaluated(district.name)
    ana = student(people.counselor, district, "ana")

    assert ana.tier == "critical"
    assert precedent(people.counselor, district, ana) == Precedent(
        89, date(2026, 8, 17), date(2026, 9, 14)
    )


def test_under_100_weeks_another_district_or_no_score_say_nothing(
    district: District, evaluated: Any
) -> None:
    ana, fay = (student(people.district_lead, district, name) for name in ("ana", "fay"))
    assert precedent(people.district_lead, district, ana) is None

    evaluated("Elsewhere")
    assert precedent(people.district_lead, district, ana) is None

    evaluated(district.name, (5, 6, 30, 58))
    assert precedent(people.district_lead, district, ana) is None

    evaluated(district.name)
    assert precedent(people.district_lead, district, fay) is None
    assert precedent(people.district_lead, district, ana) is not None


def test_a_stranger_is_told_nothing(district: District, evaluated: Any) -> None:
    evaluated(district.name)
    dee = student(people.district_lead, district, "dee")

    with pytest.raises(AccessError):
        precedent(people.teacher_north, district, dee)
