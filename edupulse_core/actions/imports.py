"""Imports and what is done with them: publish, take back, write out what was set aside."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from edupulse_core.actions.noting import note, note_export
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.store import districts
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import exports, ingest, rejects, snapshots

Progress = Callable[[str, int, int], None]


def import_bundle(
    settings: Settings, path: Path, *, dry_run: bool = False, progress: Progress | None = None
) -> ingest.Summary:
    """Import a district's bundle and note in the store whose it was.

    Raises RefusedError when it would mix a demo district with a real one.
    """
    store = open_store(settings)
    note_whose(settings, store)
    try:
        refuse_mixing(store, is_demo=ingest.is_demo(settings, path), found=path.name)
        summary = ingest.ingest(settings, path, dry_run=dry_run, progress=progress)
    except RefusedError as refusal:
        if refusal.gate and not dry_run:
            note(store, "refused import", path.name, {"gate": refusal.gate, **refusal.counts})
        raise
    if not dry_run:
        note_whose(settings, store)
        told = summary.as_json()
        told = {key: told[key] for key in ("published", "files", "rejects")}
        note(store, "import", path.name, told)
    return summary


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
    here, there = ("a real district", "the demo") if is_demo else ("the demo", "a real district")
    if districts.any_real(store) if is_demo else districts.any_demo(store):
        raise RefusedError(
            f"this home holds {here} and {found} is {there}: they never share one; "
            "give it a home of its own with EDUPULSE_HOME",
            gate="demo and real",
        )


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
    note_export(open_store(settings), "rejected rows", out, n)
    return n


def undo_import(settings: Settings) -> str:
    """Point back at the warehouse before the last import; returns its version."""
    store = open_store(settings)
    store.check_writable()  # what cannot be noted is not done
    snapshot = snapshots.undo(settings)
    note(store, "undo import", snapshot.version)
    return snapshot.version
