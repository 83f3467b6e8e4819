"""The quality questions count what a data steward should look at."""

from datetime import date

import duckdb
import pytest

from edupulse_core import sql
from edupulse_core.warehouse import quality, snapshots
from tests import bundles

pytestmark = pytest.mark.slow


def flawed() -> bundles.Files:
    files = bundles.small()
    files["users"] += [
        bundles.user("cy", "Cy", "student"),
        bundles.user("cy2", "CY", "student"),
        {**bundles.user("tom", "Tom", "teacher"), "email": "", "username": ""},
    ]
    files["demographics"] = [
        {"sourcedId": "cy", "birthDate": "2013-05-05"},
        {"sourcedId": "cy2", "birthDate": "2013-05-05"},
    ]
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    files["classes"].append(bundles.section("math-s", "math", school="south"))
    files["enrollments"].append(bundles.enrollment("tom", "math-s", role="teacher"))
    files["attendance"] = [bundles.absence(name, date(2025, 9, 1)) for name in ("ana", "ben")]
    files["incidents"] = [bundles.incident("i", "ana", date(2025, 9, 19))]
    return files


def left_behind() -> bundles.Files:
    """Another quiz than the one that Ana wrote, and Ben only comes the day after his absence."""
    return {
        "lineItems": [bundles.line_item("test", date(2025, 9, 12))],
        "enrollments": [
            *flawed()["enrollments"][:2],
            bundles.enrollment("ben", "math-1", date(2025, 9, 2)) | {"sourcedId": "ben-math-1-"},
            *flawed()["enrollments"][3:],
        ],
    }


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("attendance_outside_enrollment", 1),
        ("classes_without_results", 2),
        ("classes_without_teacher", 1),
        ("results_without_line_item", 1),
        ("same_name_and_birth_date", 2),
        ("schools_without_days", 1),
        ("staff_without_sign_in", 1),
        ("students_without_enrollment", 2),
        ("unknown_subjects", 1),
    ],
)
def test_a_question_counts_what_is_there(findings, name, n):
    assert findings[name].n == n
    subject = findings[name].sentence.split()[0]
    assert subject.endswith("s") == (n > 1 or subject == "class")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    from edupulse_core.config import Settings
    from edupulse_core.warehouse.ingest import ingest

    folder = tmp_path_factory.mktemp("quality")
    settings = Settings(home=folder / "home", import_day=bundles.IMPORT_DAY)
    ingest(settings, bundles.write(folder / "bundle", flawed()))
    ingest(settings, bundles.write(folder / "later", left_behind()))
    with snapshots.connect(settings) as con:
        return {finding.name: finding for finding in quality.check(con, date(2025, 9, 21))}


def test_schools_that_fell_silent_are_counted_once():
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        con.execute(
            "insert into silent_days "
            "select 'north', day, day from (values (date '2025-09-01'), ('2025-09-03')) as d(day)"
        )

        assert sql.run(con, "warehouse/quality/silent_feeds")[0][1] == 1


def test_the_largest_answers_come_first(findings):
    counts = [finding.n for finding in findings.values()]

    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 11
