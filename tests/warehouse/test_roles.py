"""Roles of roles.csv hold from their beginDate up to, not including, their endDate."""

from datetime import date
from typing import Any

import pytest

from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

TODAY = bundles.IMPORT_DAY
YESTERDAY, TOMORROW = date(2026, 2, 28), date(2026, 3, 2)


def role(
    name: str, user: str, what: str, *, org: str = "north", begin: Any = "", end: Any = ""
) -> bundles.Row:
    return {
        "sourcedId": name,
        "userSourcedId": user,
        "role": what,
        "orgSourcedId": org,
        "beginDate": begin,
        "endDate": end,
    }


def district(*roles: bundles.Row) -> bundles.Files:
    """The small school, with these roles of Tess instead of her own."""
    files = bundles.small("1.2")
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    kept = [row for row in files["roles"] if row["userSourcedId"] != "tess"]
    files["roles"] = [*kept, *roles]
    return files


@pytest.mark.parametrize(
    ("begin", "end", "holds"),
    [
        ("", "", True),
        (YESTERDAY, "", True),
        (TODAY, "", True),
        (TOMORROW, "", False),
        ("", YESTERDAY, False),
        ("", TODAY, False),  # the first day without it
        ("", TOMORROW, True),
        (TODAY, TOMORROW, True),
    ],
)
def test_a_teachers_role_holds_on_the_day_of_the_import_or_grants_nothing(
    bring, rows, begin, end, holds
):
    bring(district(role("t", "tess", "teacher", begin=begin, end=end)), version="1.2")

    taught = rows("select class_id from enrollment_spans where role = 'teacher'")
    assert taught == ([("math-1",)] if holds else [])
    held = rows("select role from user_roles where user_id = 'tess'")
    assert held == ([("teacher",)] if holds else [])


@pytest.mark.parametrize(
    ("roles", "teaches"),
    [
        ([role("a", "tess", "teacher", end=TODAY), role("b", "tess", "teacher")], True),
        (
            [role("a", "tess", "teacher", end=TODAY), role("b", "tess", "teacher", org="south")],
            False,  # hers at this school has ended
        ),
        ([role("a", "tess", "teacher", org="south")], True),  # none is said for this school
        ([role("a", "tess", "teacher", org="south", end=TODAY)], False),
        ([role("a", "tess", "teacher", end=TODAY), role("b", "tess", "principal")], False),
        ([role("a", "tess", "aide")], True),
        ([role("a", "tess", "aide", end=TODAY)], False),
        ([role("a", "tess", "aide", end=TODAY), role("b", "tess", "guardian")], False),
        ([role("a", "tess", "guardian")], True),  # of her work nothing is said but the class
        ([], True),
    ],
)
def test_the_role_at_the_school_decides_else_any_other(bring, rows, roles, teaches):
    bring(district(*roles), version="1.2")

    found = rows("select count(*) from enrollment_spans where role = 'teacher'")
    assert found == [(int(teaches),)]


def test_a_student_whose_role_has_ended_keeps_the_records(bring, rows):
    files = district()
    files["roles"][0]["endDate"] = YESTERDAY

    summary = bring(files, version="1.2")

    assert summary.rejects == {}
    assert rows("select count(*) from enrollment_spans where user_id = 'ana'") == [(2,)]


def test_a_role_ends_with_a_later_import_that_does_not_name_it(settings, tmp_path):
    ends = role("t", "tess", "teacher", end=TOMORROW)
    ingest(settings, bundles.write(tmp_path / "a", district(ends), version="1.2"))
    next_day = settings.model_copy(update={"import_day": TOMORROW})
    later = {"attendance": [bundles.absence("ben", date(2025, 9, 8))]}

    ingest(next_day, bundles.write(tmp_path / "b", later, version="1.2"))

    with snapshots.connect(settings) as con:
        taught = con.execute("from enrollment_spans where role = 'teacher'").fetchall()
    assert taught == []


def test_a_delta_of_roles_replaces_by_key_and_a_bulk_file_by_person(bring, rows):
    held = "select role from user_roles where user_id = 'tess' order by 1"
    bring(district(role("t", "tess", "teacher"), role("p", "tess", "principal")), version="1.2")
    one = {"roles": [role("p", "tess", "counselor")]}

    bring(one, version="1.2", properties={"file.roles": "delta"})
    after_delta = rows(held)
    bring(one, version="1.2")

    assert (after_delta, rows(held)) == ([("counselor",), ("teacher",)], [("counselor",)])


def test_dates_of_roles_must_be_dates(bring, rows):
    bring(
        district(
            role("a", "tess", "teacher", begin="9/1/2025"),
            role("b", "tess", "teacher", end="never"),
            role("c", "tess", "teacher", begin=TODAY, end=YESTERDAY),
        ),
        version="1.2",
    )

    assert rows("select column_name, reason from rejects order by row_number") == [
        ("beginDate", "not a date (yyyy-mm-dd)"),
        ("endDate", "not a date (yyyy-mm-dd)"),
        ("endDate", "end before its begin"),
    ]
