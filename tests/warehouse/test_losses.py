"""The gate against loss: what a smaller file would take away is refused, unless with `replace`."""

from datetime import date
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles
from tests.warehouse.conftest import Import

pytestmark = pytest.mark.slow

SCHOOL = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)


def absences(n: int, who: str = "ana") -> list[bundles.Row]:
    return [bundles.absence(who, day) for day in SCHOOL[:n]]


@pytest.fixture
def home(settings: Settings, importing: Import, tmp_path: Path):
    """Import files; a refusal is returned as its sentence, and leaves what stood."""
    n = iter(range(100))

    def home(
        files: bundles.Files,
        *,
        replace: bool = False,
        way: str = "bulk",
        ways: dict[str, str] | None = None,
    ) -> str:
        ways = ways or {f"file.{name}": way for name in files}
        bundle = bundles.write(tmp_path / f"b{next(n)}", files, properties=ways)
        before = settings.published.read_text() if settings.published.exists() else ""
        try:
            importing(settings, bundle, **({"replace": True} if replace else {}))
        except RefusedError as refusal:
            assert refusal.gate == "loss"
            assert settings.published.read_text() == before
            return str(refusal)
        return ""

    return home


@pytest.mark.parametrize(
    ("stood", "brought", "lost"), [(60, 10, 50), (60, 11, 0), (10, 0, 10), (9, 0, 0)]
)
def test_a_fall_of_fifty_or_to_nothing_from_ten_is_refused(home, stood, brought, lost):
    files = bundles.small()
    files["attendance"] = absences(stood)
    home(files)
    of_this_week = bundles.absence("ben", SCHOOL[-1])

    refusal = home({"attendance": [*absences(brought), of_this_week]})

    said = f"this import would lose {lost} of {stood} attendance rows at North between Sep"
    assert refusal.startswith(said) if lost else refusal == ""


def test_a_large_file_may_lose_two_percent(home):
    files = bundles.small()
    files["attendance"] = [
        {**row, "sourcedId": f"{row['sourcedId']}-{n}"} for n in range(25) for row in absences(100)
    ]
    home(files)

    assert home({"attendance": files["attendance"][:2449]}) != ""
    assert home({"attendance": files["attendance"][:2450]}) == ""


def test_what_would_be_lost_is_said_and_with_replace_it_goes(home, settings, tmp_path):
    files = bundles.small()
    files["attendance"] = absences(60)
    home(files)
    smaller: bundles.Files = {"attendance": absences(5)}

    assert home(smaller) == (
        "this import would lose 55 of 60 attendance rows at North between Sep 8, 2025 and "
        "Nov 23, 2025. Nothing was imported. If that is right, import it with --replace; "
        "another district needs a home of its own"
    )
    with pytest.raises(RefusedError) as dry:
        ingest(settings, bundles.write(tmp_path / "dry", smaller), dry_run=True)
    assert [problem.as_json() for problem in dry.value.problems] == [
        {
            "file": "attendance.csv",
            "row": None,
            "column": None,
            "reason": "55 of 60 attendance rows at North between Sep 8, 2025 and Nov 23, 2025 "
            "would be lost",
        }
    ]
    assert home(smaller, replace=True) == ""
    with snapshots.connect(settings) as con:
        assert con.execute("select count(*) from attendance").fetchall() == [(5,)]


def test_what_a_delta_deletes_by_key_is_not_counted(home):
    files = bundles.small()
    files["attendance"] = absences(60)
    home(files)
    gone = [{**row, "status": "tobedeleted"} for row in absences(60)]
    enrolled = [{**row, "status": "tobedeleted"} for row in files["enrollments"]]

    assert home({"attendance": gone}, way="delta") == ""
    assert home({"enrollments": enrolled}, way="delta") == ""


def test_a_deleted_enrollment_hides_no_other_loss_of_its_student(home):
    files = bundles.small()
    files["attendance"] = absences(60)
    home(files)
    art = [{**row, "status": "tobedeleted"} for row in files["enrollments"] if "art" in str(row)]
    ways = {"file.enrollments": "delta", "file.attendance": "bulk"}

    refusal = home({"enrollments": art, "attendance": absences(5)}, ways=ways)

    assert refusal.startswith("this import would lose 55 of 60 attendance rows at North")


def test_an_incident_deleted_for_one_student_hides_no_other_loss(home):
    files = bundles.small()
    files["incidents"] = [
        bundles.incident(f"i{n}", who, SCHOOL[0]) for n in range(30) for who in ("ana", "ben")
    ]
    home(files)
    one = {**files["incidents"][0], "status": "tobedeleted"}
    gone = [{**row, "studentSourcedId": "", "status": "tobedeleted"} for row in files["incidents"]]

    assert home({"incidents": [one]}, way="delta") == ""
    assert "59 of 59 incidents" in home({"incidents": [bundles.incident("i", "ben", SCHOOL[-1])]})
    assert home({"incidents": gone[::2]}, way="delta") == ""


def test_with_too_many_rejected_rows_the_loss_is_told_too(home, settings, tmp_path):
    files = bundles.small()
    files["attendance"] = absences(60)
    home(files)
    wrong = {"attendance": [*absences(5), *absences(5, "nobody")]}

    with pytest.raises(RefusedError) as caught:
        ingest(settings, bundles.write(tmp_path / "wrong", wrong), dry_run=True)

    loss, rejected = str(caught.value).split("\n")
    assert caught.value.gate == "rejected rows" and caught.value.counts["losses"]
    assert "55 of 60 attendance rows" in loss and "row" not in loss.partition("--replace")[2]
    assert "5 of 10 rows rejected" in rejected and "row 7 (studentSourcedId)" in rejected
    assert [one.file for one in caught.value.problems] == ["attendance.csv"] * 2


def test_days_that_a_withdrawal_or_a_calendar_takes_back_are_counted(home):
    files = bundles.small()
    files["users"].append(bundles.user("cy", "Cy", "student"))
    files["enrollments"].append(bundles.enrollment("cy", "math-1"))
    files["attendance"], files["incidents"] = [], []
    home(files)
    open_ = [
        {"orgSourcedId": "north", "date": day, "isInstructional": "true"} for day in SCHOOL[:5]
    ]

    assert "72 of 75 student-weeks at North" in home({"calendar": open_})
    early = [bundles.withdrawal(name, date(2025, 9, 2)) for name in ("ana", "ben", "cy")]
    assert "72 of 75 student-weeks at North" in home({"withdrawals": early})


def test_records_of_the_running_week_are_not_counted(home):
    files = bundles.small()
    files["attendance"] = [
        bundles.absence("ana", date(2026, 2, 25), sourcedId=str(n)) for n in range(20)
    ]
    home(files)

    assert home({"attendance": [bundles.absence("ben", SCHOOL[0])]}) == ""


def test_students_who_would_leave_every_list_at_once_are_counted(home):
    files = bundles.small()
    names = [f"s{n}" for n in range(12)]
    files["users"] += [bundles.user(name, name, "student") for name in names]
    files["enrollments"] = [bundles.enrollment(name, "math-1") for name in names]
    files["attendance"], files["incidents"] = [], []
    home(files)
    staff = [row for row in files["users"] if row["role"] == "teacher"]

    assert home({"users": staff}).startswith("this import would lose 12 of 12 active students")


def test_an_import_that_leaves_no_caseload_is_refused(home):
    files = bundles.small()
    pair = {"counselorSourcedId": "tess", "studentSourcedId": "ana"}
    files["caseloads"] = [pair]
    home(files)

    assert "all 1 rows of the caseloads" in home({"caseloads": []})
    assert home({"caseloads": [{**pair, "status": "tobedeleted"}]}, way="delta") == ""


def test_a_new_school_year_loses_nothing(home):
    home(bundles.small())
    files = bundles.small()
    files["academicSessions"] = [
        bundles.session("y27", date(2026, 8, 31), date(2027, 6, 11), 2027),
    ]
    files["classes"] = [bundles.section("math-9", "math", terms="y27")]
    files["enrollments"] = [bundles.enrollment("ben", "math-9")]
    files["calendar"] = [
        {"orgSourcedId": "north", "date": day, "isInstructional": "true"}
        for day in bundles.weekdays(date(2026, 8, 31), date(2027, 6, 11))
    ]
    for name in ("lineItems", "results", "attendance", "incidents"):
        files[name] = []

    assert home(files) == ""
