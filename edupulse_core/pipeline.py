"""What the operator's commands do, each noted in the audit; the demo, set up in one go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, ModelError, RefusedError
from edupulse_core.features import build as features
from edupulse_core.features import export
from edupulse_core.inference import forms, health, importance, student
from edupulse_core.inference.engine import load
from edupulse_core.inference.export import write_scores
from edupulse_core.inference.score import ScoreRun, newest_weeks, score, sunday
from edupulse_core.lifecycle import registry
from edupulse_core.lifecycle.registry import active_version
from edupulse_core.models.family import family_named
from edupulse_core.people import trail
from edupulse_core.store import audit, districts, predictions
from edupulse_core.store.audit import OPERATOR
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import demo, exports, ingest, rejects, snapshots

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Built:
    """The file of every student-week's features."""

    path: Path
    ended_on: date | None  # the Sunday of their last week; None: the data's own


def import_bundle(
    settings: Settings, path: Path, *, dry_run: bool = False, progress: Progress | None = None
) -> ingest.Summary:
    """Import a district's bundle and note in the store whose it was.

    Raises RefusedError when it would mix a demo district with a real one.
    """
    store = open_store(settings)
    _note_import(settings, store)
    try:
        _refuse_mixing(store, is_demo=ingest.is_demo(settings, path), found=path.name)
        summary = ingest.ingest(settings, path, dry_run=dry_run, progress=progress)
    except RefusedError as refusal:
        if refusal.gate and not dry_run:
            _note(store, "refused import", path.name, {"gate": refusal.gate, **refusal.counts})
        raise
    if not dry_run:
        _note_import(settings, store)
        told = summary.as_json()
        told = {key: told[key] for key in ("published", "files", "rejects")}
        _note(store, "import", path.name, told)
    return summary


def _note(store: Store, action: str, subject: str, details: dict[str, Any] | None = None) -> None:
    """What the operator did, in the audit."""
    audit.record(
        store, actor=OPERATOR, role=OPERATOR, action=action, subject=subject, details=details
    )


def _note_import(settings: Settings, store: Store) -> None:
    """Tell the store whose data stand, also where a kill came between publishing and telling."""
    try:
        with snapshots.connect(settings) as warehouse:
            rows = warehouse.execute("select district, is_demo from imports").fetchall()
    except MissingError:
        return
    seen = {True: districts.any_demo(store), False: districts.any_real(store)}
    for district, is_demo in rows:
        if not seen[is_demo]:
            districts.note_import(store, district, is_demo)
            seen[is_demo] = True


def _refuse_mixing(store: Store, *, is_demo: bool, found: str) -> None:
    here, there = ("a real district", "the demo") if is_demo else ("the demo", "a real district")
    if districts.any_real(store) if is_demo else districts.any_demo(store):
        raise RefusedError(
            f"this home holds {here} and {found} is {there}: they never share one; "
            "give it a home of its own with EDUPULSE_HOME",
            gate="demo and real",
        )


def score_week(
    settings: Settings, *, as_of: date | None = None, progress: Progress | None = None
) -> ScoreRun:
    """Score every student enrolled in the as-of week with the active version."""
    snapshot = snapshots.current(settings)
    features.ensure(settings, snapshot)
    engine = load(active_version(settings, "risk"), form=settings.inference_form)
    run = score(settings, engine, snapshot, as_of=as_of, progress=progress)
    _note(
        open_store(settings),
        "score",
        engine.version,
        {"as_of": run.as_of.isoformat(), "students": len(run.rows)},
    )
    return run


def build_features(
    settings: Settings, *, as_of: date | None = None, progress: Progress | None = None
) -> Built:
    """Build the features, or find them built; those of an earlier day are built anew.

    Raises MissingError for a day before the end of the first week.
    """
    snapshot = snapshots.current(settings)
    whole = features.ensure(settings, snapshot, progress=progress)
    if as_of is None:
        return Built(whole, None)
    with snapshots.connect(settings, snapshot, features=True) as con:
        ended_on = sunday(newest_weeks(con, as_of)[0])
    path = features.build(settings, snapshot, as_of=as_of, progress=progress)
    return Built(path, ended_on)


def export_features(settings: Settings, built: Built, out: Path, *, labels: bool = False) -> int:
    """Write every student's features to a file; returns the number of rows."""
    store = open_store(settings)
    rows = export.export(settings, built.path, out, labels=labels)
    _note_export(store, "features", out, rows)
    return rows


def export_scores(settings: Settings, run: ScoreRun, out: Path) -> None:
    """Write a run's scores to a file."""
    store = open_store(settings)
    write_scores(run, out)
    _note_export(store, "scores", out, len(run.rows))


def _note_export(store: Store, what: str, out: Path, rows: int) -> None:
    _note(store, trail.EXPORT, what, {"file": out.name, "rows": rows})


def export_rejects(settings: Settings, out: Path, import_id: str | None = None) -> int:
    """Write the rows that an import rejected, the latest that did unless named, to a file."""
    with rejects.rows(settings, import_id) as found:
        schema = rejects.quoting(found.schema_arrow.remove_metadata().empty_table()).schema
        batches = (
            batch
            for read in found.iter_batches()
            for batch in rejects.quoting(pa.Table.from_batches([read])).to_batches()
        )
        n = exports.write_table(schema, batches, out)
    _note_export(open_store(settings), "rejected rows", out, n)
    return n


def nightly(
    settings: Settings,
    path: Path,
    *,
    progress: Progress | None = None,
    on_import: Callable[[ingest.Summary], None] | None = None,
) -> tuple[ingest.Summary, ScoreRun]:
    """The night: import a bundle, build its features, score its last week.

    on_import: called once the import is published, whatever becomes of the scores.
    """
    imported = import_bundle(settings, path, progress=progress)
    if on_import is not None:
        on_import(imported)
    return imported, score_week(settings, progress=progress)


def setup_demo(
    settings: Settings, *, students: int = 1200, progress: Progress | None = None
) -> bool:
    """Write, import and score the demo district, unless this home already has data.

    Returns whether it was built. Raises RefusedError in a home that has seen a real district.
    """
    store = open_store(settings)
    _note_import(settings, store)
    _refuse_mixing(store, is_demo=True, found="the demo")
    is_missing = not _is_imported(settings)
    if is_missing:
        bundle = settings.data / "demo"
        demo.write(bundle, students=students, truth=False, progress=progress)
        import_bundle(settings, bundle, progress=progress)
    if predictions.latest_run(store) is None:
        score_week(settings, progress=progress)
    return is_missing


def _is_imported(settings: Settings) -> bool:
    try:
        snapshots.current(settings)
    except MissingError:
        return False
    return True


def undo_import(settings: Settings) -> str:
    """Point back at the warehouse before the last import; returns its version."""
    store = open_store(settings)
    store.check_writable()  # what cannot be noted is not done
    snapshot = snapshots.undo(settings)
    _note(store, "undo import", snapshot.version)
    return snapshot.version


def why_no_scores(settings: Settings, *, progress: Progress | None = None) -> list[str]:
    """Why the pages show no score now, in their sentences; empty where they show them."""
    try:
        snapshot = snapshots.current(settings)
        features.ensure(settings, snapshot, progress=progress)
        with snapshots.connect(settings, snapshot, features=True) as con:
            end = features.as_of(con)
    except InputError as error:
        return [f"No score can be shown: {error}."]
    try:
        folder = active_version(settings, "risk")
    except (MissingError, ModelError) as error:
        return [health.unusable(error)]
    return health.check(settings, open_store(settings), snapshot, folder, data_end=end)


def explain_student(
    settings: Settings, student_id: str, *, as_of: date | None = None
) -> dict[str, Any]:
    """Why the active version gives a student the score that it does, for the operator."""
    snapshot = snapshots.current(settings)
    features.ensure(settings, snapshot)
    folder = active_version(settings, "risk")
    found = student.explain_student(settings, folder, snapshot, student_id, as_of=as_of)
    _note(open_store(settings), "explain", student_id, {"as_of": found.as_of.isoformat()})
    return found.as_json()


def train_version(
    settings: Settings,
    family: str,
    *,
    ship: str = "",
    weights: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train and register a version; returns its metrics.

    ship: a name, to make the shipped version again on simulated districts instead.  weights: the
    version whose trained network it then takes, so that only calibration and bands are new.
    """
    from edupulse_core.lifecycle import retraining, shipping

    name = family_named(family).name
    if ship:
        taken = registry.version_folder(settings, name, weights) if weights else None
        metrics = shipping.ship(settings, ship, weights=taken, progress=progress)
    else:
        metrics = retraining.train_risk(settings, progress=progress)
    forms.export(Path(metrics["folder"]))
    _note(open_store(settings), "train", f"{name} {metrics['version']}")
    return metrics


def evaluate_version(
    settings: Settings,
    family: str,
    version: str | None = None,
    *,
    truth: Path | None = None,
    html: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Held-out metrics, calibration, bands, fairness and importance of a version.

    The report is kept: a district's list trusts a version that was evaluated on its own weeks. So
    is its page, with the benchmarks, in `html` or beside it; the result names it under "html".
    """
    from edupulse_core.lifecycle import benchmarks, evaluations, retraining

    name = family_named(family).name
    open_store(settings).check_writable()
    evaluations.check_places(settings, name, html)
    report = retraining.evaluate_risk(settings, version, truth=truth, progress=progress)
    engine = load(registry.version_folder(settings, name, report["version"]))
    with retraining.step(progress, "importance"):
        with snapshots.connect(settings, features=True) as con:
            rows = importance.read(con, min_history=settings.outcomes.min_history_weeks)
        report["importance"] = importance.importance(engine, rows)
    evaluations.keep(settings, name, report)
    measured = benchmarks.kept(settings, name, report["version"])
    page = evaluations.write_page(settings, name, report | {"benchmarks": measured}, html)
    _note(
        open_store(settings),
        "evaluate",
        f"{name} {report['version']}",
        {
            "evaluated_on": report["evaluated_on"],
            "groups": sorted(report["calibration"]["groups"]),
            "rows": report["rows"],
            "page": page.name,
        },
    )
    return report | {"html": str(page)}


def activate_version(settings: Settings, family: str, version: str) -> None:
    """Serve a version from now on."""
    registry.activate(settings, family_named(family).name, version)
