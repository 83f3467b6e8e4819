"""A bundle written by hand from the contract becomes a warehouse."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from edupulse_core.warehouse.sources import LEARNING
from tests import bundles


def test_a_oneroster_1_1_bundle_is_imported_whole(bring, rows):
    summary = bring(bundles.small())

    assert summary.rejects == {}
    assert summary.files["attendance"] == {"read": 2, "imported": 2, "rejected": 0}
    assert summary.students == 2
    assert rows("select * from user_roles order by all") == [
        ("ana", "student", "north"),
        ("ben", "student", "north"),
        ("tess", "teacher", "north"),
    ]


def test_a_oneroster_1_2_bundle_has_its_roles_in_a_file(bring, rows):
    summary = bring(bundles.small("1.2"), version="1.2")

    assert summary.files["roles"] == {"read": 3, "imported": 3, "rejected": 0}
    assert rows("select user_id, role from user_roles order by all") == [
        ("ana", "student"),
        ("ben", "student"),
        ("tess", "teacher"),
    ]


def test_a_user_of_1_2_can_hold_several_roles(bring, rows):
    files = bundles.small("1.2")
    files["roles"].append(
        {"sourcedId": "r9", "userSourcedId": "tess", "role": "principal", "orgSourcedId": "north"}
    )

    bring(files, version="1.2")

    held = rows("select role from user_roles where user_id = 'tess' order by all")
    assert held == [("principal",), ("teacher",)]


def test_a_zip_is_as_good_as_a_folder(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())

    summary = ingest(settings, bundles.zipped(folder, tmp_path / "bundle.zip"))

    assert (summary.students, summary.rejects) == (2, {})


def test_a_folder_inside_the_zip_is_found(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())

    summary = ingest(settings, bundles.zipped(folder, tmp_path / "b.zip", inside="export/"))

    assert (summary.students, summary.rejects) == (2, {})


def test_gz_files_are_read_in_folder_and_zip(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    bundles.packed(folder, ["attendance", "users"])

    from_zip = ingest(settings, bundles.zipped(folder, tmp_path / "b.zip"), dry_run=True)
    from_folder = ingest(settings, folder)

    assert from_folder.files == from_zip.files
    assert from_folder.files["attendance"]["imported"] == 2


def test_a_bom_any_order_of_columns_and_unknown_columns_do_not_matter(settings, tmp_path, rows):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    text = "shoe size,role,familyName,givenName,sourcedId,orgSourcedIds\r\n"
    text += "39,student,Moe,Ana,ana,north\r\n40,student,Moe,Ben,ben,north\r\n"
    text += "41,teacher,Moe,Tess,tess,north\r\n"
    (folder / "users.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())

    ingest(settings, folder)

    assert rows("select given_name from users order by 1") == [("Ana",), ("Ben",), ("Tess",)]


def test_text_is_stored_as_found(bring, rows):
    files = bundles.small()
    files["users"][0]["givenName"] = '  =cmd("Ana, Zoë")\n '

    bring(files)

    found = rows("select given_name from users where user_id = 'ana'")
    assert found == [('  =cmd("Ana, Zoë")\n ',)]


def test_the_subject_is_the_first_known_word_else_the_code(bring, rows):
    files = bundles.small()
    files["courses"] += [
        {"sourcedId": "a", "title": "a", "subjects": "Robotics,Life Science,Math"},
        {"sourcedId": "b", "title": "b", "subjects": "", "subjectCodes": "22001,04052"},
        {"sourcedId": "c", "title": "c", "subjects": "Social Studies", "subjectCodes": "02"},
        {"sourcedId": "e", "title": "e", "subjects": "ENGLISH"},
        {"sourcedId": "f", "title": "f", "subjects": "Computer Science, Consumer Math"},
        {"sourcedId": "g", "title": "g", "subjects": "Computer Science,Social Science"},
        {"sourcedId": "h", "title": "h", "subjects": "Computer Science", "subjectCodes": "03"},
    ]

    bring(files)

    assert rows("select course_id, subject from courses order by 1") == [
        ("a", "science"),
        ("art", "other"),
        ("b", "social_studies"),
        ("c", "social_studies"),
        ("e", "english"),
        ("f", "other"),
        ("g", "social_studies"),
        ("h", "science"),
        ("math", "math"),
    ]


def test_a_course_without_a_subject_has_that_of_its_first_class_that_names_one(bring, rows):
    files = bundles.small()
    files["courses"] += [{"sourcedId": name, "title": name} for name in ("x", "y")]
    files["classes"] += [
        {**bundles.section("x-1", "x"), "subjects": "Computer Science"},
        {**bundles.section("x-3", "x"), "subjects": "Math"},
        {**bundles.section("x-2", "x"), "subjects": "", "subjectCodes": "01"},
        {**bundles.section("math-2", "math"), "subjects": "English"},
    ]

    bring(files)
    subjects = rows("select course_id, subject from courses order by 1")
    bring({"orgs": files["orgs"], "courses": files["courses"]})

    assert subjects == [("art", "other"), ("math", "math"), ("x", "english"), ("y", "other")]
    assert rows("select course_id, subject from courses order by 1") == subjects


def test_demographics_become_one_word_for_race(bring, rows):
    files = bundles.small()
    files["demographics"] = [
        {"sourcedId": "ana", "birthDate": "2013-01-02", "white": "true", "asian": "true"},
        {"sourcedId": "ben", "asian": "true", "hispanicOrLatinoEthnicity": "true"},
        {"sourcedId": "tess", "asian": "true", "metadata.englishLearner": "false"},
    ]

    bring(files)

    assert rows("select user_id, race, english_learner from demographics order by 1") == [
        ("ana", "two_or_more", None),
        ("ben", "hispanic", None),
        ("tess", "asian", False),
    ]


def test_missing_files_are_named_and_their_records_unknown(bring, rows):
    files = bundles.small()
    for name in ("attendance", "incidents", "withdrawals", "results"):
        del files[name]

    summary = bring(files)

    unknown = {name for (name,) in rows("select name from has_records where not present")}
    learning = {file.name for file in LEARNING}
    assert unknown - learning == {"attendance", "grades", "incidents", "results", "withdrawals"}
    assert learning < unknown
    assert "attendance" not in summary.files
    assert not any("results" in note for note in summary.notes)  # grades stand for them
    assert any("incidents" in note for note in summary.notes)


def test_a_file_without_a_row_is_told_of_unless_rows_came_before(bring, rows):
    files = bundles.small()
    empty = bundles.small() | {"results": [], "incidents": []}

    first, then, later = bring(empty), bring(files), bring(empty)

    told = ("results.csv has never had", "incidents.csv has never had")
    assert [sum(note.startswith(told) for note in one.notes) for one in (first, then, later)] == [
        2,
        0,
        0,
    ]


def test_an_empty_file_says_that_there_was_nothing(bring, rows):
    files = bundles.small()
    files["incidents"] = []

    bring(files)

    assert rows("select present from has_records where name = 'incidents'") == [(True,)]


def test_students_and_weeks_are_counted(bring):
    summary = bring(bundles.small())

    assert (summary.students, summary.weeks) == (2, 2)  # the last record: Friday of week two


def test_a_dry_run_checks_everything_and_publishes_nothing(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())

    summary = ingest(settings, folder, dry_run=True)

    assert summary.published is None
    assert summary.files["users"]["imported"] == 3
    with pytest.raises(MissingError):
        snapshots.current(settings)


def test_the_same_bundle_twice_changes_nothing(settings, importing, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    first = importing(settings, folder)

    second = ingest(settings, folder)

    assert second.published == first.published == snapshots.current(settings).version
    assert (second.files, second.rejects) == (first.files, first.rejects)
    assert (second.students, second.weeks) == (first.students, first.weeks)


def test_the_same_files_under_another_manifest_are_another_bundle(settings, importing, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    first = importing(settings, folder)

    bundles.write(folder, bundles.small(), properties={"file.attendance": "delta"})

    assert ingest(settings, folder).published != first.published


def test_rows_that_were_too_late_are_looked_at_again_on_a_later_day(tmp_path):
    files = bundles.small()
    files["attendance"] += [
        bundles.absence("ben", day) for day in bundles.weekdays(date(2025, 9, 8), date(2025, 11, 8))
    ]
    files["attendance"].append(bundles.absence("ana", date(2026, 3, 2)))
    folder = bundles.write(tmp_path / "bundle", files)
    home = tmp_path / "home"
    sunday = Settings(home=home, import_day=date(2026, 3, 1))
    monday = Settings(home=home, import_day=date(2026, 3, 2))

    before, after = ingest(sunday, folder), ingest(monday, folder)

    assert before.rejects == {"attendance.date: after the day of the import": 1}
    assert after.rejects == {}
    assert after.published != before.published


@pytest.mark.parametrize(
    ("first", "second", "is_new"),
    [
        (date(2026, 2, 27), date(2026, 3, 1), False),  # Friday, Sunday: the week still runs
        (date(2026, 2, 27), date(2026, 3, 2), True),
        (date(2026, 3, 1), date(2026, 3, 2), True),
        (date(2026, 3, 2), date(2026, 2, 27), True),  # the clock was ahead
    ],
)
def test_the_same_bundle_is_news_once_a_week_has_ended(tmp_path, importing, first, second, is_new):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    earlier, later = (Settings(home=tmp_path / "home", import_day=day) for day in (first, second))
    before = importing(earlier, folder).published

    after = ingest(later, folder).published

    assert (after != before) is is_new
    with snapshots.connect(later) as con:
        days = con.execute("select max(import_day) from imports").fetchall()
    assert days == [(max(first, second) if is_new else first,)]


def test_the_limits_of_a_zip_are_the_homes_from_the_first_look(tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    packed = bundles.zipped(folder, tmp_path / "b.zip")
    strict = Settings(home=tmp_path / "home", imports={"max_unpacked_bytes": 100})

    with pytest.raises(RefusedError, match="looks like a zip bomb"):
        ingest(strict, packed, dry_run=True)


@pytest.mark.parametrize("name", ["export[1]", "exp*"])
def test_a_folder_is_itself_and_no_pattern(settings, tmp_path, rows, name):
    other = bundles.small()
    other["users"][0]["givenName"] = "Zoe"
    bundles.write(tmp_path / "export1", other)
    folder = bundles.write(tmp_path / name, bundles.small())

    ingest(settings, folder)

    assert rows("select given_name from users where user_id = 'ana'") == [("Ana",)]


def test_names_of_files_may_be_in_large_letters(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    bundles.packed(folder, ["results"])
    (folder / "attendance.csv").rename(folder / "Attendance.CSV")
    (folder / "lineItems.csv").rename(folder / "lineitems.csv")
    (folder / "results.csv.gz").rename(folder / "RESULTS.csv.GZ")

    summary = ingest(settings, folder)

    assert summary.files["attendance"]["imported"] == 2
    assert summary.files["results"]["imported"] == 1


def test_every_csv_that_is_not_read_is_named(settings, tmp_path):
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    (folder / "Attendances.csv").write_text("x")
    (folder / "readme.txt").write_text("x")
    packed = bundles.zipped(folder, tmp_path / "b.zip", inside="export/")
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("export/old/attendance.csv", "x")
        archive.writestr("__MACOSX/export/._users.csv", "x")

    from_folder = ingest(settings, folder)
    again = ingest(settings, folder)
    from_zip = ingest(settings, packed, dry_run=True)

    said = "{} was not read: no file of a bundle has that name."
    assert said.format("Attendances.csv") in from_folder.notes
    assert said.format("Attendances.csv") in again.notes
    assert not any("readme" in note for note in from_folder.notes)
    assert [note for note in from_zip.notes if "was not read" in note] == [
        said.format("export/Attendances.csv"),
        said.format("export/old/attendance.csv"),
    ]


def test_progress_is_told_file_by_file(settings, tmp_path):
    told: list[tuple[str, int, int]] = []
    folder = bundles.write(tmp_path / "bundle", bundles.small())

    ingest(settings, folder, progress=lambda *step: told.append(step))

    assert ("users", 0, 3) in told
    assert ("users", 3, 3) in told


def test_a_demo_bundle_says_so(settings, tmp_path, rows):
    demo = {"edupulse.demo": "true"}
    folder = bundles.write(tmp_path / "demo", bundles.small(), properties=demo)
    real = bundles.write(tmp_path / "real", bundles.small())

    assert not ingest(settings, real, dry_run=True).is_demo
    assert ingest(settings, bundles.zipped(folder, tmp_path / "demo.zip"), dry_run=True).is_demo
    assert ingest(settings, folder).is_demo
    assert rows("select is_demo, district from imports") == [(True, "District")]


def test_a_key_that_comes_twice_and_an_odd_status_are_told_though_nothing_else_is_wrong(
    bring, rows
):
    files = bundles.small()
    files["results"] *= 2
    files["users"][0]["status"] = "on leave"

    summary = bring(files)

    assert summary.rejects == {"results.sourcedId: duplicate sourcedId": 1}
    assert rows("select count(*) from results") == [(1,)]
    assert any("users.csv: 1 value of status" in note for note in summary.notes)


def test_every_file_balances(bring: Callable, tmp_path: Path):
    files = bundles.small()
    files["attendance"].append(bundles.absence("nobody", date(2025, 9, 3)))

    summary = bring(files)

    assert summary.rejects == {"attendance.studentSourcedId: unknown student": 1}
    for counts in summary.files.values():
        assert counts["read"] == counts["imported"] + counts["rejected"]
