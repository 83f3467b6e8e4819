"""All that is wrong with a bundle is told in one run, file by file."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.errors import EduPulseError, Problem, RefusedError, SourceError
from edupulse_core.warehouse import rejects
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow

DAY = date(2025, 9, 15)


def problems(settings, folder: Path, error: type[EduPulseError], **more) -> tuple[Problem, ...]:
    with pytest.raises(error) as caught:
        ingest(settings, folder, **more)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return caught.value.problems


@pytest.mark.parametrize("dry_run", [False, True])
def test_every_file_that_cannot_be_read_is_named(settings, folder, dry_run):
    (folder / "users.csv").write_text("sourcedId;givenName;familyName;role\n")
    (folder / "results.csv").write_bytes(b"\xff\xfes\0")
    (folder / "attendance.csv").write_text("sourcedId,date,date\n")
    (folder / "courses.csv").unlink()
    with open(folder / "incidents.csv", "a") as out:
        out.write('i9,"ben\n')
    with open(folder / "manifest.csv", "a") as out:
        out.write("file.results,some\nedupulse.demo,perhaps\n")

    found = problems(settings, folder, SourceError, dry_run=dry_run)

    assert sorted({(each.file, each.row, each.column) for each in found}, key=str) == [
        ("attendance.csv", 1, "date"),
        ("attendance.csv", 1, "status"),
        ("attendance.csv", 1, "studentSourcedId"),
        ("incidents.csv", 3, None),
        ("manifest.csv", 4, "value"),
        ("manifest.csv", 5, "value"),
        ("results.csv", None, None),
        ("users.csv", 1, None),
    ]


def test_a_file_that_breaks_off_is_told_beside_one_that_is_missing(settings, folder):
    (folder / "courses.csv").unlink()
    with open(folder / "orgs.csv", "a") as out:
        out.write('x,"y\n')

    found = problems(settings, folder, SourceError)

    assert {each.file for each in found} == {"courses.csv", "orgs.csv"}


def test_rows_that_point_into_an_unreadable_file_are_not_judged(settings, folder):
    (folder / "users.csv").write_text("")

    (found,) = problems(settings, folder, SourceError)

    assert found == Problem("users.csv", "no header: the line is empty", 1)


def test_files_that_point_nowhere_near_it_are_judged_and_gates_come_second(settings, tmp_path):
    files = bundles.small()
    files["calendar"] = [
        {"orgSourcedId": "x", "date": DAY, "isInstructional": "true"} for _ in range(3)
    ]
    folder = bundles.write(tmp_path / "b", files)
    (folder / "users.csv").write_text("")

    found = problems(settings, folder, SourceError)

    assert [each.file for each in found] == ["users.csv", "calendar.csv"]
    assert rejects.imports(settings) == []


def test_every_file_with_too_many_rejected_rows_is_named(settings, tmp_path):
    files = bundles.small()
    files["calendar"] = [{"orgSourcedId": "x", "date": DAY, "isInstructional": "true"}]
    files["users"][0]["role"] = "pupil"
    folder = bundles.write(tmp_path / "b", files)

    found = problems(settings, folder, RefusedError)

    assert [each.file for each in found] == [
        "users.csv",
        "enrollments.csv",
        "calendar.csv",
        "results.csv",
        "attendance.csv",
    ]


def test_a_row_rejected_because_of_another_names_it_and_counts(lenient, tmp_path, rows):
    files = bundles.small()
    files["users"][0]["role"] = "pupil"
    files["classes"][1]["termSourcedIds"] = "y26,y99"
    files["enrollments"].append(bundles.enrollment("ben", "art-1"))

    ingest(lenient, bundles.write(tmp_path / "b", files))

    told = rows(
        "select file, column_name, reason, found from rejects "
        "where starts_with(reason, 'rejected') order by file, row_number"
    )
    assert told == [
        ("attendance", "studentSourcedId", "rejected student", "ana (users.csv, row 2)"),
        ("enrollments", "userSourcedId", "rejected user", "ana (users.csv, row 2)"),
        ("enrollments", "classSourcedId", "rejected class", "art-1 (classes.csv, row 3)"),
        ("enrollments", "classSourcedId", "rejected class", "art-1 (classes.csv, row 3)"),
        ("results", "studentSourcedId", "rejected student", "ana (users.csv, row 2)"),
    ]


def test_rows_set_aside_count_on_neither_side(settings, tmp_path):
    files = bundles.small()
    files["lineItems"] += [bundles.line_item(f"none{n}", DAY, low="0", high="0") for n in range(30)]
    files["results"] += [bundles.result(f"none{n}", "ana", "0", DAY) for n in range(30)]
    folder = bundles.write(tmp_path / "b", files)
    with open(folder / "attendance.csv", "a") as out:
        out.write(",,,,,,\n \n\n, ,\n")

    summary = ingest(settings, folder, dry_run=True)

    assert summary.rejects == {
        "lineItems.resultValueMax: maximum not over the minimum": 30,
        "results.lineItemSourcedId: line item set aside": 30,
        "attendance: empty row": 3,
    }
    assert summary.files["attendance"] == {"read": 5, "imported": 2, "rejected": 3}


def test_files_and_columns_that_nothing_reads_are_listed(settings, tmp_path):
    files = bundles.small()
    files["users"] = [{**row, "Shoe size": 39, "middleName": ""} for row in files["users"]]
    properties = {"file.caseloads": "absent"}
    folder = bundles.write(tmp_path / "b", files, properties=properties)
    (folder / "badges.csv").write_text("x")
    (folder / ".hidden.csv").write_text("x")
    packed = bundles.zipped(folder, tmp_path / "b.zip", inside="export/")
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("export/old/readme.txt", "x")
        archive.writestr("__MACOSX/export/._users.csv", "x")

    from_folder, again = ingest(settings, folder), ingest(settings, folder)
    from_zip = ingest(settings, packed, dry_run=True)

    columns = {"users": ["Shoe size", "middleName"]}
    expected = {"files": ["badges.csv", "caseloads.csv"], "columns": columns}
    assert from_folder.as_json()["unread"] == again.as_json()["unread"] == expected
    assert from_zip.unread == {
        "files": ["caseloads.csv", "export/badges.csv", "export/old/readme.txt"],
        "columns": columns,
    }


def test_a_column_that_looks_like_one_that_is_read_is_told_of(settings, tmp_path):
    files = bundles.small()
    files["attendance"] = [
        {"minutes_missed" if key == "minutesMissed" else key: value for key, value in row.items()}
        for row in files["attendance"]
    ]

    summary = ingest(settings, bundles.write(tmp_path / "b", files), dry_run=True)

    (note,) = (note for note in summary.notes if "minutes_missed" in note)
    assert "minutesMissed" in note


def test_a_value_of_enabledUser_that_is_neither_true_nor_false_is_told_of(bring, rows):
    files = bundles.small()
    for row, value in zip(files["users"], ["perhaps", " T ", ""], strict=True):
        row["enabledUser"] = value

    summary = bring(files)

    assert [note for note in summary.notes if "enabledUser" in note] != []
    assert summary.rejects == {}


def test_demographics_that_are_neither_true_nor_false_are_unknown_and_told_of(bring, rows):
    files = bundles.small()
    files["demographics"] = [
        {"sourcedId": "ana", "asian": "Y", "white": "0", "metadata.disability": "perhaps"},
        {"sourcedId": "ben", "asian": "x", "white": " YES ", "metadata.disability": "1"},
    ]

    summary = bring(files)

    assert rows("select user_id, race, disability from demographics order by 1") == [
        ("ana", "asian", None),
        ("ben", "white", True),
    ]
    assert sorted(note.split(" could ")[0] for note in summary.notes if " value " in note) == [
        "demographics.csv: 1 value of asian",
        "demographics.csv: 1 value of metadata.disability",
    ]


def test_problems_are_json_objects():
    problem = Problem("a.csv", "no", 3, "b")

    assert json.loads(json.dumps(problem.as_json())) == {
        "file": "a.csv",
        "row": 3,
        "column": "b",
        "reason": "no",
    }


def test_files_come_before_a_home_that_must_not_take_the_bundle(settings, folder):
    def admit(_: object) -> None:
        raise RefusedError("not here")

    with pytest.raises(RefusedError, match="not here"):
        ingest(settings, folder, admit=admit)
    (folder / "users.csv").write_text("")
    with pytest.raises(SourceError, match=r"users\.csv"):
        ingest(settings, folder, admit=admit)


def test_a_bundle_one_folder_deeper_is_pointed_to(settings, tmp_path):
    bundles.write(tmp_path / "district" / "export", bundles.small())

    (found,) = problems(settings, tmp_path / "district", SourceError)

    assert found.file == "district" and "export" in found.reason


def test_a_file_that_the_manifest_calls_absent_never_stops_an_import(settings, tmp_path):
    properties = {"file.incidents": "absent"}
    folder = bundles.write(tmp_path / "b", bundles.small(), properties=properties)
    (folder / "incidents.csv").write_bytes(b"\xff")

    summary = ingest(settings, folder, dry_run=True)

    assert summary.unread["files"] == ["incidents.csv"]
    assert "incidents" not in summary.files


def test_a_roles_file_that_cannot_be_read_is_the_only_problem(settings, tmp_path):
    folder = bundles.write(tmp_path / "b", bundles.small("1.2"))
    (folder / "manifest.csv").unlink()
    (folder / "roles.csv").write_text("")

    assert [each.file for each in problems(settings, folder, SourceError)] == ["roles.csv"]
