"""Open a bundle, a folder or a zip: find its files, unpack them safely, check they are text."""

import codecs
import csv
import gzip
import hashlib
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from edupulse_core.config import ImportRules
from edupulse_core.errors import InputError, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse.oneroster import FILES, MANIFEST, NAMES, is_header

_BLOCK = 8 * 2**20
_SEAM = 64  # bytes looked at twice where two blocks meet
_FLOOR = 2**20  # bytes; anything smaller is never called a bomb
_STRAY = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a stray byte
_SPACED_QUOTE = re.compile(rb'(?:^|[,\r\n]) +"|" +(?:$|[",\r\n])')
_DAMAGED = (  # bz2 and gzip raise an OSError without a number; Deflate64 is not supported
    zipfile.BadZipFile,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
)
_ENDINGS = (".csv", ".csv.gz")
csv.field_size_limit(2**31 - 1)  # of every reader of this process; 131,072 characters otherwise
_WANTED = {  # lower-case file name → name without the ending
    f"{name}{ending}".lower(): name for name in (*NAMES, "manifest") for ending in _ENDINGS
}
_NEEDED = {file.name: file.required for file in (*FILES, MANIFEST)}


@dataclass(frozen=True)
class TextFile:
    """One file of a bundle as plain UTF-8 on disk."""

    file: str  # as the district named it, for people
    path: Path
    digest: str  # SHA-256 of the text
    n_lines: int  # with the header, without empty lines at the end
    is_regular: (
        bool  # no blanks around quotes, no lone carriage returns: CSV readers disagree on those
    )


def read_bundle(
    path: Path,
    work: Path,
    rules: ImportRules,
    *,
    names: tuple[str, ...] = (*NAMES, "manifest"),
    progress: Progress | None = None,
) -> dict[str, TextFile]:
    """Read each file of a bundle once; returns them by name, without the ending.

    work: a folder to unpack into.
    Raises SourceError if the bundle is not what it claims to be or has no file but a manifest,
    RefusedError for a zip bomb or for a file that would be unpacked outside the folder.
    """
    found: dict[str, TextFile] = {}
    with _members(path, rules) as members:
        if not any(_known(member.name) in NAMES for member in members):
            raise SourceError("none of a bundle's files is in it", file=path.name)
        wanted = [member for member in members if _known(member.name) in names]
        for done, member in enumerate(wanted, 1):
            name = _WANTED[member.name.lower()]
            if name in found:
                raise SourceError(
                    f"the bundle also has {found[name].file}; keep one of the two", file=member.name
                )
            found[name] = _read_through(member, work, rules)
            if progress:
                progress("reading", done, len(wanted))
    return found


def unread(path: Path) -> list[str]:
    """List the .csv files that no import reads: another name, or too deep in the zip."""
    if path.is_dir():
        names = [child.name for child in path.iterdir() if child.is_file()]
        return sorted(name for name in names if _is_csv(name) and _known(name) is None)
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if _is_csv(PurePosixPath(info.filename).name)]
        taken = {info.filename for info in _outermost(infos, path.name)}
    return sorted({info.filename for info in infos} - taken)


def _known(name: str) -> str | None:
    """Which file of a bundle this is, ignoring capitals; None if it is not one."""
    return _WANTED.get(name.lower())


def _is_csv(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith(".")


@dataclass(frozen=True)
class _Member:
    name: str
    size: int  # bytes, packed if it is packed
    plain: Path | None  # set if it can be read without unpacking
    zipped: tuple[zipfile.ZipFile, zipfile.ZipInfo] | None = None

    @property
    def is_gz(self) -> bool:
        return self.name.lower().endswith(".gz")

    def open(self) -> IO[bytes]:
        if self.zipped:
            archive, info = self.zipped
            return archive.open(info)
        assert self.plain is not None
        return open(self.plain, "rb")


@contextmanager
def _members(path: Path, rules: ImportRules) -> Iterator[list[_Member]]:
    if path.is_dir():
        yield _children(path)
        return
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise SourceError(f"neither a folder nor a zip: {error}", file=path.name) from None
    with archive:
        yield _checked(archive, path, rules)


def _children(path: Path) -> list[_Member]:
    try:
        children = [child for child in sorted(path.iterdir()) if _known(child.name)]
        for child in children:
            if not child.is_file():
                raise _no_file(child.name, is_folder=child.is_dir())
        return [_Member(child.name, child.stat().st_size, child) for child in children]
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}") from None


def _no_file(name: str, *, is_folder: bool) -> SourceError:
    found = "a folder, not a file" if is_folder else "not a file that can be read"
    return SourceError(f"is {found}", file=name)


def _checked(archive: zipfile.ZipFile, path: Path, rules: ImportRules) -> list[_Member]:
    """The bundle's files in a zip. Looks at every member before anything is unpacked."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        _refuse_escape(info, path.name)
    for info in archive.infolist():
        parts = PurePosixPath(info.filename).parts
        for folder in (parts if info.is_dir() else parts[:-1])[:2]:  # the bundle's, or inside it
            if _known(folder):
                raise _no_file(f"{path.name}, {folder}", is_folder=True)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > rules.max_unpacked_bytes or _is_bomb(unpacked, path.stat().st_size, rules):
        raise RefusedError(
            f"{path.name}: unpacks to {unpacked:,} bytes; this looks like a zip bomb", gate="zip"
        )
    for info in infos:
        if _is_bomb(info.file_size, info.compress_size, rules):
            raise RefusedError(
                f"{path.name}, {info.filename}: {info.compress_size:,} bytes unpack to "
                f"{info.file_size:,}; this looks like a zip bomb",
                gate="zip",
            )
        if info.flag_bits & 1:
            raise SourceError("is encrypted", file=f"{path.name}, {info.filename}")
    return [
        _Member(PurePosixPath(info.filename).name, info.compress_size, None, (archive, info))
        for info in _outermost(infos, path.name)
    ]


def _refuse_escape(info: zipfile.ZipInfo, archive: str) -> None:
    name = info.orig_filename.replace("\\", "/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or is_link:
        raise RefusedError(
            f"{archive}: the member {info.orig_filename!r} points outside the zip", gate="zip"
        )


def _outermost(infos: list[zipfile.ZipInfo], archive: str) -> list[zipfile.ZipInfo]:
    """The bundle's files at the top of the zip, or in its one top folder."""
    wanted = [info for info in infos if _known(PurePosixPath(info.filename).name)]
    folders = sorted(
        {PurePosixPath(info.filename).parent for info in wanted},
        key=lambda p: (len(p.parts), str(p)),
    )
    if len(folders) > 1 and len(folders[0].parts) == len(folders[1].parts):
        raise SourceError(
            f"there is a bundle in {folders[0]} and another in {folders[1]}", file=archive
        )
    return [i for i in wanted if PurePosixPath(i.filename).parent == folders[0]]


def _is_bomb(unpacked: int, packed: int, rules: ImportRules) -> bool:
    return unpacked > _FLOOR and unpacked > rules.max_zip_ratio * max(packed, 1)


def _read_through(member: _Member, work: Path, rules: ImportRules) -> TextFile:
    """Read a file once for its digest, lines and encoding; unpack it if it is packed."""
    scan = _Scan()
    if member.plain is not None and not member.is_gz:
        path = member.plain
        try:
            with member.open() as stream:
                while block := stream.read(_BLOCK):
                    scan.add(block)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", file=member.name) from None
    else:
        path = work / f"{_known(member.name)}.csv"
        try:
            _unpack(member, path, rules, scan)
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk, not the member
            why = str(error) or "it is damaged"
            raise SourceError(f"cannot be unpacked: {why}", file=member.name) from None
    if not scan.is_text():
        raise _not_text(path, member.name, _NEEDED[_WANTED[member.name.lower()]])
    return TextFile(member.name, path, scan.digest.hexdigest(), scan.n_lines, scan.is_regular)


def _unpack(member: _Member, path: Path, rules: ImportRules, scan: "_Scan") -> None:
    with member.open() as raw, open(path, "xb") as out:
        stream = gzip.open(raw) if member.is_gz else raw
        while block := stream.read(_BLOCK):
            scan.add(block)
            is_bomb = member.is_gz and _is_bomb(scan.size, member.size, rules)
            if is_bomb or scan.size > rules.max_unpacked_bytes:
                raise RefusedError(f"{member.name}: this looks like a zip bomb", gate="zip")
            out.write(block)


def _not_text(path: Path, file: str, needed: tuple[str, ...]) -> SourceError:
    """Name the row and column of the first byte that is not UTF-8."""
    header: list[str] = []
    with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            header = header or row
            for at, value in enumerate(row):
                bad = _STRAY.search(value)
                if bad:
                    is_named = number > 1 and at < len(header) and is_header(header, needed)
                    column = header[at] if is_named else str(at + 1)
                    byte = ord(bad[0]) - 0xDC00
                    return SourceError(
                        f"not UTF-8: found the byte 0x{byte:02x}",
                        file=file,
                        row=number,
                        column=column,
                    )
    return SourceError("not UTF-8", file=file)


def _has_spaced_quote(block: bytes) -> bool:
    has_both = b'"' in block and (b' "' in block or b'" ' in block)
    return has_both and _SPACED_QUOTE.search(block) is not None


class _Scan:
    """What one pass over a file's bytes finds out."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self.n_lines = 1  # the last line may lack a line end
        self._has_spaced_quotes = False
        self._n_returns = 0  # carriage returns without a newline after them
        self._last = b""
        self._trailing = 0  # line ends with nothing after them so far
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    @property
    def is_regular(self) -> bool:
        """Whether every CSV reader splits these bytes the same way."""
        return not self._has_spaced_quotes and self._n_returns == 0

    def is_text(self) -> bool:
        """At the end: whether every byte was UTF-8."""
        self._decode(b"", final=True)
        return self._is_text

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        if self._is_text:
            try:
                self._decoder.decode(block, final)
            except UnicodeDecodeError:
                self._is_text = False

    def add(self, block: bytes) -> None:
        """Take in the next bytes."""
        self.digest.update(block)
        self.size += len(block)
        self._decode(block)
        if n_returns := block.count(b"\r"):
            self._n_returns += n_returns - block.count(b"\r\n")
        self._n_returns -= self._last.endswith(b"\r") and block.startswith(b"\n")
        seam = self._last + block[:_SEAM]
        self._has_spaced_quotes |= _has_spaced_quote(block) or _has_spaced_quote(seam)
        self._last = block[-_SEAM:]
        body = len(block.rstrip(b"\r\n"))
        if body:
            self.n_lines += self._trailing + block.count(b"\n", 0, body)
            self._trailing = 0
        self._trailing += block.count(b"\n", body)
