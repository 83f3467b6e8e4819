"""Imports and what is done with them: publish, take back, write out what was set aside."""

from functools import partial
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, MissingError, RefusedError
from edupulse_core.people import trail
from edupulse_core.people.actor import NOT_YOURS, Actor
from edupulse_core.progress import Progress
from edupulse_core.queries import data
from edupulse_core.queries.district import District
from edupulse_core.store import districts
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import exports, ingest, rejects, snapshots
from edupulse_core.warehouse.oneroster import Manifest

MOST_SHOWN = 20  # rejected rows on a page; the file has them all


def import_bundle(
    actor: Actor,
    settings: Settings,
    path: Path,
    *,
    dry_run: bool = False,
    replace: bool = False,
    progress: Progress | None = None,
) -> ingest.Summary:
    """Import a district's bundle and note in the store whose it was.

    replace: take it even if much of what stands would be lost.
    Raises RefusedError when it would mix a demo district with a real one.
    """
    actor.require("steward")
    store = open_store(settings)
    admit = partial(_admit, store, path.name)
    if dry_run:
        note_whose(settings, store)
        return ingest.ingest(
            settings, path, dry_run=True, replace=replace, admit=admit, progress=progress
        )
    with trail.act(settings, actor, trail.IMPORT, path.name, pointer=settings.published) as act:
        note_whose(settings, store)
        try:
            summary = ingest.ingest(
                settings,
                path,
                replace=replace,
                admit=admit,
                publishing=act.publishing,
                progress=progress,
            )
        except RefusedError as refusal:
            if refusal.gate:
                act.failed = trail.REFUSED_IMPORT
                act.details = {"gate": refusal.gate, **refusal.counts}
            raise
        note_whose(settings, store)
        told = summary.as_json()
        act.details = {key: told[key] for key in ("published", "files", "rejects")}
        act.details["replace"] = replace
    return summary


def _admit(store: Store, bundle: str, manifest: Manifest) -> None:
    refuse_mixing(store, is_demo=manifest.is_demo, found=bundle)


def note_whose(settings: Settings, store: Store) -> None:
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


def refuse_mixing(store: Store, *, is_demo: bool, found: str) -> None:
    """Raise RefusedError where a demo district and a real one would share a home."""
    here, what = ("a real district", "a demo") if is_demo else ("the demo", "a real district")
    if districts.any_real(store) if is_demo else districts.any_demo(store):
        named = found if found == what else f"{found} ({what})"
        raise RefusedError(
            f"this home holds {here}, so it cannot take {named}: a demo and a real district never "
            "share a home; set EDUPULSE_HOME to another folder",
            gate="demo and real",
        )


def export_rejects(
    actor: Actor, settings: Settings, out: Path, import_id: str | None = None
) -> int:
    """Write the rows that an import rejected, the latest that did unless named, to a file."""
    actor.require()
    details = {"file": out.name}
    with (
        rejects.rows(settings, import_id) as found,
        trail.act(settings, actor, trail.EXPORT, "rejected rows", details=details) as act,
    ):
        schema = found.schema_arrow.remove_metadata()
        act.details["rows"] = exports.write_table(schema, found.iter_batches(), out)
    return int(act.details["rows"])


def show_rejects(
    actor: Actor, district: District, import_id: str | None = None
) -> list[dict[str, Any]]:
    """The first rows that an import rejected, with the values found, for those who may see them."""
    viewer = actor.looking()
    if not data.sees_lines(viewer):
        raise AccessError(NOT_YOURS)
    rows = data.rejected_rows(viewer, district, import_id).slice(0, MOST_SHOWN)
    details = {"rows": len(rows), "import": import_id or district.snapshot.version}
    trail.note(district.settings, actor, trail.VIEW_REJECTS, "rejected rows", details)
    return list(rows.drop_columns(["raw"]).to_pylist())


def download_rejects(actor: Actor, district: District, import_id: str | None = None) -> bytes:
    """The rows that an import rejected, the shown one unless named, as harmless CSV."""
    viewer = actor.looking()
    rows = data.rejected_rows(viewer, district, import_id)
    details = {
        "rows": len(rows),
        "with_lines": data.sees_lines(viewer),
        "import": import_id or district.snapshot.version,
    }
    trail.note(district.settings, actor, trail.DOWNLOAD_REJECTS, "rejected rows", details)
    lines = (list(row.values()) for row in rows.to_pylist())
    return exports.write_csv(rows.column_names, lines).encode("utf-8-sig")


def undo_import(actor: Actor, settings: Settings, *, shown: str | None = None) -> str:
    """Point back at the warehouse before the last import; returns its version.

    shown: the version that the actor means to take back; the newest unless given.
    Raises RefusedError where another stands by now, ConfigError where it could not be noted.
    """
    actor.require("steward")
    taken = shown or snapshots.current(settings).version
    with trail.act(settings, actor, trail.UNDO_IMPORT, taken, pointer=settings.published) as act:
        act.failed = trail.REFUSED_UNDO
        now = snapshots.undo(settings, expected=taken, publishing=act.publishing)
        act.details = {"now": now.version}
    return now.version
