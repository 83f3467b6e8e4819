"""A later bundle updates what stands: by key, and school year by school year."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.warehouse.ingest import ingest
from tests import bundles
from tests.bundles import absence

pytestmark = pytest.mark.slow

OLD_FIRST, OLD_LAST = date(2024, 9, 2), date(2025, 6, 13)
OLD_DAY, DAY, NEXT_DAY = date(2024, 9, 9), date(2025, 9, 15), date(2025, 9, 16)


def two_years() -> bundles.Files:
    """North with the year before as well; Ana was there in both."""
    files = bundles.small()
    files["academicSessions"].append(bundles.session("y25", OLD_FIRST, OLD_LAST, 2025))
    files["classes"].append(bundles.section("math-0", "math", terms="y25"))
    files["enrollments"].append(bundles.enrollment("ana", "math-0"))
    files["calendar"] += [
        {"orgSourcedId": "north", "date": day, "isInstructional": "true"}
        for day in bundles.weekdays(OLD_FIRST, OLD_LAST)
    ]
    files["lineItems"].append(bundles.line_item("old", OLD_DAY, "math-0"))
    files["results"].append(bundles.result("old", "ana", "5", OLD_DAY))
    files["attendance"].append(absence("ana", OLD_DAY))
    files["withdrawals"] = [bundles.withdrawal("ana", OLD_LAST, "other")]
    return files


@pytest.fixture(scope="module")
def two_years_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-years")
    settings = Settings(home=folder / "home", import_day=bundles.IMPORT_DAY)
    ingest(settings, bundles.write(folder / "first", two_years()))
    return settings.home


@pytest.fixture
def two_years_stand(two_years_home: Path, lenient: Settings) -> None:
    """The bundle `first`, two years of North, was imported."""
    shutil.copytree(two_years_home, lenient.home)


def only(**files: list[bundles.Row]) -> bundles.Files:
    return files


def test_a_bulk_file_replaces_the_school_year_that_it_covers(two_years_stand, bring, rows):
    bring(only(attendance=[absence("ben", DAY)]))

    assert rows("select attendance_id from attendance order by 1") == [
        (f"ana-{OLD_DAY}",),
        (f"ben-{DAY}",),
    ]


def test_files_that_are_absent_now_are_kept(two_years_stand, bring, rows):
    summary = bring(only(attendance=[absence("ben", DAY)]))

    assert rows("select count(*) from results") == [(2,)]
    assert rows("select count(*) from users") == [(3,)]
    known = {name for (name,) in rows("select name from has_records where present")}
    assert known >= {"attendance", "grades", "incidents", "withdrawals"}
    assert list(summary.files) == ["attendance"]
    assert summary.students == 2


def test_a_bundle_of_this_year_leaves_the_year_before(two_years_stand, bring, rows):
    this_year = bundles.small()
    bring(this_year)

    assert rows("select school_year from school_years order by 1") == [(2025,), (2026,)]
    assert rows("select class_id from classes order by 1") == [("art-1",), ("math-0",), ("math-1",)]
    assert rows("select enrollment_id from enrollments where user_id = 'ana' order by 1") == [
        ("ana-art-1-",),
        ("ana-math-0-",),
        ("ana-math-1-",),
    ]
    assert rows("select line_item_id from line_items order by 1") == [("old",), ("quiz",)]
    assert rows("select result_id from results order by 1") == [("old-ana",), ("quiz-ana",)]
    assert rows("select count(*) from calendar where date < date '2025-09-01'") == [(204,)]
    assert rows("select count(*) from withdrawals") == [(1,)]


def test_a_class_that_a_bulk_file_lacks_stays_with_its_enrollments(two_years_stand, bring, rows):
    before = rows("from enrollments order by all")

    bring(only(classes=bundles.small()["classes"][:1]))

    assert rows("select class_id from classes order by 1") == [("art-1",), ("math-0",), ("math-1",)]
    assert rows("from enrollments order by all") == before


def test_an_empty_bulk_file_covers_no_year(two_years_stand, bring, rows):
    bring(only(attendance=[]))

    assert rows("select count(*) from attendance") == [(3,)]


def test_a_row_with_a_known_key_replaces_the_old_one_even_in_another_year(
    two_years_stand, bring, rows
):
    moved = absence("ana", DAY, sourcedId=f"ana-{OLD_DAY}", status="tardy")
    bring(only(attendance=[moved]))

    assert rows("select date, status from attendance") == [(DAY, "tardy")]


def test_a_delta_adds_and_updates_and_removes_nothing(two_years_stand, bring, rows):
    changed = absence("ben", NEXT_DAY, sourcedId="ben-2025-09-04")
    bring(
        only(attendance=[absence("ana", DAY), changed]),
        properties={"file.attendance": "delta"},
    )

    assert rows("select attendance_id, date from attendance order by 1") == [
        ("ana-2024-09-09", OLD_DAY),
        ("ana-2025-09-03", date(2025, 9, 3)),
        (f"ana-{DAY}", DAY),
        ("ben-2025-09-04", NEXT_DAY),
    ]


def test_calendar_merges_by_org_and_date(two_years_stand, bring, rows):
    snow = {"orgSourcedId": "north", "date": DAY, "isInstructional": "false"}
    bring(only(calendar=[snow]), properties={"file.calendar": "delta"})

    assert rows("select count(*), count(*) filter (where is_instructional) from calendar") == [
        (408, 407)
    ]
    assert rows("select count(*) from student_days where date = date '2025-09-15'") == [(0,)]


def test_withdrawals_merge_by_student_and_date(two_years_stand, bring, rows):
    bring(
        only(withdrawals=[bundles.withdrawal("ana", OLD_LAST, "graduated")]),
        properties={"file.withdrawals": "delta"},
    )

    assert rows("select reason from withdrawals") == [("graduated",)]


def test_people_of_earlier_bundles_stay_and_new_words_about_them_win(two_years_stand, bring, rows):
    bring(only(users=[bundles.user("ana", "Anna", "student"), bundles.user("cy", "Cy", "student")]))

    assert rows("select given_name from users order by 1") == [
        ("Anna",),
        ("Ben",),
        ("Cy",),
        ("Tess",),
    ]
    assert rows("select count(*) from user_roles") == [(4,)]


def test_a_bulk_caseload_replaces_the_one_before(bring, rows):
    files = two_years()
    files["caseloads"] = [{"counselorSourcedId": "tess", "studentSourcedId": "ana"}]
    bring(files)

    bring(only(caseloads=[{"counselorSourcedId": "tess", "studentSourcedId": "ben"}]))

    assert rows("select student_id from caseloads") == [("ben",)]


def test_caseloads_stay_when_the_file_is_absent(bring, rows):
    files = two_years()
    files["caseloads"] = [{"counselorSourcedId": "tess", "studentSourcedId": "ana"}]
    bring(files)

    bring(only(attendance=[absence("ben", DAY)]))

    assert rows("select student_id from caseloads") == [("ana",)]


def test_a_file_that_the_manifest_calls_absent_is_not_read(two_years_stand, bring, rows):
    summary = bring(
        only(attendance=[absence("ben", DAY)], incidents=[]),
        properties={"file.attendance": "absent"},
    )

    assert rows("select count(*) from attendance") == [(3,)]
    assert any("attendance.csv" in note and "absent" in note for note in summary.notes)


def test_importing_a_bundle_again_after_another_is_the_same_as_before(two_years_stand, bring, rows):
    tables = (
        "select 'a', attendance_id, date, status from attendance "
        "union all select 'r', result_id, score_date, score_status from results "
        "union all select 'e', enrollment_id, begin_date, role from enrollments "
        "union all select 'd', student_id, date, school_id from student_days order by all"
    )
    before = rows(tables)

    bring(only(attendance=[absence("ben", DAY)]))
    bring(two_years())

    assert rows(tables) == before


@pytest.mark.parametrize("late", ["results", "lineItems"])
def test_grades_are_known_once_work_and_results_came_in_whichever_bundles(bring, rows, late):
    files = bundles.small()
    del files["results"]
    if late == "lineItems":
        del files["lineItems"]
    bring(files)
    known = "select present from has_records where name = 'grades'"
    assert rows(known) == [(False,)]

    if late == "lineItems":
        bring(only(results=[]))
    bring(only(**{late: bundles.small()[late]}))

    assert rows(known) == [(True,)]


def test_results_whose_line_item_was_replaced_are_counted(two_years_stand, bring):
    summary = bring(only(lineItems=[bundles.line_item("test", date(2025, 9, 12))]))

    assert any(note.startswith("1 result is not counted") for note in summary.notes)


def test_attendance_that_a_new_enrollment_leaves_behind_is_counted(two_years_stand, bring):
    late = bundles.enrollment("ben", "math-1", date(2025, 10, 1))
    replaced = {**late, "sourcedId": "ben-math-1-"}
    summary = bring(only(enrollments=[replaced]), properties={"file.enrollments": "delta"})

    assert any(note.startswith("1 attendance row is not counted") for note in summary.notes)


def test_incidents_that_a_new_enrollment_leaves_behind_are_counted(two_years_stand, bring, rows):
    late = {**bundles.enrollment("ben", "math-1", date(2025, 9, 11)), "sourcedId": "ben-math-1-"}

    summary = bring(only(enrollments=[late]), properties={"file.enrollments": "delta"})

    assert rows("select incident_id from incidents where student_id = 'ben'") != []
    assert any(note.startswith("1 incident is on a day") for note in summary.notes)


def test_a_merge_that_fits_leaves_nothing_behind(two_years_stand, bring):
    summary = bring(only(attendance=[absence("ben", DAY)]))

    assert not any("not counted" in note or "on a day" in note for note in summary.notes)


def test_every_import_is_a_line_of_the_history(two_years_stand, bring, rows):
    bring(only(attendance=[absence("ben", DAY)]))

    history = rows("select bundle, import_day, is_demo from imports order by imported_at")

    assert history == [
        ("first", bundles.IMPORT_DAY, False),
        ("bundle-0", bundles.IMPORT_DAY, False),
    ]


def test_files_without_rows_are_named_and_take_nothing_away(two_years_stand, bring, rows):
    counts = ", ".join(
        f"(select count(*) from {table})" for table in ("attendance", "results", "line_items")
    )
    before = rows(f"select {counts}")

    summary = bring(only(attendance=[], results=[], lineItems=[]))

    for name in ("attendance", "results", "lineItems"):
        assert any(
            note.startswith(f"{name}.csv has a header and no rows") for note in summary.notes
        )
    assert rows(f"select {counts}") == before
