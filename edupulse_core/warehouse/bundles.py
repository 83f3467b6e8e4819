"""Open a bundle, a folder or a zip: find its files, unpack them, check that they are text."""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edupulse_core.config import ImportRules
from edupulse_core.errors import Problem, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse.archives import Contents, Member, contents, is_bomb
from edupulse_core.warehouse.kinds import kind_of_file, other_kind
from edupulse_core.warehouse.oneroster import NAMES, check_header, is_other_table, name_of, nameable
from edupulse_core.warehouse.records import Row, header
from edupulse_core.warehouse.scanning import HEAD, Scan, foreign, not_text
from edupulse_core.warehouse.sources import FILES

_BLOCK = 8 * 2**20
_DAMAGED = (  # bz2 and gzip raise an OSError without a number; Deflate64 is not supported
    zipfile.BadZipFile,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
)


@dataclass(frozen=True)
class TextFile:
    """One file of a bundle as plain UTF-8 on disk."""

    file: str  # as the district named it, for people
    path: Path
    header: tuple[str, ...]  # as found
    digest: str  # SHA-256 of the text
    n_lines: int  # with the header, without empty lines at the end
    is_regular: (
        bool  # no blanks around quotes, no lone carriage returns: CSV readers disagree on those
    )


@dataclass
class Opened:
    """The files of a bundle, and what is wrong with those that cannot be read."""

    texts: dict[str, TextFile] = field(default_factory=dict)  # by name, without the ending
    unread: list[str] = field(default_factory=list)  # files that no import reads
    namesakes: dict[str, str] = field(default_factory=dict)  # OneRoster's own, by our name
    wrong: dict[str, list[Problem]] = field(default_factory=dict)  # by name, as `texts`

    @property
    def problems(self) -> list[Problem]:
        """All that is wrong, file after file."""
        return [problem for problems in self.wrong.values() for problem in problems]

    @property
    def broken(self) -> set[str]:
        """The names of the files that cannot be read."""
        return set(self.wrong)

    def forgive(self, name: str) -> None:
        """Ignore a file's problems, since nothing reads it."""
        self.unread += {problem.file for problem in self.wrong.pop(name, [])}

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """Note what is wrong with a file, so that the other files are looked at too."""
        try:
            yield
        except SourceError as error:
            self.note(name, error.problems)

    def note(self, name: str, problems: tuple[Problem, ...]) -> None:
        """Note that a file cannot be used."""
        self.wrong.setdefault(name, []).extend(problems)
        self.texts.pop(name, None)


def read_bundle(
    path: Path, work: Path, rules: ImportRules, *, progress: Progress | None = None
) -> Opened:
    """Read each file of a bundle once.

    work: a folder to unpack into.
    Raises SourceError if there is no bundle at all, RefusedError for a zip bomb or for a file that
    would be unpacked outside the folder.
    """
    if path.is_file() and not zipfile.is_zipfile(path):
        raise SourceError(kind_of_file(path), file=path.name)
    with contents(path, rules) as found:
        _refuse_others(found, path)
        opened = Opened(unread=sorted(member.name for member in found.others))
        for done, member in enumerate(found.members, 1):
            name = name_of(member.name)
            assert name is not None
            with opened.noting(name):
                if name in opened.texts or name in opened.broken:
                    raise SourceError(
                        f"the bundle has two files of that name; keep {name}.csv or {name}.csv.gz",
                        file=member.name,
                    )
                text = _read_through(member, name, work, rules)
                if text is None:
                    opened.namesakes[name] = member.name
                else:
                    opened.texts[name] = text
            if progress:
                progress("reading", done, len(found.members))
    return opened


def _refuse_others(found: Contents, path: Path) -> None:
    """Raise SourceError if this is a bundle of another kind, or none."""
    kind = other_kind(found)
    if kind:
        raise SourceError(kind, file=path.name)
    if not any(name_of(member.name) in NAMES for member in found.members):
        needed = ", ".join(f"{file.name}.csv" for file in FILES if file.is_needed)
        said = f"has none of a bundle's files; a first bundle needs {needed}"
        inside = [child for child in path.iterdir() if child.is_dir()] if path.is_dir() else []
        for folder in inside:
            if any(name_of(child.name) in NAMES for child in folder.iterdir()):
                said = f"the bundle's files are in its folder {folder.name}: give that folder"
        raise SourceError(said, file=path.name)


def _read_through(member: Member, name: str, work: Path, rules: ImportRules) -> TextFile | None:
    """Read a file once for its digest, lines and encoding; unpack it if it is packed.

    None for a table of OneRoster's own that only shares its name with a file of ours.
    """
    if member.trouble:
        raise SourceError(member.trouble, file=member.name)
    scan = Scan()
    first: Row | None
    if member.plain is not None and not member.is_gz:
        path = member.plain
        try:
            with member.open() as stream:
                first = _first_row(path, member.name, stream.read(HEAD))
                stream.seek(0)
                while block := stream.read(_BLOCK):
                    scan.add(block)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", file=member.name) from None
    else:
        path = work / f"{name}.csv"
        try:
            _unpack(member, path, rules, scan)
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk, not the member
            why = str(error) or "it is damaged"
            raise SourceError(f"cannot be unpacked: {why}", file=member.name) from None
        with open(path, "rb") as stream:
            first = _first_row(path, member.name, stream.read(HEAD))
    if not scan.is_text():
        raise not_text(path, member.name, nameable(first, name))
    if is_other_table(first, name):
        return None
    columns = check_header(first, name, member.name)
    return TextFile(
        member.name, path, columns, scan.digest.hexdigest(), scan.n_lines, scan.is_regular
    )


def _first_row(path: Path, file: str, head: bytes) -> Row | None:
    """The first line of a file, before any more of it is read."""
    if said := foreign(head):
        raise SourceError(said, file=file)
    return header(path, file)


def _unpack(member: Member, path: Path, rules: ImportRules, scan: Scan) -> None:
    with member.open() as raw, open(path, "xb") as out:
        stream = gzip.open(raw) if member.is_gz else raw
        while block := stream.read(_BLOCK):
            scan.add(block)
            too_much = member.is_gz and is_bomb(scan.size, member.size, rules)
            if too_much or scan.size > rules.max_unpacked_bytes:
                raise RefusedError(f"{member.name}: this looks like a zip bomb", gate="zip")
            out.write(block)
