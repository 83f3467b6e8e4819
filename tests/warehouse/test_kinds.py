"""A bundle that another program wrote is named, with what to do."""

import zipfile
from pathlib import Path

import pytest

from edupulse_core.config import ImportRules
from edupulse_core.errors import SourceError
from edupulse_core.warehouse.bundles import read_bundle
from edupulse_core.warehouse.ingest import ingest
from edupulse_core.warehouse.sources import LEARNING
from tests import bundles

CLEVER = {
    "schools.csv": "School_id,School_name,School_number\n",
    "students.csv": "School_id,Student_id,First_name,Last_name\n",
    "teachers.csv": "School_id,Teacher_id,First_name,Last_name\n",
    "sections.csv": "School_id,Section_id,Teacher_id,Name\n",
    "enrollments.csv": "School_id,Section_id,Student_id\n",
}
SDS_1 = {
    "School.csv": "SIS ID,Name\n",
    "Section.csv": "SIS ID,School SIS ID,Section Name\n",
    "Student.csv": "SIS ID,School SIS ID,Username\n",
    "StudentEnrollment.csv": "Section SIS ID,SIS ID\n",
}
SDS_2 = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\n",
    "users.csv": "sourcedId,username,givenName,familyName,email\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,sessionSourcedId,roleStartDate\n",
    "classes.csv": "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId\n",
}
CANVAS = {
    "users.csv": "user_id,login_id,full_name,status\n",
    "courses.csv": "course_id,short_name,long_name,status\n",
    "sections.csv": "section_id,course_id,name,status\n",
    "enrollments.csv": "course_id,user_id,role,section_id,status\n",
    "terms.csv": "term_id,name,status\n",
}
ED_FI = {"Student.xml": '<InterchangeStudent xmlns="http://ed-fi.org/0220">'}
DUMP = {"district.sql": "CREATE TABLE students (id int);"}
SHEETS = {"Attendance.xlsx": "PK\x03\x04", "Grades.xls": "x"}


@pytest.mark.parametrize("is_zipped", [False, True])
@pytest.mark.parametrize(
    ("files", "named"),
    [
        (CLEVER, "Clever"),
        (SDS_1, "Microsoft School Data Sync"),
        (SDS_2, "Microsoft School Data Sync"),
        (CANVAS, "Canvas"),
        (ED_FI, "Ed-Fi XML"),
        (DUMP, "a database dump"),
        (SHEETS, "Excel"),
    ],
)
def test_a_bundle_of_another_kind_is_named_with_what_to_do(
    tmp_path: Path, files: dict[str, str], named: str, is_zipped: bool
) -> None:
    path = tmp_path / "export"
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text)
    if is_zipped:
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(f"inside/{name}", text)

    with pytest.raises(SourceError) as refused:
        read_bundle(path, tmp_path, ImportRules())

    (problem,) = refused.value.problems
    assert problem.file == path.name
    assert named in problem.reason and "OneRoster" in problem.reason


@pytest.mark.parametrize(
    ("name", "data", "named"),
    [
        ("all.xlsx", None, "Excel"),
        ("all.xls", b"\xd0\xcf\x11\xe0", "Excel"),
        ("dump.sql", b"create table", "a database dump"),
        ("Student.xml", b"<InterchangeStudent>", "Ed-Fi XML"),
        ("users.csv", b"sourcedId\n", "give the folder"),
        ("bundle.zip", b"no zip", "neither a folder nor a zip"),
        ("bundle.tar.gz", b"\x1f\x8b", "unpack it"),
    ],
)
def test_a_single_file_is_named_too(
    tmp_path: Path, name: str, data: bytes | None, named: str
) -> None:
    path = tmp_path / name
    if data is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", "<?xml")
            archive.writestr("xl/workbook.xml", "<?xml")
    else:
        path.write_bytes(data)

    with pytest.raises(SourceError) as refused:
        read_bundle(path, tmp_path, ImportRules())

    assert named in str(refused.value) and str(refused.value).count(name) == 1


@pytest.mark.slow
@pytest.mark.parametrize("files", [CLEVER, SDS_1, ED_FI, DUMP, SHEETS])
def test_files_of_another_program_beside_a_bundle_never_stop_it(
    settings, tmp_path: Path, files: dict[str, str]
) -> None:
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    for name, text in files.items():
        if not (folder / name).exists():
            (folder / name).write_text(text)

    summary = ingest(settings, folder, dry_run=True)

    assert set(summary.unread["files"]) == set(files) - {"enrollments.csv"}


@pytest.mark.parametrize("name", [file.name for file in LEARNING])
def test_one_file_of_learning_records_is_a_bundle(tmp_path: Path, name: str) -> None:
    (tmp_path / "export").mkdir()
    text = bundles.as_csv(name, bundles.learning()[name])
    (tmp_path / "export" / f"{name.title()}.CSV").write_text(text)

    assert list(read_bundle(tmp_path / "export", tmp_path, ImportRules()).texts) == [name]
