"""What the names, headers and manifest of a bundle mean."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from edupulse_core.errors import Problem, SourceError
from edupulse_core.warehouse.records import Row, rows
from edupulse_core.warehouse.sources import BESIDE_ONEROSTER, FILES, SourceFile

NAMES = tuple(file.name for file in FILES)
MANIFEST = SourceFile("manifest", ("propertyName", "value"))
_FILE = {file.name: file for file in (*FILES, MANIFEST)}
_WANTED = {  # file name in small letters → name without the ending
    f"{name}{ending}".lower(): name for name in _FILE for ending in (".csv", ".csv.gz")
}
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_BLANKS = " \t\r\n\xa0"
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_TRUTHS = {  # in small letters, as in the checks
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", ""), False),
}
WAYS = ("absent", "bulk", "delta")
_PROPERTIES = {  # of the manifest, in small letters
    "oneroster.version",
    "edupulse.demo",
    "source.systemname",
    *(f"file.{name}".lower() for name in NAMES),
}


def name_of(file: str) -> str | None:
    """Which file of a bundle a file name means, ignoring capitals; None if it means none."""
    return _WANTED.get(file.lower())


def is_other_table(first: Row | None, name: str) -> bool:
    """Whether a file of our name is OneRoster's own table of that name, which nothing reads.

    Its resources.csv lists licenses for digital material, by the vendor's identifiers.
    """
    header = {folded(column) for column in (first.fields if first else None) or ()}
    return name == "resources" and "vendorresourceid" in header


def folded(text: str) -> str:
    """Text without outer blanks and with A to Z in lower case, to compare headers and words."""
    return text.strip(_BLANKS).translate(_SMALL)


def match_columns(header: Sequence[str], file: SourceFile) -> list[str | None]:
    """For each column of a header, the column that it means; None if nothing reads it."""
    known = {folded(name): name for name in file.columns}
    return [known.get(folded(name)) for name in header]


def unread_columns(header: Sequence[str], name: str) -> list[str]:
    """The columns of a file that nothing reads, as found."""
    means = match_columns(header, _FILE[name])
    return [found for found, meant in zip(header, means, strict=True) if meant is None]


def misspelled(header: Sequence[str], name: str) -> list[tuple[str, str]]:
    """Unread columns that look like a missing one, such as `begin_date`: (found, meant)."""
    lacking = {
        _letters(column): column
        for column in _FILE[name].columns
        if column not in match_columns(header, _FILE[name])
    }
    found = {column: lacking.get(_letters(column)) for column in unread_columns(header, name)}
    return [(column, meant) for column, meant in found.items() if meant is not None]


def _letters(text: str) -> str:
    return "".join(letter for letter in folded(text) if letter.isalnum())


@dataclass(frozen=True)
class Manifest:
    """What the bundle says about itself."""

    version: str = ""  # "1.1", "1.2", or empty: it does not say
    ways: dict[str, str] = field(default_factory=dict)  # file name → absent, bulk or delta
    is_demo: bool = False
    system: str = ""

    def way(self, name: str) -> str:
        """How a file is to be read.

        One that the manifest does not list is bulk; but a file that OneRoster lacks is read as
        the results are, else as the enrollments are.
        """
        if name in self.ways or name not in BESIDE_ONEROSTER:
            return self.ways.get(name, "bulk")
        ways = [self.ways.get(model, "absent") for model in ("results", "enrollments")]
        return next((way for way in ways if way != "absent"), "bulk")


def read_manifest(path: Path | None) -> Manifest:
    """Read `manifest.csv`. Without one, every file is bulk.

    Raises SourceError with every line that OneRoster does not allow.
    """
    if path is None:
        return Manifest()
    problems: list[Problem] = []
    values: dict[str, str] = {}
    lines = rows(path, "manifest.csv")
    header = match_columns(next(lines).fields or (), MANIFEST)
    name_at, value_at = header.index("propertyName"), header.index("value")
    for line in lines:
        if line.fields and len(line.fields) > max(name_at, value_at):
            name, found = folded(line.fields[name_at]), line.fields[value_at].strip(_BLANKS)
            if name in _PROPERTIES:
                values[name] = found if name == "source.systemname" else folded(found)
            problems += _wrong_property(name, found, line.number)
    if problems:
        raise SourceError.of(problems)
    return Manifest(
        version=values.get("oneroster.version", ""),
        ways={
            name: values[f"file.{name.lower()}"]
            for name in NAMES
            if f"file.{name.lower()}" in values
        },
        is_demo=_TRUTHS[values.get("edupulse.demo", "")],
        system=values.get("source.systemname", ""),
    )


def _wrong_property(name: str, found: str, row: int) -> list[Problem]:
    allowed: tuple[str, ...] = ()
    if name.startswith("file."):
        allowed = WAYS
    elif name == "oneroster.version":
        allowed = ("1.1", "1.2")
    elif name == "edupulse.demo":
        allowed = tuple(_TRUTHS)
    if not allowed or folded(found) in allowed:
        return []
    shown = "true, false" if name == "edupulse.demo" else ", ".join(allowed)
    return [
        Problem("manifest.csv", f"{name} must be one of {shown}, found {found!r}", row, "value")
    ]


def needed_columns(file: SourceFile, version: str) -> tuple[str, ...]:
    """A file's required columns in this version of OneRoster."""
    if file.name == "users" and version == "1.1":
        return (*file.required, "role")
    return file.required


def nameable(first: Row | None, name: str) -> list[str]:
    """The columns that a file's first line names; none if it is no header but somebody's data."""
    fields = first.fields or [] if first else []
    needed = {folded(column) for column in _FILE[name].required}
    return fields if needed & {folded(field) for field in fields} else []


def check_header(first: Row | None, name: str, file: str) -> tuple[str, ...]:
    """The columns of a file as its first line names them.

    Raises SourceError if that line is not a header or lacks a column, or if it has one twice. The
    message never quotes the line: without a header, it is somebody's data.
    """
    if first is None:
        raise SourceError("no header: the line is empty", file=file, row=1)
    needed = _FILE[name].required
    header = nameable(first, name)
    if not header:
        raise _no_header(first, needed, file)
    means = match_columns(header, _FILE[name])
    found = f"{len(header)} column{'s' * (len(header) > 1)} found; needed: {', '.join(needed)}"
    problems = [
        Problem(file, f"column missing; {found}", 1, column)
        for column in needed
        if column not in means
    ]
    for column in _FILE[name].columns:
        if means.count(column) > 1:
            same = [each for each, meant in zip(header, means, strict=True) if meant == column]
            said = ", ".join(map(repr, same))
            problems.append(Problem(file, f"column appears more than once: {said}", 1, column))
    if problems:
        raise SourceError.of(problems)
    return tuple(header)


def _no_header(first: Row, needed: tuple[str, ...], file: str) -> SourceError:
    for sign, signs in _OTHER_SIGNS.items():
        fields = next(csv.reader([first.raw], delimiter=sign), [])
        if {folded(column) for column in needed} & {folded(field) for field in fields}:
            said = f"columns are separated by {signs}, not commas"
            return SourceError(said, file=file, row=1)
    if first.fields is None:
        return SourceError("no header: its quotation marks do not match", file=file, row=1)
    n = len(first.fields)
    found = f"{n} column{'s' * (n > 1)} found; needed: {', '.join(needed)}"
    return SourceError(f"no header: {found}", file=file, row=1)
