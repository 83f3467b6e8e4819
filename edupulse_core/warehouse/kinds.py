"""Recognize files of other programs, name them, and say what to do."""

import gzip
from pathlib import Path, PurePosixPath

from edupulse_core.warehouse.archives import Contents, Member
from edupulse_core.warehouse.oneroster import folded, name_of

_PEEK = 4096  # bytes
_ASK = (
    "ask for a OneRoster 1.1 or 1.2 CSV export instead; data/README.md lists the files and columns"
)
_BY_NAMES = {  # whose export → some of its files; what is more particular comes first
    "Canvas's SIS import": {"accounts", "terms", "sections", "logins", "group_categories"},
    "Clever's CSV": {"schools", "students", "teachers", "sections", "staff"},
    "Microsoft School Data Sync (version 1)": {
        "school",
        "section",
        "student",
        "teacher",
        "studentenrollment",
        "teacherroster",
    },
}
_BY_COLUMNS = {  # whose export → columns that only it has, in small letters
    "Canvas's SIS import": {"login_id", "root_account", "associated_user_id"},
    "Clever's CSV": {"student_id", "state_id"},
}
_BY_ENDING = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".ods", ".numbers"), "Excel or another spreadsheet"),
    **dict.fromkeys((".sql", ".dump", ".dmp", ".bak"), "a database dump"),
    **dict.fromkeys((".mdb", ".accdb", ".db", ".sqlite", ".sqlite3"), "a database"),
    ".json": "JSON",
    ".xml": "XML",
}


def other_kind(found: Contents) -> str:
    """What a folder or zip is, in words, if it is not a bundle; empty if it is one or unknown."""
    headers = {name_of(each.name): _columns(each) for each in found.members}
    headers.pop("manifest", None)
    columns = set().union(*headers.values())
    classes, roles = headers.get("classes", set()), headers.get("roles", set())
    has_other_classes = "sessionsourcedids" in classes and "termsourcedids" not in classes
    if has_other_classes or ("rolestartdate" in roles and "sourcedid" not in roles):
        return _is_from("Microsoft School Data Sync (version 2)")
    if any(column.endswith("sourcedid") for column in columns):
        return ""
    stems = {PurePosixPath(each.name).name.lower().split(".")[0] for each in found.others}
    for whose, names in _BY_NAMES.items():
        if len(names & stems) + bool(columns & _BY_COLUMNS.get(whose, set())) >= 2:
            return _is_from(whose)
    if headers:
        return ""
    if any("xl/" in each.name for each in found.others):
        return _is_from("Excel or another spreadsheet")
    for member in found.others:
        if kind := _by_ending(PurePosixPath(member.name).suffix, _peek(member)):
            return _is_from(kind)
    return ""


def kind_of_file(path: Path) -> str:
    """What a single file is, in words, when it was given instead of a folder or zip."""
    try:
        with open(path, "rb") as stream:
            kind = _by_ending(path.suffix, stream.read(_PEEK))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if kind:
        return _is_from(kind)
    if path.name.lower().endswith((".tar", ".tar.gz", ".tgz", ".7z", ".rar")):
        return "is not a zip: unpack it and give the folder"
    if path.suffix.lower() in (".csv", ".tsv", ".txt", ".gz"):
        return "is one file: give the folder or the zip that holds all files of the bundle"
    return "is neither a folder nor a zip"


def _is_from(whose: str) -> str:
    return f"is {whose}, not a OneRoster bundle: {_ASK}"


def _by_ending(suffix: str, head: bytes) -> str:
    kind = _BY_ENDING.get(suffix.lower(), "")
    if kind == "XML" and (b"ed-fi" in head.lower() or b"<Interchange" in head):
        return "Ed-Fi XML"
    return kind


def _columns(member: Member) -> set[str]:
    """The columns in a file's first line, in small letters; only its beginning is looked at."""
    first = _peek(member).decode("utf-8-sig", errors="replace").splitlines()[:1]
    return {folded(name.strip().strip('"')) for line in first for name in line.split(",")}


def _peek(member: Member) -> bytes:
    """The beginning of a file; nothing if it cannot be read, which is reported later."""
    try:
        with member.open() as stream:
            return gzip.open(stream).read(_PEEK) if member.is_gz else stream.read(_PEEK)
    except Exception:  # whatever is wrong with the file: encrypted, damaged, a folder
        return b""
