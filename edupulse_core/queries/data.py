"""The state of the data: what was imported, what was rejected, and what is missing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.config import SMALLEST as SMALLEST
from edupulse_core.errors import AccessError
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.warehouse import quality, rejects, snapshots
from edupulse_core.warehouse.quality import Finding, SilentMarks
from edupulse_core.warehouse.silence import UNSENT

MOST_REASONS = 50

_SWITCHED_OFF = {  # kind of record → what is unknown without it
    "attendance": "attendance on every page, flag A, and 14 of the model's numbers",
    "grades": "failing courses, missing work, flag C, and 15 of the model's numbers",
    "incidents": "incidents, flag B, and 13 of the model's numbers",
    "withdrawals": "who dropped out, when a model is trained or tested",
}
_FILES = {  # optional file → what is assumed without it
    "calendar": "Every Monday to Friday of a session counts as a school day.",
    "caseloads": "Counselors see only the schools granted to them in edupulse.toml.",
    "demographics": "Whether the model is fair to each group cannot be checked.",
}
_EMPTY = {  # kind of record → what its files without rows say, taken at their word
    "incidents": "Every student counts as having no incidents.",
    "results": "Grades, failing courses and late grades are unknown.",
}
LEARNING = {  # learning file → what it is needed for, in the order of a bundle
    "skills": "mastery, next skills, suggested resources, the study plan",
    "items": "mastery, next skills",
    "interactions": "mastery, next skills",
    "resources": "suggested resources, the Resources page",
    "ratings": "suggestions by what students liked",
    "study_sessions": "the study plan",
    "learners": "the study plan: how long a student can focus",
    "programs": "the college outlook",
    "applications": "the college outlook",
}


@dataclass(frozen=True)
class LearningFile:
    """A file of learning records: what stands of it, and what needs it."""

    file: str
    needed_for: str
    n_rows: int | None = None  # None: it never came
    students: int | None = None  # that its rows are about; None: it is about none
    newest: date | None = None  # the day of its newest record; None: its records have no day


@dataclass(frozen=True)
class Missing:
    """Something that was never imported, or has no rows, and what that switches off."""

    what: str
    consequence: str


def imports(viewer: Viewer, district: District) -> pa.Table:
    """The last imports, newest first."""
    _steward(viewer)
    return district.ask("imports")


def files(viewer: Viewer, district: District) -> pa.Table:
    """Rows read, imported and rejected of every file of the last import."""
    _steward(viewer)
    return district.ask("import_files")


def rejecting_imports(viewer: Viewer, district: District) -> list[rejects.Import]:
    """The imports whose rejected rows are kept, including refused imports, newest first."""
    _steward(viewer)
    return rejects.imports(district.settings)


def reject_reasons(viewer: Viewer, district: District, import_id: str | None = None) -> pa.Table:
    """The reasons with the most rejected rows, by file and column, MOST_REASONS of them.

    import_id: one of `rejecting_imports`; the last import unless given.
    """
    _steward(viewer)
    return _ask_rejects(district, "reject_reasons", import_id, {"most": MOST_REASONS})


def rejected_rows(viewer: Viewer, district: District, import_id: str | None = None) -> pa.Table:
    """The rejected rows of an import, to fix at the source.

    The original lines may name any student, so only viewers who may see every student get them.
    import_id: one of `rejecting_imports`; the last import unless given.
    Raises MissingError when its rows are no longer kept.
    """
    _steward(viewer)
    given = {"with_lines": sees_lines(viewer)}
    return _ask_rejects(district, "rejects", import_id, given)


def _ask_rejects(
    district: District, name: str, import_id: str | None, given: dict[str, Any]
) -> pa.Table:
    """Run a query on the table `rejects` of the warehouse, or of an import that is kept."""
    if import_id is None:
        return district.ask(name, given)
    with duckdb.connect() as con:
        con.register("rejects", rejects.read(district.settings, import_id))
        return sql.table(con, f"queries/sql/{name}", given)


def sees_lines(viewer: Viewer) -> bool:
    """Whether the viewer gets the original lines: a row may belong to several students."""
    return "district" in viewer.roles


def findings(viewer: Viewer, district: District) -> list[Finding]:
    """The quality checks, those with the most findings first."""
    _steward(viewer)
    with access.cursor(district.con) as cursor:
        return quality.check(cursor, district.as_of)


def missing(viewer: Viewer, district: District) -> list[Missing]:
    """What was never imported, and what that switches off."""
    _steward(viewer)
    lacking = [
        Missing(kind, f"not imported. Unknown, not zero: {off}.")
        for kind, off in _SWITCHED_OFF.items()
        if kind not in district.known
    ]
    for row in district.rows("empty_records"):
        words = f"imported, but always empty. {_EMPTY[row['kind']]}"
        lacking.append(Missing(row["kind"], words))
    absent = {row["file"] for row in district.rows("import_files") if not row["present"]}
    files = [name for name in _FILES if name in absent]
    return lacking + [Missing(name, f"not imported. {_FILES[name]}") for name in files]


def learning_files(viewer: Viewer, district: District) -> list[LearningFile]:
    """The nine files of learning records."""
    _steward(viewer)
    held = {row["file"]: row for row in district.rows("learning_files")}
    return [
        LearningFile(name, use, **{k: v for k, v in held.get(name, {}).items() if k != "file"})
        for name, use in LEARNING.items()
    ]


def silent_feeds(viewer: Viewer, district: District) -> list[dict[str, Any]]:
    """Every time a school sent no attendance for longer than the district allows."""
    _steward(viewer)
    return district.rows("silent_feeds", {"as_of": district.as_of})


def unsent(viewer: Viewer, district: District) -> list[dict[str, Any]]:
    """Schools that are known not to send a kind of record: school, kind, and words about it."""
    _steward(viewer)
    rows = district.rows("unsent", {"week_start": district.week_start})
    return [
        {**row, "words": UNSENT[row["kind"]].words}
        for row in rows
        if UNSENT[row["kind"]].needs in district.known
    ]


def silent_marks(viewer: Viewer, district: District) -> list[SilentMarks]:
    """Schools whose last grade is at least quality.SILENT_MARKS school days old."""
    _steward(viewer)
    with access.cursor(district.con) as cursor:
        return quality.silent_marks(cursor, district.as_of)


def can_undo(viewer: Viewer, district: District) -> bool:
    """Whether there is an earlier warehouse to go back to."""
    _steward(viewer)
    return snapshots.has_previous(district.settings)


def _steward(viewer: Viewer) -> None:
    if "steward" not in viewer.roles:
        raise AccessError("Page not found, or you don't have access.")
