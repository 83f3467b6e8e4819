"""Sessions that are not school: they make no year, no day, no enrollment and no work."""

from datetime import date

import pytest

from edupulse_core.config import Settings
from edupulse_core.features import build
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

SUMMER = (date(2025, 7, 7), date(2025, 8, 1))


def with_summer(**more: object) -> bundles.Files:
    """Ana has a class in the summer: a day absent, a quiz, and work not submitted."""
    files = bundles.small()
    files["academicSessions"].append(bundles.session("summer", *SUMMER, 2026, "term"))
    files["classes"].append(bundles.section("math-s", "math", terms="summer"))
    files["enrollments"].append(bundles.enrollment("ana", "math-s"))
    files["calendar"] += [
        {"orgSourcedId": "north", "date": day, "isInstructional": "true"}
        for day in bundles.weekdays(*SUMMER)
    ]
    files["lineItems"].append(bundles.line_item("s1", date(2025, 7, 11), "math-s"))
    files["results"].append(bundles.result("s1", "ana", "1", date(2025, 7, 11)))
    files["attendance"].append(bundles.absence("ana", date(2025, 7, 8)))
    return files


@pytest.fixture
def summer_and_plain(tmp_path):
    """A home with a summer session that is not school, and one that never had any."""
    homes = []
    for name, files in (("summer", with_summer()), ("plain", bundles.small())):
        settings = Settings(
            home=tmp_path / name, import_day=bundles.IMPORT_DAY, not_school=["summer"]
        )
        summary = ingest(settings, bundles.write(tmp_path / f"{name}-bundle", files))
        build.ensure(settings, snapshots.current(settings))
        homes.append((settings, summary))
    return homes


def test_a_session_that_is_not_school_changes_no_feature_and_no_year(summer_and_plain):
    (with_it, _), (without, _) = summer_and_plain

    for query in (
        "from features order by all",
        "from school_years",
        "from student_days order by 1, 2",
    ):
        found = []
        for settings in (with_it, without):
            with snapshots.connect(settings, features=True) as con:
                found.append(con.execute(query).fetchall())
        assert found[0] == found[1]


def test_attendance_of_days_that_are_not_school_is_set_aside(summer_and_plain):
    (_, summary), _ = summer_and_plain

    assert any("not school" in reason for reason in summary.rejects)
    assert summary.files["attendance"]["rejected"] == 1  # of 3: over 5% if it were counted
