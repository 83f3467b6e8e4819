"""The import: read a bundle, check every row, publish the result as a new warehouse."""

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, Problem, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import losses, rejects, snapshots
from edupulse_core.warehouse.bundles import Opened, TextFile, read_bundle
from edupulse_core.warehouse.intake import Bundle, Filled
from edupulse_core.warehouse.loading import check_same_tables, fill
from edupulse_core.warehouse.oneroster import (
    Manifest,
    match_columns,
    misspelled,
    needed_columns,
    read_manifest,
    unread_columns,
)
from edupulse_core.warehouse.rejects import Place
from edupulse_core.warehouse.sources import FILES

TOO_LATE = "after the day of the import"


@dataclass(frozen=True)
class Summary:
    """What an import read, rejected and published."""

    files: dict[str, dict[str, int]]  # name → read, imported, rejected
    rejects: dict[str, int]  # file, column and reason → rows, most first; quotes no value
    students: int
    weeks: int
    published: str | None  # the version that stands now; None: a dry run
    notes: list[str] = field(default_factory=list)  # sentences for people
    unread: dict[str, Any] = field(default_factory=dict)  # files and columns that nothing reads
    is_unchanged: bool = False  # the same bundle as last time: that version stays
    is_demo: bool = False  # the bundle says so: sign-in stays off
    examples: list[Place] = field(default_factory=list)  # some rows that a dry run rejects

    def as_json(self) -> dict[str, Any]:
        """What `edupulse ingest --json` prints."""
        return {
            "files": self.files,
            "rejects": self.rejects,
            "students": self.students,
            "weeks": self.weeks,
            "published": self.published,
            "notes": self.notes,
            "unread": self.unread,
        }


def ingest(
    settings: Settings,
    path: Path,
    *,
    dry_run: bool = False,
    replace: bool = False,
    admit: Callable[[Manifest], None] | None = None,
    publishing: snapshots.Publishing = nullcontext,
    progress: Progress | None = None,
) -> Summary:
    """Import a bundle and publish it, unless `dry_run`.

    replace: take it even if much of what stands would be lost.
    admit: raises RefusedError for a bundle that this home must not take.
    publishing: entered, with the new version, while it is published.
    progress: called with a file's name, how many of its rows are done, and how many it has.
    Raises SourceError for files that are not what they claim to be and RefusedError for too many
    rejected rows or too much loss; in both cases the published warehouse stays as it was.
    Rejected rows are kept, except in a dry run.
    """
    with snapshots.importing(settings) as work:
        opened = read_bundle(path, work, settings.imports, progress=progress)
        fingerprint = _fingerprint(settings, opened.texts)
        manifest = _manifest(opened)
        earlier = _earlier(settings)
        _check_complete(opened, manifest, is_first=earlier is None)
        unread = _unread(opened, manifest)
        if admit is not None:
            with _files_first(opened):
                admit(manifest)
        if earlier is not None:
            with _files_first(opened):
                check_same_tables(earlier)
        if earlier is not None and not dry_run and not opened.problems:
            standing = _unchanged(settings, earlier, fingerprint)
            if standing is not None:
                rejects.prune(settings)
                notes = [*standing.notes, *_told(opened)]
                return dataclasses.replace(
                    standing, notes=notes, unread=unread, is_demo=manifest.is_demo
                )
        target = work / "warehouse.duckdb"
        bundle = _bundle(settings, path, opened, manifest, fingerprint)
        with _keeping_rejects(settings, bundle, work, is_kept=not dry_run):
            report = progress or _quiet
            filled = fill(settings, bundle, earlier, target, work, report, replace=replace)
        examples = rejects.examples(bundle.rejected(work)) if dry_run else []
        if not dry_run:
            rejects.keep(settings, bundle.rejected(work))
            with publishing(bundle.version):
                snapshots.publish(settings, target, bundle.version)
            rejects.prune(settings)
    return dataclasses.replace(
        _summary(filled),
        published=None if dry_run else bundle.version,
        notes=[*_told(opened), *filled.notes],
        unread=unread,
        is_demo=manifest.is_demo,
        examples=examples,
    )


def _summary(filled: Filled) -> Summary:
    """What was read and rejected; nothing is published yet."""
    return Summary(
        files={name: counts.as_dict() for name, counts in filled.files.items()},
        rejects=dict(filled.rejects.most_common()),
        students=filled.students,
        weeks=filled.weeks,
        published=None,
    )


@contextmanager
def _files_first(opened: Opened) -> Iterator[None]:
    """Where a gate refuses a bundle whose files cannot be read, say what is wrong with these."""
    try:
        yield
    except RefusedError:
        if opened.problems:
            raise SourceError.of(opened.problems) from None
        raise


def _bundle(
    settings: Settings, path: Path, opened: Opened, manifest: Manifest, fingerprint: str
) -> Bundle:
    return Bundle(
        path.name,
        opened.texts,
        manifest,
        fingerprint,
        datetime.now(UTC),
        snapshots.next_sequence(settings),
        tuple(opened.problems),
        frozenset(opened.broken),
    )


@contextmanager
def _keeping_rejects(
    settings: Settings, bundle: Bundle, work: Path, *, is_kept: bool
) -> Iterator[None]:
    """Keep the rejected rows of a refused import, or where they are not kept, name some of them."""
    try:
        yield
    except RefusedError as refusal:
        if not is_kept and refusal.gate != losses.GATE:
            _name_rows(refusal, bundle.rejected(work), bundle.texts)
        if not is_kept or not rejects.keep(settings, bundle.rejected(work)):
            raise
        rejects.prune(settings)
        if refusal.gate == losses.GATE:
            raise
        raise RefusedError(
            f"{refusal}; `edupulse rejects --out FILE` writes these rows",
            gate=refusal.gate,
            counts=refusal.counts,
            problems=refusal.problems,
        ) from None


def _unread(opened: Opened, manifest: Manifest) -> dict[str, Any]:
    """The files and columns that nothing reads."""
    absent = [text.file for name, text in opened.texts.items() if manifest.way(name) == "absent"]
    columns = {name: unread_columns(text.header, name) for name, text in opened.texts.items()}
    return {
        "files": sorted([*opened.unread, *opened.namesakes.values(), *absent]),
        "columns": {name: found for name, found in columns.items() if found},
    }


def _told(opened: Opened) -> list[str]:
    """A note for each unread file that looks like data, or column that looks like a read one."""
    endings = (".csv", ".csv.gz", ".tsv", ".txt.gz", ".xlsx", ".xls", ".xml", ".zip")
    files = [
        f"{name} was not read: no file of a bundle has that name."
        for name in opened.unread
        if name.lower().endswith(endings)
    ]
    files += [
        f"{name} was not read: it is OneRoster's own list of licensed material."
        for name in opened.namesakes.values()
    ]
    columns = [
        f"{text.file}: the column {found!r} was not read. Did you mean {meant!r}?"
        for name, text in opened.texts.items()
        for found, meant in misspelled(text.header, name)
    ]
    return files + columns


def _name_rows(refusal: RefusedError, rejected: Path, texts: dict[str, TextFile]) -> None:
    """Raise a dry run's refusal again, naming some of the rows that caused it."""
    lines, is_named = [], False
    for line in str(refusal).split("\n"):
        about = {each.file for each in refusal.problems if line.startswith(str(each))}
        places = [each for each in rejects.examples(rejected) if texts[each.file].file in about]
        rows = ", ".join(f"row {at.row}" + f" ({at.column})" * bool(at.column) for at in places)
        lines.append(f"{line}; for example {rows}" if rows else line)
        is_named |= bool(rows)
    if is_named:
        raise RefusedError(
            "\n".join(lines),
            gate=refusal.gate,
            counts=refusal.counts,
            problems=refusal.problems,
        ) from None


def _quiet(name: str, done: int, total: int) -> None:
    """Report nothing."""


def _manifest(opened: Opened) -> Manifest:
    """What the manifest says, as far as it can be read; and which OneRoster that means."""
    manifest = Manifest()
    found = opened.texts.pop("manifest", None)
    with opened.noting("manifest"):
        manifest = read_manifest(found.path if found else None)
    for name in [name for name in opened.wrong if manifest.way(name) == "absent"]:
        opened.forgive(name)
    has_roles = "roles" in opened.texts or "roles" in opened.wrong
    version = manifest.version or ("1.2" if has_roles else "1.1")
    return dataclasses.replace(manifest, version=version)


def _earlier(settings: Settings) -> snapshots.Snapshot | None:
    try:
        return snapshots.current(settings)
    except MissingError:
        return None


def _check_complete(opened: Opened, manifest: Manifest, *, is_first: bool) -> None:
    """Note every required file and column that is missing."""
    for file in FILES:
        text = opened.texts.get(file.name)
        way = manifest.ways.get(file.name)
        problem = ""
        if file.name in opened.broken or "manifest" in opened.broken:
            continue
        if text is not None and way != "absent":
            needed = needed_columns(file, manifest.version)
            for column in needed:
                if column not in match_columns(text.header, file):
                    said = f"column missing; needed: {', '.join(needed)}"
                    opened.note(file.name, (Problem(text.file, said, 1, column),))
            continue
        if way in ("bulk", "delta") and file.name not in opened.namesakes:
            problem = f"missing, but manifest.csv says {way}"
        elif is_first and (file.is_needed or (file.name == "roles" and manifest.version == "1.2")):
            problem = "missing from the bundle"
            if text is not None:
                problem = (
                    f"manifest.csv says it is absent, but it is there: write file.{file.name},bulk"
                )
        if problem:
            opened.note(file.name, (Problem(f"{file.name}.csv", problem),))


def _fingerprint(settings: Settings, texts: dict[str, TextFile]) -> str:
    """A hash that is equal for the same files under the same rules."""
    rules = [settings.imports.max_reject_rate, settings.imports.max_score_ratio]
    silence = [settings.attendance.silent_rows, settings.attendance.silent_days]
    by_school = settings.all_rules.as_json()["by_school"]
    letters = [settings.grades.letters, by_school, settings.not_school]
    told = [*silence, *letters, *rules, settings.time_zone, sql.load("warehouse/sql/schema")]
    files = sorted((name, text.digest) for name, text in texts.items())
    return hashlib.sha256(json.dumps([told, files]).encode()).hexdigest()


def _unchanged(
    settings: Settings, snapshot: snapshots.Snapshot, fingerprint: str
) -> Summary | None:
    """The last import's summary, if this import would only repeat it."""
    if not snapshots.is_of(snapshot.version, fingerprint):
        return None
    with snapshots.connect(settings, snapshot) as con:
        last = con.execute(
            "select fingerprint, students, weeks, import_day from imports "
            "order by sequence desc limit 1"
        ).fetchall()[0]
        files, reasons = _counts(con)
        turns = con.execute(
            "select count(*) from roles "
            "where (begin_date > $last and begin_date <= $today) "
            "or (end_date > $last and end_date <= $today)",
            {"last": last[3], "today": settings.today},
        ).fetchall()[0][0]
    is_late = any(reason.endswith(TOO_LATE) for reason in reasons)
    if last[0] != fingerprint or (is_late and last[3] != settings.today):
        return None
    if turns or settings.today < last[3] or _monday(settings.today) > _monday(last[3]):
        # since then a role began or ended, or a week ended that now gets its rows; or the clock was
        # ahead, and what was taken for past had not happened yet
        return None
    note = f"This is the same bundle as last time: nothing changed, and {snapshot.version} stays."
    counted = files, dict(reasons.most_common()), last[1], last[2]
    return Summary(*counted, snapshot.version, [note], is_unchanged=True)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _counts(
    con: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, dict[str, int]], Counter[str]]:
    files = con.execute("select file, read, imported, rejected from import_files where present")
    rows = {
        name: {"read": read, "imported": imported, "rejected": rejected}
        for name, read, imported, rejected in files.fetchall()
    }
    reasons = con.execute(
        "select file || coalesce('.' || column_name, '') || ': ' || reason as told, count(*) "
        "from rejects group by told order by told"
    )
    return rows, Counter(dict(reasons.fetchall()))
