"""Roles of roles.csv hold from their beginDate up to, not including, their endDate."""

from datetime import date
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.people.access import viewer_for
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

TODAY = bundles.IMPORT_DAY
YESTERDAY, TOMORROW = date(2026, 2, 28), date(2026, 3, 2)


def role(what: str, *, org: str = "north", begin: Any = "", end: Any = "") -> bundles.Row:
    return {"role": what, "orgSourcedId": org, "beginDate": begin, "endDate": end}


# a teacher's roles, and whether they still teach their section at North
CASES: dict[str, tuple[list[bundles.Row], bool]] = {
    "no dates": ([role("teacher")], True),
    "since yesterday": ([role("teacher", begin=YESTERDAY)], True),
    "since today": ([role("teacher", begin=TODAY)], True),
    "from tomorrow": ([role("teacher", begin=TOMORROW)], False),
    "until yesterday": ([role("teacher", end=YESTERDAY)], False),
    "today is the first day without it": ([role("teacher", end=TODAY)], False),
    "until today": ([role("teacher", end=TOMORROW)], True),
    "today alone": ([role("teacher", begin=TODAY, end=TOMORROW)], True),
    "one of two ended": ([role("teacher", end=TODAY), role("teacher")], True),
    "ended here, not there": ([role("teacher", end=TODAY), role("teacher", org="south")], False),
    "only said elsewhere": ([role("teacher", org="south")], True),
    "ended elsewhere": ([role("teacher", org="south", end=TODAY)], False),
    "now principal": ([role("teacher", end=TODAY), role("principal")], False),
    "aide": ([role("aide")], True),
    "aide no more": ([role("aide", end=TODAY)], False),
    "aide no more, but guardian": ([role("aide", end=TODAY), role("guardian")], False),
    "guardian": ([role("guardian")], True),  # of the work nothing is said but the class
    "no role": ([], True),
}


def of(user: str, *roles: bundles.Row) -> list[bundles.Row]:
    return [
        {"sourcedId": f"{user} {n}", "userSourcedId": user, **row} for n, row in enumerate(roles)
    ]


def district(*roles: bundles.Row) -> bundles.Files:
    """The small school, with these roles of Tess instead of her own."""
    files = bundles.small("1.2")
    files["orgs"].append({"sourcedId": "south", "name": "South", "type": "school"})
    kept = [row for row in files["roles"] if row["userSourcedId"] != "tess"]
    files["roles"] = [*kept, *of("tess", *roles)]
    return files


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which every case is a teacher of the same section."""
    folder = tmp_path_factory.mktemp("roles")
    files = district()
    for name, (roles, _) in CASES.items():
        files["users"].append(bundles.user(name, name, "teacher", "1.2"))
        files["roles"] += of(name, *roles)
        files["enrollments"].append(bundles.enrollment(name, "math-1", role="teacher"))
    settings = Settings(home=folder / "home", import_day=TODAY)
    ingest(settings, bundles.write(folder / "bundle", files, version="1.2"))
    return settings


@pytest.mark.parametrize("name", CASES)
def test_a_role_at_the_school_decides_else_any_other_and_only_on_its_days(
    staffed: Settings, name: str
):
    with snapshots.connect(staffed) as con:
        taught = con.execute(
            "select class_id from enrollment_spans where user_id = $name", {"name": name}
        ).fetchall()

    assert taught == ([("math-1",)] if CASES[name][1] else [])


def test_of_the_roles_those_of_the_day_hold(staffed: Settings):
    with snapshots.connect(staffed) as con:
        found = con.execute(
            "select role, org_id from user_roles where user_id = 'ended here, not there'"
        ).fetchall()

    assert found == [("teacher", "south")]


def test_a_student_whose_role_has_ended_keeps_the_records(bring, rows):
    files = district()
    files["roles"][0]["endDate"] = YESTERDAY

    summary = bring(files, version="1.2")

    assert summary.rejects == {}
    assert rows("select count(*) from enrollment_spans where user_id = 'ana'") == [(2,)]


def test_a_role_ends_with_a_later_import_that_does_not_name_it(settings, tmp_path):
    ends = district(role("teacher", end=TOMORROW))
    ingest(settings, bundles.write(tmp_path / "a", ends, version="1.2"))
    next_day = settings.model_copy(update={"import_day": TOMORROW})
    later = {"attendance": [bundles.absence("ben", date(2025, 9, 8))]}

    ingest(next_day, bundles.write(tmp_path / "b", later, version="1.2"))

    with snapshots.connect(settings) as con:
        taught = con.execute("from enrollment_spans where role = 'teacher'").fetchall()
    assert taught == []


@pytest.mark.parametrize(
    ("when", "teaches"),
    [({"end": date(2026, 3, 4)}, [True, False]), ({"begin": date(2026, 3, 4)}, [False, True])],
)
def test_a_role_turns_within_a_week_though_the_bundle_is_the_same(tmp_path, when, teaches):
    folder = bundles.write(tmp_path / "b", district(role("teacher", **when)), version="1.2")
    tuesday, wednesday, thursday = (
        Settings(home=tmp_path / "home", import_day=date(2026, 3, day)) for day in (3, 4, 5)
    )
    found = []

    for settings in (tuesday, wednesday):
        ingest(settings, folder)
        with snapshots.connect(settings) as con:
            found.append(bool(con.execute("from user_roles where user_id = 'tess'").fetchall()))

    again, stands = ingest(thursday, folder), snapshots.current(wednesday).version
    assert found == teaches
    assert (again.published, again.is_unchanged) == (stands, True)
    assert again.notes[0].endswith(f"nothing changed, and {stands} stays.")


def test_whoever_was_kin_takes_no_sign_in_from_the_teacher_who_shares_it(settings, tmp_path):
    files = district(role("teacher"))
    for kin in ("guardian", "parent", "relative"):
        files["users"].append(bundles.user(kin, kin, kin, "1.2") | {"email": "tess@school.example"})
        files["roles"] += of(kin, role(kin, end=YESTERDAY))
    ingest(settings, bundles.write(tmp_path / "b", files, version="1.2"))

    with snapshots.connect(settings) as con:
        viewer = viewer_for(settings, con, {"email": "tess@school.example", "email_verified": True})

    assert viewer is not None and viewer.user_id == "tess"


def test_a_delta_of_roles_replaces_by_key_and_a_bulk_file_by_person(bring, rows):
    held = "select role from user_roles where user_id = 'tess' order by 1"
    bring(district(role("principal"), role("teacher")), version="1.2")
    one = {"roles": of("tess", role("counselor"))}  # by the key that the principal's had

    bring(one, version="1.2", properties={"file.roles": "delta"})
    after_delta = rows(held)
    bring(one, version="1.2")

    assert (after_delta, rows(held)) == ([("counselor",), ("teacher",)], [("counselor",)])


def test_dates_of_roles_must_be_dates(bring, rows):
    bring(
        district(
            role("teacher", begin="9/1/2025"),
            role("teacher", end="never"),
            role("teacher", begin=TODAY, end=YESTERDAY),
        ),
        version="1.2",
    )

    assert rows("select column_name, reason from rejects order by row_number") == [
        ("beginDate", "not a date (yyyy-mm-dd)"),
        ("endDate", "not a date (yyyy-mm-dd)"),
        ("endDate", "ends before it begins"),
    ]
