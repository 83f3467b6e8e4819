"""A zip or .gz that is damaged, or means harm, is refused before it does any."""

import random
import struct
import zipfile

import pytest

from edupulse_core.errors import RefusedError
from tests import bundles


def test_a_zip_of_two_bundles(refuse, folder, tmp_path):
    path = bundles.zipped(folder, tmp_path / "b.zip", inside="2025/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(folder / "users.csv", "2026/users.csv")

    said = refuse(path)
    assert said.startswith("b.zip: ") and "2025" in said and "2026" in said


@pytest.mark.parametrize("name", ["attendance.csv", "Attendance.CSV.gz", "manifest.csv"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_folder_of_a_files_name_is_not_taken_for_a_file_that_did_not_come(
    refuse, folder, tmp_path, name, is_zipped
):
    for path in folder.glob(f"{name.partition('.')[0].lower()}.csv"):
        path.unlink()
    (folder / name).mkdir()
    path = folder
    if is_zipped:
        path = bundles.zipped(folder, tmp_path / "b.zip", inside="2025/")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(f"2025/{name}/page.txt", "")

    assert refuse(path).endswith(f"{name}: is a folder, not a file")


def test_a_link_to_nothing_is_not_taken_for_a_file_that_did_not_come(refuse, folder):
    (folder / "demographics.csv").unlink(missing_ok=True)
    (folder / "demographics.csv").symlink_to("nowhere")

    assert refuse(folder).startswith("demographics.csv: ")


def test_a_file_twice(refuse, folder):
    (folder / "users.csv.gz").write_bytes(b"")

    assert refuse(folder).startswith("users.csv.gz: the bundle has two files")


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
