"""Rows with the status `tobedeleted`: a delta removes by key, a bulk file sets aside."""

from datetime import date

import pytest

from edupulse_core.warehouse.ingest import Summary
from tests import bundles

pytestmark = pytest.mark.slow

TODAY = bundles.IMPORT_DAY
OCTOBER = date(2025, 10, 6)


def deleted(key: str, **more: object) -> bundles.Row:
    return {"sourcedId": key, "status": "tobedeleted", **more}


@pytest.fixture
def change(bring):
    """Import these files as changes."""

    def change(files: bundles.Files) -> Summary:
        return bring(files, properties={f"file.{name}": "delta" for name in files})

    return change


@pytest.fixture
def stands(bring):
    files = bundles.small()
    files["incidents"].append(bundles.incident("i1", "ana", date(2025, 9, 10)))
    files["withdrawals"] = [bundles.withdrawal("ben", OCTOBER)]
    files["caseloads"] = [
        {"counselorSourcedId": "tess", "studentSourcedId": name} for name in ("ana", "ben")
    ]
    bring(files)


def of_two(teacher: str, student: str) -> bundles.Row:
    return {"counselorSourcedId": teacher, "studentSourcedId": student, "status": "tobedeleted"}


@pytest.mark.parametrize(
    "gone",
    [
        {
            "enrollments": (
                deleted("ana-art-1-"),
                "enrollments where enrollment_id = 'ana-art-1-'",
            ),
            "attendance": (deleted("ana-2025-09-03"), "attendance where student_id = 'ana'"),
            "results": (deleted("quiz-ana"), "results"),
            "courses": (deleted("art"), "courses where course_id = 'art'"),
            "withdrawals": (
                {"studentSourcedId": "ben", "date": OCTOBER, "status": "tobedeleted"},
                "withdrawals",
            ),
            "calendar": (
                {"orgSourcedId": "north", "date": OCTOBER, "status": "tobedeleted"},
                "calendar where date = '2025-10-06'",
            ),
            "caseloads": (of_two("tess", "ben"), "caseloads where student_id = 'ben'"),
        },
        {"academicSessions": (deleted("y26"), "academic_sessions")},
    ],
    ids=["records", "session"],
)
def test_a_delta_removes_the_row_by_its_key_alone(stands, change, rows, gone):
    files = {**bundles.small(), "withdrawals": [bundles.withdrawal("", "")]}
    for _, count in gone.values():
        assert rows(f"select count(*) from {count}") != [(0,)], count

    summary = change(
        {
            name: [{**dict.fromkeys((files[name] or [{}])[0], ""), **row}]
            for name, (row, _) in gone.items()
        }
    )

    for name, (_, count) in gone.items():
        assert rows(f"select count(*) from {count}") == [(0,)], count
        assert summary.files[name] == {"read": 1, "imported": 1, "rejected": 0}, name


def test_a_deleted_absence_counts_no_more_and_a_deleted_enrollment_has_no_days(
    stands, change, rows
):
    change(
        {
            "enrollments": [{**bundles.enrollment("", "", role=""), **deleted("ben-math-1-")}],
            "attendance": [{**bundles.absence("", ""), **deleted("ana-2025-09-03")}],
        }
    )

    assert rows("select count(*) from student_days where student_id = 'ben'") == [(0,)]
    assert rows("select count(*) from attendance where student_id = 'ana'") == [(0,)]


def test_a_live_row_of_the_same_key_wins_wherever_it_stands(stands, change, rows):
    live = bundles.result("quiz", "ana", "9", date(2025, 9, 15)) | {"status": "active"}
    gone = dict.fromkeys(live, "") | deleted("quiz-ana")

    summary = change({"results": [gone, live, gone]})

    assert rows("select score from results") == [(9.0,)]
    assert summary.files["results"] == {"read": 3, "imported": 3, "rejected": 0}


def test_a_deletion_must_name_its_row(stands, change, rows):
    gone = dict.fromkeys(bundles.result("x", "x", "", ""), "") | deleted("")

    summary = change({"results": [gone]})

    assert summary.files["results"]["rejected"] == 1
    assert rows("select count(*) from results") == [(1,)]


def test_what_was_never_there_is_deleted_without_a_word(stands, change):
    gone = dict.fromkeys(bundles.result("x", "x", "", ""), "") | deleted("nobody")

    summary = change({"results": [gone]})

    assert summary.files["results"] == {"read": 1, "imported": 1, "rejected": 0}


def test_with_a_class_go_its_enrollments_and_line_items_and_their_results(stands, change, rows):
    gone = dict.fromkeys(bundles.section("", ""), "") | deleted("math-1")

    change({"classes": [gone]})

    assert rows("select class_id from enrollments") == [("art-1",)]
    assert rows("from line_items") == []
    assert rows("from results") == []


def test_with_a_line_item_go_its_results(stands, change, rows):
    gone = dict.fromkeys(bundles.line_item("", OCTOBER), "") | deleted("quiz")

    change({"lineItems": [gone]})

    assert rows("from results") == []


@pytest.mark.parametrize(("student", "left"), [("", []), ("ben", [("ana",)])])
def test_an_incident_is_deleted_for_all_its_students_or_for_one(
    stands, change, rows, student, left
):
    gone = dict.fromkeys(bundles.incident("", "", ""), "") | deleted("i1", studentSourcedId=student)

    change({"incidents": [gone]})

    assert rows("select student_id from incidents") == left


@pytest.mark.parametrize("way", ["delta", "bulk"])
def test_a_deleted_user_becomes_inactive_and_keeps_the_records(stands, bring, rows, way):
    gone = dict.fromkeys(bundles.user("", "", ""), "") | deleted("ana")
    others = [bundles.user(name, name, "student") for name in ("ben", "tess")]
    days = rows("select count(*) from student_days where student_id = 'ana'")

    summary = bring({"users": [gone, *others]}, properties={"file.users": way})

    assert rows("select user_id, is_active from users order by 1") == [
        ("ana", False),
        ("ben", True),
        ("tess", True),
    ]
    assert rows("select count(*) from student_days where student_id = 'ana'") == days
    assert summary.files["users"]["rejected"] == (way == "bulk")


def test_a_bulk_file_sets_them_aside_as_if_they_were_lacking(stands, bring, rows):
    files = bundles.small()
    files["attendance"][0]["status"] = "tobedeleted"

    summary = bring({"attendance": files["attendance"]})

    assert rows("select student_id from attendance") == [("ben",)]
    assert summary.rejects == {"attendance.status: tobedeleted": 1}


@pytest.mark.parametrize(
    ("end", "ends"),
    [(date(2025, 12, 1), date(2025, 12, 1)), (date(2026, 5, 1), TODAY), ("", TODAY)],
)
def test_an_enrollment_of_a_bulk_file_that_is_deleted_ends(stands, bring, rows, end, ends):
    gone = bundles.enrollment("ana", "art-1", "", end) | {"status": "tobedeleted"}

    bring({"enrollments": [*bundles.small()["enrollments"][2:], gone]})

    assert rows("select end_date from enrollment_spans where class_id = 'art-1'") == [(ends,)]


def test_a_deleted_enrollment_alone_speaks_for_no_group(stands, bring, rows):
    end = date(2025, 12, 1)
    gone = bundles.enrollment("ana", "art-1", "", end) | {"status": "tobedeleted"}

    bring({"enrollments": [gone]})

    ends = rows("select class_id, end_date from enrollment_spans where user_id = 'ana' order by 1")
    assert ends == [("art-1", end), ("math-1", bundles.LAST_DAY)]
