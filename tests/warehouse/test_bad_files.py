"""A file that is not what it claims to be stops the import and leaves the warehouse alone."""

import random
import struct
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError, InputError, RefusedError, SourceError
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

DAY = date(2025, 9, 15)
Refuse = Callable[[Path], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bundles.write(tmp_path / "bundle", bundles.small())


@pytest.fixture
def refuse(standing: Settings) -> Refuse:
    """Import over a standing warehouse; return the sentence, and see that nothing changed."""
    settings = standing
    before = sorted(path.name for path in snapshots.folder(settings).iterdir())

    def refuse(path: Path, error: type[EduPulseError] = SourceError) -> str:
        with pytest.raises(error) as caught:
            ingest(settings, path)
        assert sorted(path.name for path in snapshots.folder(settings).iterdir()) == before
        return str(caught.value)

    return refuse


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def test_errors_of_files_end_with_3_and_gates_with_4():
    assert (SourceError.exit_code, RefusedError.exit_code) == (3, 4)


def test_what_is_neither_folder_nor_zip(refuse, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_text("this is no zip")

    assert refuse(path).startswith("bundle.zip: neither a folder nor a zip")


def test_a_path_that_is_not_there(refuse, tmp_path):
    assert "no such file or folder" in refuse(tmp_path / "nowhere", InputError)


def test_one_byte_that_is_not_utf_8(refuse, folder):
    replace_in(folder / "users.csv", b"Ben", b"B\xe9n")

    found = refuse(folder)

    assert found == "users.csv, row 3, column 'givenName': not UTF-8: found the byte 0xe9"


def test_a_letter_cut_off_at_the_end_of_the_file_is_not_utf_8(refuse, folder):
    with open(folder / "caseloads.csv", "ab") as out:
        out.write(b"tess,ana\xc3")

    assert "caseloads.csv, row 2, column 'studentSourcedId': not UTF-8" in refuse(folder)


def test_utf_16(refuse, folder):
    path = folder / "users.csv"
    path.write_bytes(path.read_text().encode("utf-16"))

    assert "users.csv, row 1, column '1': not UTF-8: found the byte 0xff" in refuse(folder)


def test_a_required_column_missing(refuse, folder):
    replace_in(folder / "attendance.csv", b"studentSourcedId", b"student")

    found = refuse(folder)

    assert "attendance.csv, row 1, column 'studentSourcedId': column missing; found" in found


def test_users_of_1_1_need_their_role(refuse, folder):
    replace_in(folder / "users.csv", b",role,", b",rolle,")

    assert "users.csv, row 1, column 'role': column missing" in refuse(folder)


def test_a_column_that_is_there_twice(refuse, folder):
    replace_in(folder / "attendance.csv", b"minutesMissed", b"date")

    assert "column 'date': column there more than once" in refuse(folder)


def test_no_header(refuse, folder):
    (folder / "attendance.csv").write_text("")

    assert refuse(folder) == "attendance.csv, row 1: no header: the line is empty"


def test_data_where_the_header_should_be(refuse, folder):
    (folder / "withdrawals.csv").write_text("ana,2025-09-15,transfer\n")

    found = refuse(folder)

    assert "row 1, column 'studentSourcedId': column missing; found ana, 2025-09-15" in found


def test_a_quote_that_is_never_closed(refuse, folder):
    with open(folder / "incidents.csv", "a") as out:
        out.write('i2,"ben,2025-09-15,fight,2,,\n')

    assert refuse(folder) == "incidents.csv, row 3: a quote is opened and never closed"


def test_a_needed_file_is_missing_from_the_first_bundle(settings, folder):
    (folder / "users.csv").unlink()

    with pytest.raises(SourceError, match=r"users\.csv: missing from the bundle"):
        ingest(settings, folder)


def test_a_folder_that_is_no_bundle(refuse, tmp_path):
    (tmp_path / "empty").mkdir()

    assert refuse(tmp_path / "empty") == "empty: no file of a bundle in it"


def test_a_zip_of_two_bundles(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip", inside="2025/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(folder / "users.csv", "2026/users.csv")

    assert refuse(path) == "b.zip: a bundle in 2025 and one in 2026"


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


def test_a_manifest_without_values(refuse, folder):
    (folder / "manifest.csv").write_text("propertyName\noneroster.version\n")

    assert refuse(folder).startswith("manifest.csv, row 1, column 'value': column missing")


def test_a_header_with_a_broken_quote(refuse, folder):
    replace_in(folder / "attendance.csv", b"sourcedId", b'"sourcedId"x')

    assert refuse(folder).startswith("attendance.csv, row 1: no header: ")


def test_a_row_longer_than_any_reader_takes_is_rejected(lenient, folder, rows):
    with open(folder / "incidents.csv", "a") as out:
        out.write(f"i2,ben,2025-09-15,{'x' * 3_000_000},2,,\n")

    ingest(lenient, folder)

    assert rows("select row_number, reason, length(raw) > 3000000 from rejects") == [
        (3, "row too long", True)
    ]


def test_a_manifest_of_another_oneroster(refuse, folder):
    replace_in(folder / "manifest.csv", b"1.1", b"1.3")

    assert "oneroster.version must be one of 1.1, 1.2, found '1.3'" in refuse(folder)


def test_a_file_twice(refuse, folder):
    (folder / "users.csv.gz").write_bytes(b"")

    assert "users.csv.gz: there is also users.csv" in refuse(folder)


def test_a_gz_that_is_cut_off(refuse, folder):
    bundles.packed(folder, ["users"])
    path = folder / "users.csv.gz"
    path.write_bytes(path.read_bytes()[:-10])

    assert "users.csv.gz: cannot be unpacked" in refuse(folder)


def test_a_zip_with_a_damaged_member(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("users.csv").header_offset + 60
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)

    assert "users.csv: cannot be unpacked" in refuse(path)


def test_a_zip_packed_in_a_way_that_nobody_here_unpacks(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(mark)
        data[at + offset : at + offset + 2] = struct.pack("<H", 9)  # Deflate64
    path.write_bytes(data)

    assert "cannot be unpacked: That compression method is not supported" in refuse(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_another_packing(refuse, folder, tmp_path, method):
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in sorted(folder.glob("*.csv")):
            archive.write(name, name.name)
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("users.csv").header_offset + 30 + len("users.csv")
    data = bytearray(path.read_bytes())
    data[at : at + 40] = b"\xff" * 40
    path.write_bytes(data)

    assert "users.csv: cannot be unpacked: " in refuse(path)


def test_a_stray_byte_behind_an_open_quote_and_a_long_text(refuse, folder):
    with open(folder / "incidents.csv", "ab") as out:
        out.write(b'i2,"' + b"ben\n" * 100_000 + b"\xe9")

    found = refuse(folder)

    assert found.startswith("incidents.csv, row 3, column 'studentSourcedId': not UTF-8")


def test_a_manifest_with_an_endless_field(refuse, folder):
    with open(folder / "manifest.csv", "a") as out:
        out.write("x," + "y" * 200_000 + '\nfile.results,"' + "z" * 200_000)

    assert refuse(folder).startswith("manifest.csv, row ")


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a/../../b.csv", "..\\x.csv"])
def test_a_member_that_points_outside_is_refused(refuse, folder, tmp_path, name):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x")

    assert "points outside the zip" in refuse(path, RefusedError)


def test_a_link_in_the_zip_is_refused(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    link = zipfile.ZipInfo("caseloads2.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    assert "points outside the zip" in refuse(path, RefusedError)


def test_a_zip_bomb_is_refused(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", b"0" * 20_000_000)

    assert "looks like a zip bomb" in refuse(path, RefusedError)


def test_a_zip_bomb_behind_honest_members_is_refused(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.bin", random.Random(1).randbytes(500_000))
        archive.writestr("notes.txt", b"0" * 20_000_000)

    assert "notes.txt: " in refuse(path, RefusedError)


def test_a_zip_with_a_password(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the first member's flags in the directory
    path.write_bytes(data)

    assert refuse(path).endswith("is encrypted")


def test_a_gz_bomb_is_refused(refuse, folder):
    with open(folder / "results.csv", "ab") as out:
        out.write(b"\n" * 20_000_000)
    bundles.packed(folder, ["results"])

    assert "results.csv.gz: this looks like a zip bomb" in refuse(folder, RefusedError)


def test_a_zip_that_lies_about_its_size_is_caught(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip")
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        true = archive.getinfo("calendar.csv").file_size
    path.write_bytes(data.replace(struct.pack("<I", true), struct.pack("<I", 100)))

    assert "calendar.csv: cannot be unpacked" in refuse(path)


def absences(n_good: int, n_bad: int, n_deleted: int = 0) -> bundles.Files:
    files = bundles.small()
    good = [bundles.absence("ana", DAY, sourcedId=f"g{n}") for n in range(n_good)]
    bad = [bundles.absence("zoe", DAY, sourcedId=f"b{n}") for n in range(n_bad)]
    gone = [bundles.absence("ana", DAY, status="tobedeleted") for n in range(n_deleted)]
    files["attendance"] = good + bad + gone
    return files


@pytest.mark.parametrize(("n_good", "n_bad"), [(95, 5), (19, 1), (100, 5), (20, 0)])
def test_five_percent_of_rejected_rows_pass(settings, tmp_path, n_good, n_bad):
    folder = bundles.write(tmp_path / "b", absences(n_good, n_bad))

    summary = ingest(settings, folder, dry_run=True)

    assert summary.files["attendance"]["rejected"] == n_bad


@pytest.mark.parametrize(("n_good", "n_bad"), [(94, 5), (18, 1), (94, 6)])
def test_more_than_five_percent_refuse_the_import(refuse, tmp_path, n_good, n_bad):
    folder = bundles.write(tmp_path / "b", absences(n_good, n_bad))

    found = refuse(folder, RefusedError)

    assert found.startswith(f"attendance.csv: {n_bad} of {n_good + n_bad} rows rejected")
    assert f"{n_bad} unknown student" in found


def test_rows_to_be_deleted_count_neither_as_rejected_nor_as_read(settings, refuse, tmp_path):
    passing = bundles.write(tmp_path / "pass", absences(19, 1, n_deleted=50))
    failing = bundles.write(tmp_path / "fail", absences(18, 1, n_deleted=50))

    summary = ingest(settings, passing, dry_run=True)

    assert summary.rejects == {"tobedeleted": 50, "unknown student": 1}
    assert "attendance.csv: 1 of 19 rows rejected" in refuse(failing, RefusedError)


def test_the_limit_is_a_setting(tmp_path):
    rules = {"max_reject_rate": 0.5}
    settings = Settings(home=tmp_path / "h", import_day=bundles.IMPORT_DAY, imports=rules)

    summary = ingest(settings, bundles.write(tmp_path / "b", absences(5, 5)), dry_run=True)

    assert summary.files["attendance"] == {"read": 10, "imported": 5, "rejected": 5}


LINES = "sourcedId,studentSourcedId,date,status\n"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("a1,ana,2025-09-15\na2,ana,2025-09-15,absent\n", [(2, "a1,ana,2025-09-15")]),
        (
            "a1,ana,2025-09-15,absent,\na2,ana,2025-09-15,absent\n",
            [(2, "a1,ana,2025-09-15,absent,")],
        ),
        ("a1,ana,2025-09-15,absent\n,,,,,,\n", [(3, ",,,,,,")]),
        ("a1,ana,2025-09-15,absent\n\na2,ana,2025-09-15,absent\n", [(3, "")]),
        ("a1,ana,2025-09-15,absent\n \n", [(3, " ")]),
        ('a1,"ana"x,2025-09-15,absent\n', [(2, 'a1,"ana"x,2025-09-15,absent')]),
        ('"a\n1",ana,2025-09-15\na2,ana,2025-09-15,absent\n', [(2, '"a\n1",ana,2025-09-15')]),
        ("a1,ana,2025-09-15,absent\r\na2\r\na3,ana,2025-09-15,absent\r\n", [(3, "a2")]),
    ],
)
def test_a_row_with_a_wrong_number_of_fields_is_kept_raw(
    bring, rows, tmp_path, lenient, text, refused
):
    folder = bundles.write(tmp_path / "b", bundles.small())
    (folder / "attendance.csv").write_bytes((LINES + text).encode())

    summary = ingest(lenient, folder)

    assert rows("select row_number, raw from rejects") == refused
    assert summary.files["attendance"]["rejected"] == 1
    assert summary.files["attendance"]["imported"] == rows("select count(*) from attendance")[0][0]


def test_a_blank_before_a_quote_is_text_and_the_quote_with_it(lenient, tmp_path, rows):
    folder = bundles.write(tmp_path / "b", bundles.small())
    (folder / "attendance.csv").write_text(
        LINES + 'a1,ana,2025-09-15,absent\n "a2",ana,2025-09-16,absent\n'
    )

    ingest(lenient, folder)

    assert rows("select attendance_id from attendance order by 1") == [(' "a2"',), ("a1",)]


@pytest.mark.parametrize(
    "text",
    [
        'a1,ana,2025-09-15,absent\n"a\n2",ana,2025-09-15,absent\na3,ana,2025-09-15,absent',
        "a1,ana,2025-09-15,absent\r\na2,ana,2025-09-15,absent\r\na3,ana,2025-09-15,absent\r\n\r\n",
        "a1,ana,2025-09-15,absent\ra2,ana,2025-09-15,absent\ra3,ana,2025-09-15,absent\r",
        "a1,ana,2025-09-15,absent\r\na2,ana,2025-09-15,absent\na3,ana,2025-09-15,absent\n\n\n",
        'a1,"ana",2025-09-15,"absent"\na2,ana,2025-09-15,absent\n"a""3",ana,2025-09-15,absent\n',
    ],
    ids=["newline in quotes", "crlf", "cr", "mixed", "quotes"],
)
def test_line_ends_and_quotes_are_read_as_they_come(settings, tmp_path, text):
    folder = bundles.write(tmp_path / "b", bundles.small())
    ending = "\r" if "\n" not in text else "\n"
    (folder / "attendance.csv").write_bytes((LINES.replace("\n", ending) + text).encode())

    summary = ingest(settings, folder, dry_run=True)

    assert summary.files["attendance"] == {"read": 3, "imported": 3, "rejected": 0}


def test_row_numbers_hold_in_a_long_file_with_broken_rows(bring, rows):
    files = bundles.small()
    days = bundles.weekdays(date(2025, 9, 1), date(2025, 9, 13))
    files["attendance"] = [
        bundles.absence("ana", days[n % len(days)], sourcedId=f"a{n}") for n in range(30_000)
    ]
    for n in (7, 20_000, 29_999):
        files["attendance"][n]["studentSourcedId"] = "zoe"
    files["attendance"][12_345]["studentSourcedId"] = "a\nb"
    files["attendance"][12_346]["date"] = date(2025, 9, 13) + timedelta(days=0)

    bring(files)

    found = rows("select row_number, reason from rejects order by 1")
    assert [number for number, _ in found] == [9, 12_347, 12_348, 20_002, 30_001]
    raw = rows("select raw from rejects where row_number in (12347, 30001) order by row_number")
    assert raw[0][0].startswith('a12345,"a\nb"')
    assert raw[1][0].startswith("a29999,zoe")
