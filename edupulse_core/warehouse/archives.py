"""The files of a folder or a zip. A whole zip is checked before anything is unpacked."""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from edupulse_core.config import ImportRules
from edupulse_core.errors import InputError, RefusedError, SourceError
from edupulse_core.warehouse.oneroster import name_of

_FLOOR = 2**20  # bytes; anything smaller is never called a bomb


@dataclass(frozen=True)
class Member:
    """One file of a folder or zip."""

    name: str  # without folders
    size: int = 0  # bytes, packed if it is packed
    plain: Path | None = None  # set if it can be read without unpacking
    zipped: tuple[zipfile.ZipFile, zipfile.ZipInfo] | None = None
    trouble: str = ""  # why it cannot be read, where that is plain to see

    @property
    def is_gz(self) -> bool:
        """Whether the file itself is compressed."""
        return self.name.lower().endswith(".gz")

    def open(self) -> IO[bytes]:
        """The file's bytes, still compressed if they are."""
        if self.zipped:
            archive, info = self.zipped
            return archive.open(info)
        assert self.plain is not None
        return open(self.plain, "rb")


@dataclass(frozen=True)
class Contents:
    """What a folder or zip holds."""

    members: list[Member]  # the files of the bundle, and folders that have the name of one
    others: list[Member] = field(default_factory=list)  # files that no import reads


@contextmanager
def contents(path: Path, rules: ImportRules) -> Iterator[Contents]:
    """List the files of a folder or zip.

    Raises SourceError if it is neither, RefusedError for a zip bomb or for a file that would be
    unpacked outside the folder.
    """
    if path.is_dir():
        yield _folder(path)
        return
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise SourceError("is neither a folder nor a zip", file=path.name) from None
    with archive:
        yield _zip(archive, path, rules)


def is_bomb(unpacked: int, packed: int, rules: ImportRules) -> bool:
    """Whether so few bytes unpack to so many that it must be meant to fill the disk."""
    return unpacked > _FLOOR and unpacked > rules.max_zip_ratio * max(packed, 1)


def _folder(path: Path) -> Contents:
    found = Contents([])
    try:
        for child in sorted(path.iterdir()):
            if name_of(child.name) is not None:
                trouble = _trouble(is_file=child.is_file(), is_folder=child.is_dir())
                size = 0 if trouble else child.stat().st_size
                found.members.append(Member(child.name, size, child, trouble=trouble))
            elif child.is_file() and not _is_hidden(child.name):
                found.others.append(Member(child.name, child.stat().st_size, child))
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}") from None
    return found


def _trouble(*, is_file: bool, is_folder: bool) -> str:
    if is_file:
        return ""
    return "is a folder, not a file" if is_folder else "is not a file that can be read"


def _zip(archive: zipfile.ZipFile, path: Path, rules: ImportRules) -> Contents:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        _refuse_escape(info, path.name)
    _refuse_bombs(infos, path, rules)
    bundle = _outermost(infos, path.name)
    taken = {info.filename for info in bundle}
    found = Contents(
        [
            Member(
                PurePosixPath(info.filename).name,
                info.compress_size,
                zipped=(archive, info),
                trouble="is encrypted" if info.flag_bits & 1 else "",
            )
            for info in bundle
        ]
    )
    for folder in _folders_named_as_files(archive):
        found.members.append(Member(folder, trouble="is a folder, not a file"))
    for info in infos:
        parts = PurePosixPath(info.filename).parts
        if info.filename not in taken and not any(map(_is_hidden, parts)):
            found.others.append(Member(info.filename, info.compress_size, zipped=(archive, info)))
    return found


def _folders_named_as_files(archive: zipfile.ZipFile) -> list[str]:
    """Folders at the top of the zip, or in its top folder, with the name of a bundle's file."""
    found = {}
    for info in archive.infolist():
        parts = PurePosixPath(info.filename).parts
        for folder in (parts if info.is_dir() else parts[:-1])[:2]:
            if name_of(folder) is not None:
                found[folder] = True
    return list(found)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _refuse_escape(info: zipfile.ZipInfo, archive: str) -> None:
    name = info.orig_filename.replace("\\", "/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or is_link:
        raise RefusedError(
            f"{archive}: the member {info.orig_filename!r} points outside the zip", gate="zip"
        )


def _refuse_bombs(infos: list[zipfile.ZipInfo], path: Path, rules: ImportRules) -> None:
    unpacked = sum(info.file_size for info in infos)
    if unpacked > rules.max_unpacked_bytes or is_bomb(unpacked, path.stat().st_size, rules):
        raise RefusedError(
            f"{path.name}: unpacks to {unpacked:,} bytes; this looks like a zip bomb", gate="zip"
        )
    for info in infos:
        if is_bomb(info.file_size, info.compress_size, rules):
            raise RefusedError(
                f"{path.name}, {info.filename}: {info.compress_size:,} bytes unpack to "
                f"{info.file_size:,}; this looks like a zip bomb",
                gate="zip",
            )


def _outermost(infos: list[zipfile.ZipInfo], archive: str) -> list[zipfile.ZipInfo]:
    """The bundle's files at the top of the zip, or in its one top folder."""
    wanted = [info for info in infos if name_of(PurePosixPath(info.filename).name)]
    folders = sorted(
        {PurePosixPath(info.filename).parent for info in wanted},
        key=lambda p: (len(p.parts), str(p)),
    )
    if len(folders) > 1 and len(folders[0].parts) == len(folders[1].parts):
        raise SourceError(
            f"there is a bundle in {folders[0]} and another in {folders[1]}", file=archive
        )
    return [i for i in wanted if PurePosixPath(i.filename).parent == folders[0]]
