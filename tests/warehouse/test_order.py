"""The order of imports: the terms of a year may come in any, and no clock decides it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.warehouse import ingest as importing
from edupulse_core.warehouse import rejects, snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow

STARTS = (bundles.FIRST_DAY, date(2025, 11, 24), date(2026, 3, 2), bundles.LAST_DAY)
TODAY = date(2026, 6, 20)
WEEK = timedelta(days=7)
NAMES = ("ana", "ben", "cy", "dee")
TABLES = (
    "orgs academic_sessions courses classes users roles user_roles enrollments enrollment_spans "
    "line_items results calendar attendance incidents withdrawals student_days school_years"
)


def year() -> bundles.Files:
    """Three terms of four students, who miss days, get grades and into trouble; Dee leaves."""
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session(f"t{n}", STARTS[n], STARTS[n + 1], 2026, "term") for n in range(3)
    ]
    files["users"] += [bundles.user(name, name, "student") for name in NAMES[2:]]
    files["classes"] = [
        bundles.section(f"{course}-{n}", course, terms=f"t{n}")
        for n in range(3)
        for course in ("math", "art")
    ]
    files["enrollments"] = [
        bundles.enrollment(name, row["sourcedId"]) for row in files["classes"] for name in NAMES
    ]
    days = bundles.weekdays(bundles.FIRST_DAY, bundles.LAST_DAY)
    files["withdrawals"] = [bundles.withdrawal("dee", days[100])]
    files["attendance"] = [
        bundles.absence(name, day)
        for at, name in enumerate(NAMES[:3])
        for day in days[at :: 7 + at]
    ]
    files["incidents"] = [bundles.incident(f"i{day}", "ben", day) for day in days[4::23]]
    files["lineItems"] = [
        bundles.line_item(f"{section} {n}", STARTS[int(section[-1])] + n * WEEK, section)
        for section in (row["sourcedId"] for row in files["classes"])
        for n in range(1, 10)
    ]
    files["results"] = [
        bundles.result(row["sourcedId"], name, "7", row["dueDate"] + 3 * WEEK)
        for row in files["lineItems"]
        for name in NAMES[:3]
    ]
    return files


def term(whole: bundles.Files, n: int) -> bundles.Files:
    """One term's export: all users, and all rows of its classes and days."""
    classes = {row["sourcedId"] for row in whole["classes"] if row["termSourcedIds"] == f"t{n}"}
    items = {row["sourcedId"] for row in whole["lineItems"] if row["classSourcedId"] in classes}

    def is_of_it(row: bundles.Row) -> bool:
        if "lineItemSourcedId" in row:
            return row["lineItemSourcedId"] in items
        if "classSourcedId" in row and row["classSourcedId"]:
            return row["classSourcedId"] in classes
        if "date" in row:
            return STARTS[n] <= row["date"] < STARTS[n + 1]
        return row.get("termSourcedIds", f"t{n}") == f"t{n}"

    return {name: [row for row in rows if is_of_it(row)] for name, rows in whole.items()}


def rows_of(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    with snapshots.connect(settings) as con:
        return {
            name: con.execute(f"from {name} order by all").fetchall() for name in TABLES.split()
        }


def test_the_terms_of_a_year_come_in_any_order(tmp_path: Path):
    whole = year()
    added = bundles.absence("ana", date(2026, 6, 1), sourcedId="late")
    changed = whole["attendance"][0] | {"status": "tardy"}
    gone = whole["attendance"][1]
    final = [changed, *whole["attendance"][2:], added]
    home = Settings(home=tmp_path / "whole", import_day=TODAY)
    ingest(home, bundles.write(tmp_path / "b", {**whole, "attendance": final}))
    expected = rows_of(home)
    days = {"attendance": [added, changed, gone | {"status": "tobedeleted"}]}

    for order in ((2, 1, 0),):
        settings = Settings(home=tmp_path / f"home{order}", import_day=TODAY)
        for n in order:
            ingest(settings, bundles.write(tmp_path / f"{order}{n}", term(whole, n)))
        delta = {"file.attendance": "delta"}
        ingest(settings, bundles.write(tmp_path / f"{order}-days", days, properties=delta))

        assert rows_of(settings) == expected, order


class Clock:
    """Stands for the machine's clock, and the day that imports take for today."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self.at = datetime(2026, 3, 1, 3, tzinfo=UTC)
        self.home = home
        monkeypatch.setattr(importing, "datetime", self)
        monkeypatch.setattr(rejects, "datetime", self)

    def now(self, zone: Any) -> datetime:
        return self.at

    def settings(self, ahead: int = 0, **rules: float) -> Settings:
        """The home on a night on which the clock is so many days ahead."""
        self.at += timedelta(days=ahead)
        rules["max_reject_rate"] = 1.0
        return Settings(home=self.home, import_day=self.at.date(), imports=rules)


def bundle(folder: Path, name: str) -> Path:
    """The small school with Ana under another name, and a row that is rejected."""
    files = bundles.small()
    files["users"][0]["givenName"] = name
    files["attendance"].append(bundles.absence("nobody", bundles.FIRST_DAY))
    return bundles.write(folder / name, files)


def name_of_ana(settings: Settings) -> str:
    with snapshots.connect(settings) as con:
        return con.execute("select given_name from users where user_id = 'ana'").fetchall()[0][0]


def test_after_a_night_with_the_clock_ahead_imports_follow_each_other(tmp_path, monkeypatch):
    clock = Clock(monkeypatch, tmp_path / "home")
    first = ingest(clock.settings(), bundle(tmp_path, "Ana")).published
    ahead = ingest(clock.settings(30), bundle(tmp_path, "Anna")).published
    right = clock.settings(-29)

    back = ingest(right, bundle(tmp_path, "Ana"))

    assert (back.is_unchanged, name_of_ana(right)) == (False, "Ana")
    again = ingest(right, tmp_path / "Ana")
    assert (again.is_unchanged, again.published) == (True, back.published)
    assert [each.import_id for each in rejects.imports(right)] == [back.published, ahead, first]
    with snapshots.connect(right) as con:
        assert con.execute("select sequence from imports order by all").fetchall() == [
            (1,),
            (2,),
            (3,),
        ]
    assert snapshots.undo(right).version == ahead
    assert name_of_ana(right) == "Anna"


def test_the_same_bundle_is_read_again_when_the_clock_was_ahead(tmp_path, monkeypatch):
    clock = Clock(monkeypatch, tmp_path / "home")
    ingest(clock.settings(30), bundle(tmp_path, "Ana"))

    assert not ingest(clock.settings(-30), tmp_path / "Ana").is_unchanged
    assert ingest(clock.settings(), tmp_path / "Ana").is_unchanged


def test_an_enrollment_that_a_night_ahead_ended_ends_on_the_right_day(tmp_path, monkeypatch):
    clock = Clock(monkeypatch, tmp_path / "home")
    ingest(clock.settings(), bundle(tmp_path, "Ana"))
    fewer = bundles.write(tmp_path / "fewer", {"enrollments": bundles.small()["enrollments"][1:]})
    ingest(clock.settings(30), fewer)
    right = clock.settings(-29)

    ingest(right, fewer)

    with snapshots.connect(right) as con:
        ends = con.execute(
            "select end_date from enrollments where enrollment_id = 'ana-math-1-'"
        ).fetchall()
    assert ends == [(right.today,)]


def test_the_oldest_rejected_rows_go_first_whatever_the_clock_said(tmp_path, monkeypatch):
    clock = Clock(monkeypatch, tmp_path / "home")
    published = [
        ingest(
            clock.settings(ahead, keep_rejects=2),
            bundle(tmp_path, name),
        ).published
        for name, ahead in (("Ana", 0), ("Anna", 30), ("Anne", -29), ("Anni", 1))
    ]

    assert [each.import_id for each in rejects.imports(clock.settings())] == published[:1:-1]


def test_the_number_of_an_import_that_was_undone_is_not_used_again(tmp_path, monkeypatch):
    clock = Clock(monkeypatch, tmp_path / "home")
    settings = clock.settings()
    first, undone = (ingest(settings, bundle(tmp_path, name)).published for name in ("Ana", "Anna"))
    snapshots.undo(settings)
    for path in snapshots.rejects_folder(settings).iterdir():
        path.unlink()

    third = ingest(settings, bundle(tmp_path, "Anne")).published

    assert [snapshots.sequence_of(str(each)) for each in (first, undone, third)] == [1, 2, 3]
