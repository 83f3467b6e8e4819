"""The import: read a bundle, check every row, publish the result as a new warehouse."""

import dataclasses
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from edupulse_core import sql
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError, SourceError
from edupulse_core.progress import Progress
from edupulse_core.warehouse import bundles, losses, rejects, snapshots
from edupulse_core.warehouse.bundles import TextFile, read_bundle
from edupulse_core.warehouse.loading import Bundle, check_same_tables, fill
from edupulse_core.warehouse.oneroster import FILES, Manifest, read_manifest
from edupulse_core.warehouse.rejects import Place

TOO_LATE = "after the day of the import"


@dataclass(frozen=True)
class Summary:
    """What an import read, rejected and published."""

    files: dict[str, dict[str, int]]  # name → read, imported, rejected
    rejects: dict[str, int]  # reason → rows, most first; reasons quote nothing from the files
    students: int
    weeks: int
    published: str | None  # the version that stands now; None: a dry run
    notes: list[str] = field(default_factory=list)  # sentences for people
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
        }


def is_demo(settings: Settings, path: Path) -> bool:
    """Whether a bundle calls itself the demo district."""
    with TemporaryDirectory() as work:
        texts = read_bundle(path, Path(work), settings.imports, names=("manifest",))
        found = texts.get("manifest")
        return read_manifest(found.path if found else None).is_demo


def ingest(
    settings: Settings,
    path: Path,
    *,
    dry_run: bool = False,
    replace: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Import a bundle and publish it, unless `dry_run`.

    replace: take it even if much of what stands would be lost.
    progress: called with a file's name, how many of its rows are done, and how many it has.
    Raises SourceError for a file that is not what it claims to be and RefusedError for too many
    rejected rows or too much loss; in both cases the published warehouse stays as it was.
    Rejected rows are kept, except in a dry run.
    """
    with snapshots.importing(settings) as work:
        texts = read_bundle(path, work, settings.imports, progress=progress)
        fingerprint = _fingerprint(settings, texts)
        manifest = _manifest(texts)
        earlier = _earlier(settings)
        _check_complete(texts, manifest, is_first=earlier is None)
        unread = [
            f"{name} was not read: no file of a bundle has that name."
            for name in bundles.unread(path)
        ]
        if earlier is not None:
            check_same_tables(earlier)
        if earlier is not None and not dry_run:
            standing = _unchanged(settings, earlier, fingerprint)
            if standing is not None:
                rejects.prune(settings)
                notes = [*standing.notes, *unread]
                return dataclasses.replace(standing, notes=notes, is_demo=manifest.is_demo)
        target = work / "warehouse.duckdb"
        sequence = snapshots.next_sequence(settings)
        bundle = Bundle(path.name, texts, manifest, fingerprint, datetime.now(UTC), sequence)
        try:
            report = progress or _quiet
            filled = fill(settings, bundle, earlier, target, work, report, replace=replace)
        except RefusedError as refusal:
            if dry_run:
                _name_rows(refusal, bundle.rejected(work), texts)
                raise
            raise _with_rejects_kept(settings, refusal, bundle.rejected(work)) from None
        examples = rejects.examples(bundle.rejected(work)) if dry_run else []
        if not dry_run:
            rejects.keep(settings, bundle.rejected(work))
            snapshots.publish(settings, target, bundle.version)
            rejects.prune(settings)
    return Summary(
        files={name: counts.as_dict() for name, counts in filled.files.items()},
        rejects=dict(filled.rejects.most_common()),
        students=filled.students,
        weeks=filled.weeks,
        published=None if dry_run else bundle.version,
        notes=[*unread, *filled.notes],
        is_demo=manifest.is_demo,
        examples=examples,
    )


def _with_rejects_kept(settings: Settings, refusal: RefusedError, rejected: Path) -> RefusedError:
    """Keep the rejected rows of a refused import; the refusal then says how to get them."""
    if not rejects.keep(settings, rejected):
        return refusal
    rejects.prune(settings)
    if refusal.gate == losses.GATE:
        return refusal
    return RefusedError(
        f"{refusal}; `edupulse rejects --out FILE` writes these rows",
        gate=refusal.gate,
        counts=refusal.counts,
    )


def _name_rows(refusal: RefusedError, rejected: Path, texts: dict[str, TextFile]) -> None:
    """Raise a dry run's refusal again, naming some of the rows that caused it."""
    file = refusal.counts.get("file")
    places = [each for each in rejects.examples(rejected) if texts[each.file].file == file]
    if places:
        words = ", ".join(f"row {at.row}" + f" ({at.column})" * bool(at.column) for at in places)
        raise RefusedError(
            f"{refusal}; for example {words}", gate=refusal.gate, counts=refusal.counts
        ) from None


def _quiet(name: str, done: int, total: int) -> None:
    """Report nothing."""


def _manifest(texts: dict[str, TextFile]) -> Manifest:
    found = texts.pop("manifest", None)
    manifest = read_manifest(found.path if found else None)
    version = manifest.version or ("1.2" if "roles" in texts else "1.1")
    return dataclasses.replace(manifest, version=version)


def _earlier(settings: Settings) -> snapshots.Snapshot | None:
    try:
        return snapshots.current(settings)
    except MissingError:
        return None


def _check_complete(texts: dict[str, TextFile], manifest: Manifest, *, is_first: bool) -> None:
    """Raise SourceError if a required file is missing."""
    for file in FILES:
        way = manifest.ways.get(file.name)
        needed = file.is_needed or (file.name == "roles" and manifest.version == "1.2")
        if file.name in texts and way != "absent":
            continue
        if way in ("bulk", "delta"):
            raise SourceError(f"missing, but manifest.csv says {way}", file=f"{file.name}.csv")
        if is_first and needed and file.name in texts:
            said = f"manifest.csv says it is absent, but it is there: write file.{file.name},bulk"
            raise SourceError(said, file=f"{file.name}.csv")
        if is_first and needed:
            raise SourceError("missing from the bundle", file=f"{file.name}.csv")


def _fingerprint(settings: Settings, texts: dict[str, TextFile]) -> str:
    """A hash that is equal for the same files under the same rules."""
    rules = [settings.imports.max_reject_rate, settings.imports.max_score_ratio]
    told = [settings.attendance.silent_days, *rules, sql.load("warehouse/sql/schema")]
    files = sorted((name, text.digest) for name, text in texts.items())
    return hashlib.sha256(json.dumps([told, files]).encode()).hexdigest()


def _unchanged(
    settings: Settings, snapshot: snapshots.Snapshot, fingerprint: str
) -> Summary | None:
    """The last import's summary, if this import would only repeat it."""
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
    if last[0] != fingerprint or (reasons.get(TOO_LATE) and last[3] != settings.today):
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
    reasons = con.execute("select reason, count(*) from rejects group by reason order by reason")
    return rows, Counter(dict(reasons.fetchall()))
