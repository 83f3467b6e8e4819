"""A row that breaks a rule is refused, with file, row, column, reason and raw line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles
from tests.bundles import absence, incident, line_item, result, withdrawal

pytestmark = pytest.mark.slow

DAY = date(2025, 9, 15)  # a Monday
SATURDAY = date(2025, 9, 20)
TOMORROW = date(2026, 3, 2)  # a Monday, the day after the import
NO_DATE = "not a date (yyyy-mm-dd)"
NO_SCHOOL = "not an enrolled instructional day of the student"
ROLES = (
    "administrator, aide, counselor, districtAdministrator, guardian, parent, principal, "
    "proctor, relative, siteAdministrator, student, systemAdministrator, teacher"
)
CLASS_ROLES = "administrator, proctor, student, teacher"
SCORE_STATUSES = "exempt, fully graded, not submitted, partially graded, submitted"
ACTIONS = (
    "none, conference, referral, detention, in_school_suspension, out_of_school_suspension, "
    "expulsion"
)


def unknown(word: str, allowed: str) -> str:
    return f"unknown {word}: must be one of {allowed}"


# file, the row, and then column and reason (None: the row stands)
BAD: list[tuple[str, dict[str, Any], str | None, str | None]] = [
    ("orgs", {"sourcedId": "o1", "name": "", "type": "school"}, "name", "empty"),
    ("orgs", {"sourcedId": "", "name": "x", "type": "school"}, "sourcedId", "empty"),
    (
        "orgs",
        {"sourcedId": "north", "name": "x", "type": "school"},
        "sourcedId",
        "duplicate sourcedId",
    ),
    (
        "academicSessions",
        bundles.session("s1", date(2026, 2, 2), date(2026, 2, 1), 2026),
        "endDate",
        "ends before it begins",
    ),
    (
        "academicSessions",
        {**bundles.session("s2", DAY, DAY, 2026), "schoolYear": "25/26"},
        "schoolYear",
        "not a year (yyyy)",
    ),
    (
        "academicSessions",
        {**bundles.session("s3", DAY, DAY, 2026), "startDate": "9/1/2025"},
        "startDate",
        NO_DATE,
    ),
    ("courses", {"sourcedId": "c1", "title": " "}, "title", "empty"),
    ("classes", bundles.section("k1", "music"), "courseSourcedId", "unknown course"),
    ("classes", bundles.section("k2", "art", school="south"), "schoolSourcedId", "unknown org"),
    ("classes", bundles.section("k3", "art", terms=""), "termSourcedIds", "empty"),
    ("classes", bundles.section("k4", "art", terms="y26,y99"), "termSourcedIds", "unknown session"),
    ("classes", bundles.section("k5", "art", terms="y26, y26"), None, None),
    ("users", {**bundles.user("u1", "", "aide")}, None, None),  # people of one name are
    ("users", {**bundles.user("uB", " ", "aide"), "familyName": ""}, "givenName", "empty"),
    ("users", {**bundles.user("u2", "Uma", "")}, "role", "empty"),
    ("users", bundles.user("u4", "Ugo", " StuDent "), None, None),
    ("users", bundles.user("u8", "x" * 200, "aide"), None, None),
    ("users", bundles.user("u9", "x" * 201, "aide"), "givenName", "longer than 200 characters"),
    ("users", bundles.user("uA", "U\0", "aide"), "givenName", "holds a NUL character"),
    ("users", bundles.user("u" * 256, "x", "aide"), "sourcedId", "longer than 255 characters"),
    ("users", bundles.user("u" * 255, "x", "aide"), None, None),
    (
        "users",
        {**bundles.user("uC", "x", "aide"), "orgSourcedIds": f"north,{'o' * 256}"},
        "orgSourcedIds",
        "longer than 255 characters",
    ),
    ("users", bundles.user("u\0", "x", "aide"), "sourcedId", "holds a NUL character"),
    ("users", bundles.user("u5", "Ute", "pupil"), "role", unknown("role", ROLES)),
    ("users", bundles.user("u6", "Uwe", "guardian"), None, None),
    ("users", bundles.user("u7", "Una", "siteAdministrator"), None, None),
    (
        "users",
        {**bundles.user("u3", "Udo", "student"), "status": "tobedeleted"},
        "status",
        "tobedeleted",
    ),
    ("demographics", {"sourcedId": "zoe", "birthDate": ""}, "sourcedId", "unknown user"),
    ("demographics", {"sourcedId": "ben", "birthDate": "2013-02-30"}, "birthDate", NO_DATE),
    ("enrollments", bundles.enrollment("ben", "music"), "classSourcedId", "unknown class"),
    ("enrollments", bundles.enrollment("zoe", "art-1"), "userSourcedId", "unknown user"),
    (
        "enrollments",
        bundles.enrollment("ben", "art-1", school="south"),
        "schoolSourcedId",
        "unknown org",
    ),
    ("enrollments", bundles.enrollment("ben", "art-1", role=""), "role", "empty"),
    (
        "enrollments",
        bundles.enrollment("ben", "art-1", role="pupil"),
        "role",
        unknown("role", CLASS_ROLES),
    ),
    (
        "enrollments",
        bundles.enrollment("ben", "art-1", role="aide"),
        "role",
        unknown("role", CLASS_ROLES),
    ),
    ("enrollments", bundles.enrollment("tess", "art-1", role="proctor"), None, None),
    ("enrollments", bundles.enrollment("ben", "art-1", "2026-1-5"), "beginDate", NO_DATE),
    ("enrollments", bundles.enrollment("ben", "art-1", DAY, "x"), "endDate", NO_DATE),
    (
        "enrollments",
        bundles.enrollment("ben", "art-1", date(2026, 2, 2), date(2026, 2, 1)),
        "endDate",
        "ends before it begins",
    ),
    ("enrollments", bundles.enrollment("ben", "art-1", SATURDAY, SATURDAY), None, None),
    ("withdrawals", withdrawal("zoe", DAY), "studentSourcedId", "unknown student"),
    ("withdrawals", withdrawal("tess", DAY), "studentSourcedId", "unknown student"),
    ("withdrawals", withdrawal("cy", TOMORROW), "date", "after the day of the import"),
    ("withdrawals", withdrawal("cy", date(2026, 3, 1)), None, None),
    (
        "withdrawals",
        withdrawal("cy", date(2026, 3, 1), "other"),
        "date",
        "duplicate student and date",
    ),
    (
        "withdrawals",
        withdrawal("cy", DAY, "moved"),
        "reason",
        unknown("reason", "transfer, graduated, dropout, other"),
    ),
    ("withdrawals", withdrawal("cy", "2026-02-29"), "date", NO_DATE),
    (
        "calendar",
        {"orgSourcedId": "south", "date": DAY, "isInstructional": "true"},
        "orgSourcedId",
        "unknown org",
    ),
    (
        "calendar",
        {"orgSourcedId": "north", "date": DAY, "isInstructional": "false"},
        "date",
        "duplicate org and date",
    ),
    (
        "calendar",
        {"orgSourcedId": "d", "date": DAY, "isInstructional": "yep"},
        "isInstructional",
        "not true or false",
    ),
    (
        "calendar",
        {"orgSourcedId": "d", "date": DAY, "isInstructional": " "},
        "isInstructional",
        "not true or false",
    ),
    ("calendar", {"orgSourcedId": "d", "date": f" {DAY}", "isInstructional": " Yes"}, None, None),
    (
        "calendar",
        {"orgSourcedId": "d", "date": DAY, "isInstructional": "1"},
        "date",
        "duplicate org and date",
    ),
    ("calendar", {"orgSourcedId": "d", "date": "x", "isInstructional": "true"}, "date", NO_DATE),
    ("lineItems", line_item("l1", DAY, "music"), "classSourcedId", "unknown class"),
    ("lineItems", line_item("l2", DAY, low="five"), "resultValueMin", "not a number"),
    ("lineItems", line_item("l3", DAY, high="nan"), "resultValueMax", "not a number"),
    (
        "lineItems",
        line_item("l4", DAY, low="10", high="10"),
        "resultValueMax",
        "maximum not over the minimum",
    ),
    ("lineItems", line_item("l5", DAY, low="10", high="10.01"), None, None),
    ("lineItems", {**line_item("l6", DAY), "dueDate": ""}, "dueDate", NO_DATE),
    ("lineItems", line_item("quiz", DAY), "sourcedId", "duplicate sourcedId"),
    ("results", result("test", "ana", "8", DAY), "lineItemSourcedId", "unknown line item"),
    ("results", result("q1", "zoe", "8", DAY), "studentSourcedId", "unknown student"),
    ("results", result("q1", "tess", "8", DAY), "studentSourcedId", "unknown student"),
    (
        "results",
        result("q1", "ana", "8", DAY, "graded"),
        "scoreStatus",
        unknown("status", SCORE_STATUSES),
    ),
    ("results", result("q1", "ana", "A+", DAY), "score", "not a number"),
    ("results", result("q1", "ana", "15.001", DAY), "score", "score too far over the maximum"),
    ("results", result("q1", "ana", "15", DAY), None, None),
    ("results", result("q1", "ana", "9", DAY), "sourcedId", "duplicate sourcedId"),
    ("results", result("q2", "ana", "-0.01", DAY), "score", "score under the minimum"),
    ("results", result("q2", "ana", "0", DAY), None, None),
    ("results", result("q3", "ana", "9", TOMORROW), "scoreDate", "after the day of the import"),
    ("results", result("q3", "ana", "9", date(2026, 3, 1)), None, None),
    ("results", result("q4", "ana", "9", ""), "scoreDate", NO_DATE),
    ("results", result("q4", "ana", "", "", "not submitted"), None, None),
    ("results", result("q5", "ana", "", "2025-9-15", "not submitted"), "scoreDate", NO_DATE),
    ("results", result("q5", "cy", "9", date(2024, 9, 16)), None, None),  # needs no enrollment
    ("attendance", absence("zoe", DAY), "studentSourcedId", "unknown student"),
    ("attendance", absence("ana", "2025-09-31"), "date", NO_DATE),
    ("attendance", absence("ana", "15.09.2025"), "date", NO_DATE),
    ("attendance", absence("ana", f"{DAY} ", status=" Absent\t", reason="EXCUSED"), None, None),
    ("attendance", absence("ana", TOMORROW), "date", "after the day of the import"),
    ("attendance", absence("ana", SATURDAY), "date", f"{NO_SCHOOL}: weekend"),
    ("attendance", absence("ana", date(2025, 8, 29)), "date", f"{NO_SCHOOL}: before enrollment"),
    ("attendance", absence("cy", DAY), "date", f"{NO_SCHOOL}: never enrolled"),
    (
        "attendance",
        absence("ana", DAY, status="late"),
        "status",
        unknown("status", "absent, partial, tardy, present"),
    ),
    (
        "attendance",
        absence("ana", DAY, reason="ill"),
        "reason",
        unknown("reason", "excused, unexcused, suspension"),
    ),
    ("attendance", absence("ana", DAY, classSourcedId="music"), "classSourcedId", "unknown class"),
    ("attendance", absence("ana", DAY, minutesMissed="-1"), "minutesMissed", "negative"),
    ("attendance", absence("ana", DAY, minutesMissed="1h"), "minutesMissed", "not a number"),
    ("attendance", absence("ana", DAY, status="tobedeleted"), "status", "tobedeleted"),
    ("attendance", absence("ana", DAY, minutesMissed="0", classSourcedId="math-1"), None, None),
    ("attendance", absence("ana", DAY), "sourcedId", "duplicate sourcedId"),
    (
        "attendance",
        absence("ben", DAY, reason=" ", classSourcedId=" ", minutesMissed=" "),
        None,
        None,
    ),
    ("incidents", incident("n0", "ben", DAY, "0"), "severity", "severity not 1 to 5"),
    ("incidents", incident("n1", "ben", DAY, "1"), None, None),
    ("incidents", incident("n5", "ben", SATURDAY, "5"), None, None),
    ("incidents", incident("n6", "ben", DAY, "6"), "severity", "severity not 1 to 5"),
    ("incidents", incident("n9", "ben", DAY, "9"), "severity", "severity not 1 to 5"),
    ("incidents", incident("n2", "ben", date(2025, 8, 31)), "date", "student not enrolled"),
    ("incidents", incident("n2", "ben", bundles.LAST_DAY), "date", "after the day of the import"),
    ("incidents", incident("n2", "ben", DAY, daysRemoved="-0.5"), "daysRemoved", "negative"),
    ("incidents", incident("n2", "ben", DAY, daysRemoved="0.5"), None, None),
    (
        "incidents",
        incident("n3", "ben", DAY, action="shouting"),
        "action",
        unknown("action", ACTIONS),
    ),
    ("incidents", {**incident("n3", "ben", DAY), "type": ""}, "type", "empty"),
    ("incidents", incident("n4", "ben", DAY, action="  ", daysRemoved=" "), None, None),
    ("incidents", incident("n3", "zoe", DAY), "studentSourcedId", "unknown student"),
    (
        "caseloads",
        {"counselorSourcedId": "zoe", "studentSourcedId": "ana"},
        "counselorSourcedId",
        "unknown user",
    ),
    (
        "caseloads",
        {"counselorSourcedId": "tess", "studentSourcedId": "tess"},
        "studentSourcedId",
        "unknown student",
    ),
]


def district() -> bundles.Files:
    files = bundles.small()
    files["users"].append(bundles.user("cy", "Cy", "student"))  # enrolled nowhere
    files["demographics"] = [{"sourcedId": "ana", "birthDate": "2013-02-28"}]
    files["lineItems"] += [line_item(f"q{n}", DAY) for n in range(1, 6)]
    return files


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """One import of all the bad rows, each behind the good rows of its file."""
    folder = tmp_path_factory.mktemp("rules")
    files = district()
    for name, row, _, _ in BAD:
        files[name].append(row)
    rules = {"max_reject_rate": 1.0}
    home = folder / "home"
    settings = Settings(home=home, import_day=bundles.IMPORT_DAY, imports=rules)
    ingest(settings, bundles.write(folder / "bundle", files))
    return settings, folder / "bundle"


@pytest.fixture(scope="module")
def rejected(imported: tuple[Settings, Path]) -> dict[tuple[str, int], tuple[str, str, str]]:
    """What the import says of each row that it rejected, by file and row."""
    with snapshots.connect(imported[0]) as con:
        told = con.execute("select file, row_number, column_name, reason, raw from rejects")
        return {(file, row): (column, why, raw) for file, row, column, why, raw in told.fetchall()}


def row_number(at: int) -> int:
    """Where in its file the row BAD[at] stands; the header is row 1."""
    name = BAD[at][0]
    before = sum(1 for other, *_ in BAD[:at] if other == name)
    return len(district()[name]) + before + 2


@pytest.mark.parametrize(
    "at", range(len(BAD)), ids=lambda at: f"{BAD[at][0]} {BAD[at][2]} {BAD[at][3]} {at}"
)
def test_a_row_is_judged_by_the_contract(
    imported: tuple[Settings, Path], rejected: dict[tuple[str, int], tuple[str, str, str]], at: int
):
    name, _, column, reason = BAD[at]
    raw = (imported[1] / f"{name}.csv").read_text().splitlines()[row_number(at) - 1]

    found = rejected.get((name, row_number(at)))

    assert found == (None if reason is None else (column, reason, raw))


def test_rows_read_are_rows_imported_and_rows_rejected(imported: tuple[Settings, Path]):
    settings, bundle = imported

    with snapshots.connect(settings) as con:
        counts = con.execute(
            "select file, read, imported, rejected from import_files where present"
        ).fetchall()

    for name, read, taken, rejected in counts:
        assert read == len((bundle / f"{name}.csv").read_text().splitlines()) - 1
        assert rejected == sum(1 for file, _, _, reason in BAD if file == name and reason)
        assert read == taken + rejected


def test_what_is_empty_gets_its_meaning(imported: tuple[Settings, Path]):
    settings, _ = imported

    with snapshots.connect(settings) as con:
        reasons = con.execute("select distinct reason from attendance").fetchall()
        classes = con.execute("select distinct class_id from attendance order by 1").fetchall()
        action = con.execute(
            "select action, days_removed from incidents where incident_id in ('n1', 'n4')"
        )
        assert action.fetchall() == [("none", None)] * 2

    assert ("unexcused",) in reasons and (None,) not in reasons
    assert classes == [("math-1",), (None,)]


def test_roles_of_1_2_must_point_at_people_and_schools(bring, rows):
    files = bundles.small("1.2")
    files["roles"] += [
        {"sourcedId": "x1", "userSourcedId": "zoe", "role": "student", "orgSourcedId": "north"},
        {"sourcedId": "x2", "userSourcedId": "ana", "role": "", "orgSourcedId": "north"},
        {"sourcedId": "x3", "userSourcedId": "ana", "role": "aide", "orgSourcedId": "south"},
        {"sourcedId": "x4", "userSourcedId": "ana", "role": "pupil", "orgSourcedId": "north"},
        {"sourcedId": "x5", "userSourcedId": "ana", "role": "counselor", "orgSourcedId": "north"},
    ]

    bring(files, version="1.2")

    assert rows("select row_number, column_name, reason from rejects order by 1") == [
        (5, "userSourcedId", "unknown user"),
        (6, "role", "empty"),
        (7, "orgSourcedId", "unknown org"),
        (8, "role", unknown("role", ROLES)),
    ]


def test_the_first_of_duplicates_stands_even_when_a_broken_one_came_before(bring, rows):
    files = bundles.small()
    files["incidents"] = [
        incident("i1", "ben", DAY, "9"),
        incident("i1", "ben", DAY, "3"),
        incident("i1", "ben", DAY, "4"),
    ]

    bring(files)

    assert rows("select severity from incidents") == [(3,)]
    assert rows("select row_number, reason from rejects order by 1") == [
        (2, "severity not 1 to 5"),
        (4, "duplicate sourcedId and student"),
    ]
