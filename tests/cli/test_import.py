"""Imports, from the operator's door: what is said, kept and refused."""

import json
from pathlib import Path

import pytest
from pyarrow import csv

from edupulse_core.actions import imports
from edupulse_core.cli import terminal
from edupulse_core.config import load_settings
from edupulse_core.warehouse import snapshots
from tests import bundles
from tests.cli.conftest import Audited, Edupulse


def with_an_unknown_status(folder: Path) -> Path:
    """The small school with a row in its attendance that an import rejects."""
    files = bundles.small()
    files["attendance"][0]["status"] = "A"
    return bundles.write(folder, files)


def test_the_same_bundle_again_changes_nothing(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / "data" / "warehouse" / "current.json").read_text()

    code = edupulse("ingest", home / "data" / "demo", "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["rejects"] == {}
    assert (home / "data" / "warehouse" / "current.json").read_text() == before


def test_an_import_that_changed_nothing_says_which_warehouse_stays(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundles.write(empty_home / "bundle", bundles.small())
    edupulse("ingest", bundle, "--json")
    stands = json.loads(capsys.readouterr().out)["published"]

    edupulse("ingest", bundle)

    said = capsys.readouterr().out
    assert f"nothing changed, and {stands} stays.\n" in said
    assert said.endswith("2 students, 2 weeks. Nothing was published.\n")


def test_an_empty_folder_is_blamed_before_the_home_that_it_was_meant_for(
    home: Path, edupulse: Edupulse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()

    code = edupulse("ingest", tmp_path / "empty")

    assert code == 3
    assert capsys.readouterr().err.startswith("edupulse: empty: ")


def test_the_rows_of_a_refused_import_can_be_listed_and_written(
    empty_home: Path, edupulse: Edupulse, audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = with_an_unknown_status(empty_home / "bundle")

    refused = edupulse("ingest", bundle)
    said = capsys.readouterr().err
    edupulse("rejects", "--json")
    (listed,) = json.loads(capsys.readouterr().out)["imports"]
    written = edupulse("rejects", listed["import"], "--out", empty_home / "rows.csv")

    table = csv.read_csv(empty_home / "rows.csv")
    assert (refused, written) == (4, 0)
    assert "must be one of absent, partial, tardy, present); " in said and "'A'" not in said
    assert table["found"].to_pylist() == ["A"]
    assert "`edupulse rejects --out FILE`" in said
    assert (listed["outcome"], listed["rows"], listed["bundle"]) == ("refused", 1, "bundle")
    assert table.column_names == [
        "file",
        "row_number",
        "sourced_id",
        "column_name",
        "reason",
        "found",
        "raw",
    ]
    assert table["raw"].to_pylist() == ["ana-2025-09-03,ana,2025-09-03,A,,,"]
    noted = audited(empty_home, "export")[0]
    assert (noted.subject, noted.details) == ("rejected rows", {"file": "rows.csv", "rows": 1})
    (noted,) = audited(empty_home, "refused import")
    reason = "attendance.status: unknown status: must be one of absent, partial, tardy, present"
    assert (noted.subject, noted.details) == (
        "bundle",
        {
            "gate": "rejected rows",
            "file": "attendance.csv",
            "read": 2,
            "imported": 1,
            "rejected": 1,
            "rejects": {reason: 1},
        },
    )


def test_a_smaller_file_is_refused_unless_it_is_to_replace(
    empty_home: Path, edupulse: Edupulse, audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    days = bundles.weekdays(bundles.FIRST_DAY, bundles.LAST_DAY)[:30]
    files["attendance"] = [bundles.absence(who, day) for who in ("ana", "ben") for day in days]
    edupulse("ingest", bundles.write(empty_home / "whole", files))
    empty = bundles.write(empty_home / "empty", {"attendance": []})
    smaller = bundles.write(empty_home / "smaller", {"attendance": files["attendance"][:1]})
    capsys.readouterr()

    codes = [
        edupulse("ingest", empty),
        edupulse("ingest", smaller),
        edupulse("nightly", smaller),
        edupulse("ingest", smaller, "--replace"),
    ]

    assert codes == [0, 4, 4, 0]
    assert "59 of 60 attendance rows at North" in capsys.readouterr().err
    (noted, _) = audited(empty_home, "refused import")
    assert noted.details["gate"] == "loss"
    assert audited(empty_home, "import")[0].details["replace"] is True


def test_every_problem_of_a_bundle_is_a_line_and_a_json_object(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = with_an_unknown_status(empty_home / "bundle")
    (bundle / "users.csv").write_text("sourcedId;givenName;familyName;role\n")
    (bundle / "courses.csv").unlink()

    code = edupulse("ingest", bundle, "--json", "--dry-run")

    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (code, found["published"]) == (3, None)
    assert [set(one) for one in found["problems"]] == [{"file", "row", "column", "reason"}] * 2
    assert {one["file"] for one in found["problems"]} == {"users.csv", "courses.csv"}
    lines = printed.err.splitlines()
    assert len(lines) == 2 and all(line.startswith("edupulse: ") for line in lines)


@pytest.mark.parametrize("command", ["ingest", "nightly"])
def test_a_refused_import_is_a_json_object_too(
    empty_home: Path,
    edupulse: Edupulse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    refused = edupulse(command, with_an_unknown_status(empty_home / "bundle"), "--json")
    by_gate = json.loads(capsys.readouterr().out)
    missing = edupulse(command, tmp_path / "nowhere", "--json")
    by_path = json.loads(capsys.readouterr().out)

    assert (refused, missing) == (4, 3)
    assert [one["file"] for one in by_gate["problems"]] == ["attendance.csv"]
    assert [one["file"] for one in by_path["problems"]] == ["nowhere"]
    assert by_gate["published"] is by_path["published"] is None


def test_a_dry_run_lists_what_nothing_reads(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    files["users"] = [{**row, "Shoe size": 39} for row in files["users"]]
    bundle = bundles.write(empty_home / "bundle", files)
    (bundle / "lunch.csv").write_text("x")

    edupulse("ingest", bundle, "--dry-run")

    said = capsys.readouterr().out
    assert "Shoe size" in said and "lunch.csv" in said


def test_an_import_that_waits_for_another_is_not_noted_as_refused(
    empty_home: Path, edupulse: Edupulse, audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundles.write(empty_home / "bundle", bundles.small())

    with snapshots.importing(load_settings()):
        code = edupulse("ingest", bundle)

    assert code == 4
    assert "another import is running" in capsys.readouterr().err
    assert audited(empty_home, "refused import") == []


def test_the_audit_trail_of_an_import_holds_no_value_from_a_file(
    empty_home: Path, edupulse: Edupulse, audited: Audited
) -> None:
    files = bundles.small()
    files["calendar"][0]["isInstructional"] = "Ana Moe"

    code = edupulse("ingest", bundles.write(empty_home / "bundle", files))

    (noted,) = audited(empty_home, "import")
    assert code == 0
    assert noted.details and noted.details["files"]["calendar"]["rejected"] == 1
    assert noted.details["rejects"] == {"calendar.isInstructional: not true or false": 1}
    assert "Ana Moe" not in json.dumps(noted.details)


def test_rejected_rows_are_listed_for_people_and_one_import_needs_a_file(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("rejects") == 0
    assert capsys.readouterr().out == "No import has rejected rows.\n"
    assert edupulse("rejects", "x") == 2
    assert edupulse("rejects", "x", "--out", empty_home / "x.csv") == 3
    assert "no rejected rows of an import 'x'" in capsys.readouterr().err


def test_a_home_that_cannot_be_written_is_one_sentence_and_exit_3(
    tmp_path: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle = bundles.write(tmp_path / "bundle", bundles.small())
    (tmp_path / "file").touch()
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "file" / "home"))

    code = edupulse("ingest", bundle)

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith(f"edupulse: EDUPULSE_HOME {tmp_path / 'file' / 'home'}: nothing can be")
    assert said.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_sentence_and_exit_3(
    tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    code = edupulse("demo", "--students", "30", "--out", tmp_path / "file" / "demo")

    said = capsys.readouterr().err
    assert code == 3
    assert said == f"edupulse: --out {tmp_path / 'file' / 'demo'} cannot be used: Not a directory\n"


def test_rows_that_cannot_be_written_where_they_were_wanted_are_exit_3(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("ingest", with_an_unknown_status(empty_home / "bundle"))
    out = empty_home / "rows.csv"
    out.mkdir()
    capsys.readouterr()

    assert edupulse("rejects", "--out", out) == 3
    assert capsys.readouterr().err == f"edupulse: --out {out} cannot be used: Is a directory\n"


def test_a_place_that_cannot_be_made_is_one_sentence_and_exit_3(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("demo", "--students", "30", "--out", "/proc/nowhere/demo")

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith("edupulse: --out /proc/nowhere/demo cannot be used: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "Error writing '/x/.rows.csv.unfinished'"), 3),  # Arrow names it in words
        (FileNotFoundError(2, "no", "/x/part-of-the-program"), 1),
        (FileNotFoundError(2, "Failed to open local file '/x/part-of-the-program'"), 1),
    ],
)
def test_only_the_place_that_was_given_is_blamed_on_it(
    empty_home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    code: int,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(imports, "export_rejects", fail)

    assert edupulse("rejects", "--out", empty_home / "rows.csv") == code


@pytest.mark.parametrize(
    ("error", "where", "code"),
    [
        (FileNotFoundError, "home", 1),
        (PermissionError, "home", 3),
        (FileNotFoundError, "elsewhere", 1),
        (PermissionError, "elsewhere", 1),
    ],
)
def test_only_a_home_that_refuses_to_be_written_is_the_operators_fault(
    tmp_path: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: type[OSError],
    where: str,
    code: int,
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "home"))

    def fail(*_: object) -> None:
        raise error(1, "no", str(tmp_path / where / "x"))

    monkeypatch.setattr(imports, "undo_import", fail)

    assert edupulse("undo") == code
    assert capsys.readouterr().err.count("\n") == 1


def test_a_name_in_a_table_is_no_markup(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("ingest", with_an_unknown_status(empty_home / "a[red]"))
    capsys.readouterr()

    assert edupulse("rejects") == 0
    assert "a[red]" in capsys.readouterr().out
    terminal.table("title", ["name"], [["x[/y].zip"]])
    assert "x[/y].zip" in capsys.readouterr().out


def test_an_import_is_told_to_people_with_its_rejects_and_notes(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    files["calendar"][0]["isInstructional"] = "maybe"
    del files["incidents"], files["attendance"]

    code = edupulse("ingest", bundles.write(empty_home / "bundle", files), "--dry-run")

    said = capsys.readouterr().out
    assert code == 0
    assert "not true or false" in said and "maybe" not in said
    assert "edupulse rejects" not in said  # a dry run keeps no rows
    assert "No incidents were ever imported" in said
    assert "No attendance was ever imported" in said
    assert "would be imported" in said
    assert said.endswith("2 students, 2 weeks. Nothing was published (dry run).\n")


def test_a_dry_run_says_where_the_first_rows_of_each_reason_stand(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    for row in files["calendar"][20:25]:
        row["isInstructional"] = "Ana Moe"
    files["calendar"][30]["date"] = "Ana Moe"

    edupulse("ingest", bundles.write(empty_home / "bundle", files), "--dry-run")

    said = capsys.readouterr().out
    first = said.partition("Examples")[2].splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in first if "│" in line]
    assert [row[:3] for row in rows] == [
        *(["calendar", str(row), "isInstructional"] for row in (22, 23, 24)),
        ["calendar", "32", "date"],
    ]
    assert "Ana" not in said
    assert not (empty_home / "data" / "warehouse" / "rejects").exists()


def test_a_dry_run_that_would_be_refused_names_some_of_the_rows(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = with_an_unknown_status(empty_home / "bundle")

    code = edupulse("ingest", bundle, "--dry-run")

    assert code == 4
    assert capsys.readouterr().err.endswith("; for example row 2 (status)\n")


def test_an_import_with_rejected_rows_says_what_writes_them(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    files["calendar"][0]["isInstructional"] = "maybe"

    edupulse("ingest", bundles.write(empty_home / "bundle", files))

    assert "`edupulse rejects --out FILE`" in capsys.readouterr().out
