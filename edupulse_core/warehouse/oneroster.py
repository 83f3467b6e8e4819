"""The files of a bundle, their required columns, and the manifest."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from edupulse_core.errors import SourceError


@dataclass(frozen=True)
class SourceFile:
    """One file of the bundle."""

    name: str  # without its ending
    required: tuple[str, ...]  # columns that the file must have
    is_needed: bool = False  # must be in a home's first bundle


FILES = (  # in import order: a row may refer to rows of earlier files
    SourceFile("orgs", ("sourcedId", "name", "type"), True),
    SourceFile(
        "academicSessions",
        ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
        True,
    ),
    SourceFile("courses", ("sourcedId", "title"), True),
    SourceFile(
        "classes",
        ("sourcedId", "title", "courseSourcedId", "schoolSourcedId", "termSourcedIds"),
        True,
    ),
    SourceFile("users", ("sourcedId", "givenName", "familyName"), True),
    SourceFile("roles", ("sourcedId", "userSourcedId", "role")),
    SourceFile("demographics", ("sourcedId",)),
    SourceFile(
        "enrollments",
        ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        True,
    ),
    SourceFile("withdrawals", ("studentSourcedId", "date", "reason")),
    SourceFile("calendar", ("orgSourcedId", "date", "isInstructional")),
    SourceFile(
        "lineItems",
        ("sourcedId", "dueDate", "classSourcedId", "resultValueMin", "resultValueMax"),
    ),
    SourceFile(
        "results",
        (
            "sourcedId",
            "lineItemSourcedId",
            "studentSourcedId",
            "scoreStatus",
            "score",
            "scoreDate",
        ),
    ),
    SourceFile("attendance", ("sourcedId", "studentSourcedId", "date", "status")),
    SourceFile("incidents", ("sourcedId", "studentSourcedId", "date", "type", "severity")),
    SourceFile("caseloads", ("counselorSourcedId", "studentSourcedId")),
)
BESIDE_ONEROSTER = ("withdrawals", "calendar", "attendance", "incidents", "caseloads")
NAMES = tuple(file.name for file in FILES)
MANIFEST = SourceFile("manifest", ("propertyName", "value"))
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs", "|": "bars"}
WAYS = ("absent", "bulk", "delta")


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

    Raises SourceError for the first line that OneRoster does not allow.
    """
    if path is None:
        return Manifest()
    with open(path, encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    header = rows[0] if rows else []
    check_header(header, MANIFEST.required, "manifest.csv")
    name_at, value_at = header.index("propertyName"), header.index("value")
    values: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) > max(name_at, value_at):
            values[row[name_at].strip()] = row[value_at].strip()
            _check_property(row[name_at].strip(), row[value_at].strip(), number)
    return Manifest(
        version=values.get("oneroster.version", ""),
        ways={key[5:]: value for key, value in values.items() if key.startswith("file.")},
        is_demo=values.get("edupulse.demo", "").lower() == "true",
        system=values.get("source.systemName", ""),
    )


def _check_property(name: str, value: str, row: int) -> None:
    allowed: tuple[str, ...] = ()
    if name.startswith("file."):
        allowed = WAYS
    elif name == "oneroster.version":
        allowed = ("1.1", "1.2")
    if allowed and value not in allowed:
        raise SourceError(
            f"{name} must be one of {', '.join(allowed)}, found {value!r}",
            file="manifest.csv",
            row=row,
            column="value",
        )


def needed_columns(file: SourceFile, version: str) -> tuple[str, ...]:
    """A file's required columns in this version of OneRoster."""
    if file.name == "users" and version == "1.1":
        return (*file.required, "role")
    return file.required


def check_header(header: list[str], needed: tuple[str, ...], file: str) -> None:
    """Raise SourceError if a file's first line is not a header or lacks a column.

    The message never quotes that line: without a header, it is somebody's data.
    """
    if not any(name.strip() for name in header):
        raise SourceError("no header: the line is empty", file=file, row=1)
    for sign, signs in _OTHER_SIGNS.items():
        if (
            len(header) == 1
            and sign in header[0]
            and _lower(needed) & _lower(header[0].split(sign))
        ):
            raise SourceError(f"columns are separated by {signs}, not commas", file=file, row=1)
    for name in needed:
        if name not in header and name.lower() in _lower(header):
            said = "column missing: it is there, but with other capital letters"
            raise SourceError(said, file=file, row=1, column=name)
    found = f"{len(header)} column{'s' * (len(header) > 1)} found; needed: {', '.join(needed)}"
    if not is_header(header, needed):
        raise SourceError(f"no header: {found}", file=file, row=1)
    for name in needed:
        if name not in header:
            raise SourceError(f"column missing; {found}", file=file, row=1, column=name)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.strip().lower() for name in names}


def is_header(line: list[str], needed: tuple[str, ...]) -> bool:
    """Whether a file's first line names columns and so may be quoted."""
    return any(name in line for name in needed)
