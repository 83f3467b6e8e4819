"""A file that is not what it claims to be stops the import and leaves the warehouse alone."""

from pathlib import Path

import pytest

from edupulse_core.errors import InputError, RefusedError, SourceError
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def test_errors_of_files_end_with_3_and_gates_with_4():
    assert (SourceError.exit_code, RefusedError.exit_code) == (3, 4)


def test_what_is_neither_folder_nor_zip(refuse, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_text("this is no zip")

    assert refuse(path) == "bundle.zip: is neither a folder nor a zip"


def test_a_path_that_is_not_there(refuse, tmp_path):
    assert "no such file or folder" in refuse(tmp_path / "nowhere", InputError)


def test_a_file_that_cannot_be_read(refuse, folder):
    (folder / "results.csv").unlink(missing_ok=True)
    (folder / "results.csv").symlink_to("/proc/self/mem")  # whose first byte nobody may read

    assert refuse(folder) == "results.csv: cannot be read: Input/output error"


def test_one_byte_that_is_not_utf_8(refuse, folder):
    replace_in(folder / "users.csv", b"Ben", b"B\xe9n")

    found = refuse(folder)

    assert found == "users.csv, row 3, column 'givenName': not UTF-8: found the byte 0xe9"


def test_a_letter_cut_off_at_the_end_of_the_file_is_not_utf_8(refuse, folder):
    with open(folder / "caseloads.csv", "ab") as out:
        out.write(b"tess,ana\xc3")

    assert "caseloads.csv, row 2, column 'studentSourcedId': not UTF-8" in refuse(folder)


def test_another_unicode_is_told_as_such(refuse, folder):
    encodings = {
        "users": "utf-16",
        "results": "utf-16-le",
        "attendance": "utf-16-be",
        "incidents": "utf-32",
    }
    for name, encoding in encodings.items():
        path = folder / f"{name}.csv"
        path.write_bytes(path.read_text().encode(encoding))

    found = refuse(folder)

    for name, encoding in encodings.items():
        assert f"{name}.csv: is {encoding[:6].upper()}, not UTF-8" in found


def test_another_kind_of_file_under_a_files_name_is_named(refuse, folder):
    kinds = {
        "users": (b"PK\x03\x04", "is an Excel file"),
        "lineItems": (b"\x1f\x8b", "is compressed"),
        "results": (b"%PDF-1.7", "is a PDF"),
        "attendance": (b"  <!DOCTYPE html><html>", "is a web page or XML"),
        "incidents": (b"\xef\xbb\xbf<?xml", "is a web page or XML"),
    }
    for name, (begins, _) in kinds.items():
        (folder / f"{name}.csv").write_bytes(begins + b"\n" * 100)

    found = refuse(folder)

    for name, (_, said) in kinds.items():
        assert f"{name}.csv: {said}" in found


def test_half_a_byte_order_mark(refuse, folder):
    (folder / "users.csv").write_bytes(b"\xef\xbb")

    assert refuse(folder) == "users.csv: not UTF-8"


def test_a_required_column_missing(refuse, folder):
    replace_in(folder / "attendance.csv", b"studentSourcedId", b"student")

    found = refuse(folder)

    assert found == (
        "attendance.csv, row 1, column 'studentSourcedId': column missing; 7 columns found; "
        "needed: sourcedId, studentSourcedId, date, status"
    )


def test_other_signs_than_commas_are_named(refuse, folder):
    signs = {
        "users": (";", "", "semicolons"),
        "enrollments": (";", '"', "semicolons"),
        "lineItems": ("\t", "", "tabs"),
        "results": ("\t", '"', "tabs"),
        "attendance": ("|", "", "vertical bars"),
        "incidents": ("|", '"', "vertical bars"),
    }
    for name, (sign, quote, _) in signs.items():
        path = folder / f"{name}.csv"
        text = path.read_text().replace(",", f"{quote}{sign}{quote}")
        path.write_text("".join(f"{quote}{line}{quote}\n" for line in text.splitlines()))

    found = refuse(folder)

    assert sorted(found.split("\n")) == sorted(
        f"{name}.csv, row 1: columns are separated by {said}, not commas"
        for name, (_, _, said) in signs.items()
    )


def test_users_of_1_1_need_their_role(refuse, folder):
    replace_in(folder / "users.csv", b",role,", b",rolle,")

    assert "users.csv, row 1, column 'role': column missing" in refuse(folder)


def test_a_column_that_is_there_twice(refuse, folder):
    replace_in(folder / "attendance.csv", b"minutesMissed", b" Date")

    assert refuse(folder) == (
        "attendance.csv, row 1, column 'date': column appears more than once: 'date', ' Date'"
    )


def test_a_column_that_nothing_reads_may_be_there_twice(settings, folder):
    path = folder / "attendance.csv"
    path.write_text("\n".join(f"{line},x,x" for line in path.read_text().splitlines()) + "\n")

    summary = ingest(settings, folder)

    assert summary.unread == {"files": [], "columns": {"attendance": ["x", "x"]}}


def test_no_header(refuse, folder):
    (folder / "attendance.csv").write_text("")

    assert refuse(folder) == "attendance.csv, row 1: no header: the line is empty"


def test_data_where_the_header_should_be_are_counted_and_not_told(refuse, folder):
    (folder / "withdrawals.csv").write_text("ana,2025-09-15,transfer\n")

    assert refuse(folder) == (
        "withdrawals.csv, row 1: no header: 3 columns found; needed: studentSourcedId, date, reason"
    )


def test_of_a_file_without_header_a_column_is_told_by_its_place(refuse, folder):
    (folder / "withdrawals.csv").write_bytes(b"ana,2025-09-15,transfer\nben,2025-09-15,x\xff\n")

    found = refuse(folder)

    assert found == "withdrawals.csv, row 2, column 3: not UTF-8: found the byte 0xff"


def test_a_quote_that_is_never_closed(refuse, folder):
    with open(folder / "incidents.csv", "a") as out:
        out.write('i2,"ben,2025-09-15,fight,2,,\n')

    assert refuse(folder) == "incidents.csv, row 3: a quotation mark is opened and never closed"


def test_a_needed_file_is_missing_from_the_first_bundle(settings, folder):
    (folder / "users.csv").unlink()

    with pytest.raises(SourceError, match=r"users\.csv: missing from the bundle"):
        ingest(settings, folder)


def test_a_needed_file_that_the_manifest_calls_absent(settings, tmp_path):
    properties = {"file.users": "absent"}
    folder = bundles.write(tmp_path / "bundle", bundles.small(), properties=properties)

    with pytest.raises(SourceError) as refused:
        ingest(settings, folder)

    assert str(refused.value).startswith("users.csv: ")
    assert str(refused.value).endswith(": write file.users,bulk")


def test_a_folder_that_is_no_bundle(refuse, tmp_path):
    (tmp_path / "empty").mkdir()

    assert refuse(tmp_path / "empty").startswith("empty: ")


def test_1_2_needs_roles(settings, tmp_path):
    files = bundles.small("1.2")
    del files["roles"]

    with pytest.raises(SourceError, match=r"roles\.csv: missing from the bundle"):
        ingest(settings, bundles.write(tmp_path / "b", files, version="1.2"))


def test_a_file_that_the_manifest_promises(refuse, folder):
    (folder / "results.csv").unlink()
    with open(folder / "manifest.csv", "a") as out:
        out.write("file.results,bulk\n")

    assert refuse(folder) == "results.csv: missing, but manifest.csv says bulk"


def test_a_manifest_that_says_nonsense(refuse, folder):
    with open(folder / "manifest.csv", "a") as out:
        out.write("file.results,some\n")

    found = refuse(folder)

    assert found.startswith("manifest.csv, row 4, column 'value': file.results must be one of")
    assert found.endswith("found 'some'")


def test_a_line_of_the_manifest_without_a_value_says_nothing(settings, folder):
    with open(folder / "manifest.csv", "a") as out:
        out.write("file.results\n")

    assert ingest(settings, folder, dry_run=True).files["results"]["imported"] == 1


def test_a_manifest_without_values(refuse, folder):
    (folder / "manifest.csv").write_text("propertyName\noneroster.version\n")

    assert refuse(folder).startswith("manifest.csv, row 1, column 'value': column missing")


def test_a_header_with_a_broken_quote(refuse, folder):
    replace_in(folder / "attendance.csv", b"sourcedId", b'"sourcedId"x')

    assert refuse(folder).startswith("attendance.csv, row 1: no header: ")


def test_a_manifest_of_another_oneroster(refuse, folder):
    replace_in(folder / "manifest.csv", b"1.1", b"1.3")

    assert "oneroster.version must be one of 1.1, 1.2, found '1.3'" in refuse(folder)


def test_a_stray_byte_behind_an_open_quote_and_a_long_text(refuse, folder):
    with open(folder / "incidents.csv", "ab") as out:
        out.write(b'i2,"' + b"ben\n" * 100_000 + b"\xe9")

    found = refuse(folder)

    assert found.startswith("incidents.csv, row 3")


def test_a_manifest_with_an_endless_field(refuse, folder):
    with open(folder / "manifest.csv", "a") as out:
        out.write("x," + "y" * 200_000 + '\nfile.results,"' + "z" * 200_000)

    assert refuse(folder) == "manifest.csv, row 4, column 2: a field is longer than 64 KB"
