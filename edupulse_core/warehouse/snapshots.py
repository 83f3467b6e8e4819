"""Published warehouses: files that never change, and a small pointer to the current one."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, RefusedError

PICTURES = ".pictures.npy"  # the end of a file of heatmaps, which goes with its snapshot
NOTHING_BEFORE = (
    "there is no earlier import to go back to: import the right bundle with "
    "`edupulse ingest BUNDLE --replace`, or begin with a new home (EDUPULSE_HOME)"
)
_UNFINISHED = "unfinished-"
_A_DAY = 86_400  # seconds
_STAMP = "%Y%m%dT%H%M%S%f"

Publishing = Callable[[str], AbstractContextManager[object]]  # around what makes a version current


@dataclass(frozen=True)
class Snapshot:
    """One published warehouse; its files never change."""

    version: str
    path: Path
    features_path: Path


def version_of(sequence: int, at: datetime, fingerprint: str) -> str:
    """The name of an import: its number, when it began (UTC), and what was in it."""
    return f"{sequence:06d}-{at.strftime(_STAMP)}-{fingerprint[:8]}"


def is_of(version: str, fingerprint: str) -> bool:
    """Whether a version's name is that of an import of these files; True for a few others too."""
    return version.endswith(f"-{fingerprint[:8]}")


def sequence_of(version: str) -> int:
    """The number of the import of this version; 0 for one from before imports had numbers."""
    number, *rest = version.split("-")
    return int(number) if len(rest) > 1 else 0


def moment_of(version: str) -> datetime:
    """When the import of this version began (UTC), by the machine's clock then."""
    return datetime.strptime(version.split("-")[-2], _STAMP).replace(tzinfo=UTC)


def next_sequence(settings: Settings) -> int:
    """The number of an import that begins now: one more than any that this home remembers.

    Imports are ordered by it and never by a clock, which may have been wrong for a night.
    """
    pointer = _pointer(settings)
    known = [] if pointer is None else [pointer.version, *pointer.previous, *pointer.undone]
    known += [path.stem for path in rejects_folder(settings).glob("*.parquet")]
    return 1 + max(map(sequence_of, known), default=0)


def folder(settings: Settings) -> Path:
    """The folder of this home's snapshots."""
    return settings.published.parent


def rejects_folder(settings: Settings) -> Path:
    """The folder of rejected rows, with one file for each import."""
    return folder(settings) / "rejects"


def current(settings: Settings) -> Snapshot:
    """The current warehouse.

    Raises MissingError before the first import, InputError if the pointer is damaged.
    """
    pointer = _pointer(settings)
    if pointer is None:
        raise MissingError("nothing was imported yet: run `edupulse ingest PATH` first")
    snapshot = _snapshot(settings, pointer.version)
    if not snapshot.path.exists():
        raise MissingError(f"{snapshot.path} is gone: run `edupulse ingest PATH` again")
    return snapshot


def connect(
    settings: Settings, snapshot: Snapshot | None = None, *, features: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a snapshot read-only, next to an in-memory database that can be written.

    A table name is looked up in memory, then in the warehouse, then in the features.
    Raises MissingError if there is no import or no features yet, InputError if the file is
    damaged.
    """
    snapshot = snapshot or current(settings)
    names = ["memory.main", "warehouse.main"]
    con = duckdb.connect()
    limit(con, settings)
    attach(con, snapshot.path)
    if features:
        if not snapshot.features_path.exists():
            raise MissingError("the features are not built yet: run `edupulse features`")
        _attach_features(con, snapshot.features_path)
        names.append("features.main")
    con.execute("set search_path = $names", {"names": ",".join(names)})
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def attach(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach a file as `warehouse`, read-only.

    Raises InputError if it is damaged or no warehouse, RefusedError while another program writes
    to it.
    """
    try:
        if not files.is_whole(path):
            raise _damaged(path)
        with _naming_the_holder(path):
            con.execute("attach $path as warehouse (read_only)", {"path": str(path)})
    except duckdb.Error:
        raise _damaged(path) from None


def _attach_features(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        with _naming_the_holder(path):
            con.execute("attach $path as features (read_only)", {"path": str(path)})
    except duckdb.Error:
        raise InputError(f"{path} is damaged: run `edupulse features` to build it again") from None


@contextmanager
def _naming_the_holder(path: Path) -> Iterator[None]:
    """Raise RefusedError if a file is not damaged but locked by another program."""
    try:
        yield
    except duckdb.IOException as error:
        said = str(error)
        if "Could not set lock" in said or "being used by another process" in said:
            raise RefusedError(
                f"another program has {path} open for writing: close that program, then try again; "
                "nothing was changed"
            ) from None
        raise


def _damaged(path: Path) -> InputError:
    beside = path.parent / "current.json"
    try:
        pointer = _read_pointer(beside) if path.suffix == ".duckdb" else None
    except InputError:
        pointer = None
    stands = pointer and path.stem == pointer.version
    if pointer and stands and pointer.previous and pointer.previous[-1] != pointer.version:
        return InputError(
            f"{path} is damaged: run `edupulse undo` to go back to the previous import, "
            "then import this one again"
        )
    return InputError(
        f"{path} is damaged: move {path.parent} away, import everything again with "
        "`edupulse ingest`, then run `edupulse score`"
    )


def limit(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Limit a connection to the memory and threads in the settings."""
    con.execute("set memory_limit = $limit", {"limit": settings.memory_limit})
    con.execute("set threads = $threads", {"threads": settings.threads})
    con.execute("set enable_progress_bar = false")


@contextmanager
def importing(settings: Settings) -> Iterator[Path]:
    """Be the only import in this home; yields a folder to work in.

    First removes what a killed import left behind. Raises RefusedError while another one runs.
    """
    settings.make_home()
    home = folder(settings)
    home.mkdir(exist_ok=True)
    refusal = "another import is running in this home; wait until it is done"
    with files.alone(home / "import.lock", refusal):
        _sweep(settings)
        work = home / f"{_UNFINISHED}{uuid4().hex}"
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def publish(settings: Settings, tmp: Path, version: str) -> Snapshot:
    """Make a finished file the current warehouse; at any moment it is either the old or the new."""
    snapshot = _snapshot(settings, version)
    _check(tmp)
    files.seal(tmp, snapshot.path)
    files.place(tmp, snapshot.path)
    pointer = _pointer(settings)
    previous = () if pointer is None else (*pointer.previous, pointer.version)
    kept = previous[-settings.imports.keep_snapshots :]
    _point(settings, _Pointer(version, kept, undone(settings)))
    return snapshot


def has_previous(settings: Settings) -> bool:
    """Whether there is a warehouse to go back to."""
    pointer = _pointer(settings)
    return pointer is not None and bool(pointer.previous)


def undone(settings: Settings) -> tuple[str, ...]:
    """The versions that were undone; scores made from their data no longer count."""
    pointer = _pointer(settings)
    return () if pointer is None else pointer.undone


def undo(
    settings: Settings, expected: str | None = None, *, publishing: Publishing = nullcontext
) -> Snapshot:
    """Go back to the warehouse before the last import.

    expected: the version to undo; raises RefusedError if another one is current by now.
    publishing: entered, with the version before, while that becomes current.
    Raises MissingError if there is nothing to go back to.
    """
    with importing(settings):
        pointer = _pointer(settings)
        if pointer is None or not pointer.previous:
            raise MissingError(NOTHING_BEFORE)
        if expected is not None and pointer.version != expected:
            raise RefusedError("another import has come in since: look at it before you undo it")
        snapshot = _snapshot(settings, pointer.previous[-1])
        _check(snapshot.path)
        gone = (*pointer.undone, pointer.version)
        with publishing(snapshot.version):
            _point(settings, _Pointer(snapshot.version, pointer.previous[:-1], gone))
    return snapshot


def _snapshot(settings: Settings, version: str) -> Snapshot:
    home = folder(settings)
    return Snapshot(version, home / f"{version}.duckdb", home / f"{version}.features.duckdb")


@dataclass(frozen=True)
class _Pointer:
    """The content of `current.json`."""

    version: str
    previous: tuple[str, ...]  # latest last
    undone: tuple[str, ...]  # every version that was undone; not those that only got old


def _pointer(settings: Settings) -> _Pointer | None:
    return _read_pointer(settings.published)


def _read_pointer(path: Path) -> _Pointer | None:
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        previous, gone = found["previous"], found.get("undone", ())  # older homes note none
        pointer = _Pointer(found["version"], tuple(previous), tuple(gone))
    except (ValueError, LookupError, TypeError):
        raise _damaged(path) from None
    if not all(
        isinstance(each, str) for each in (pointer.version, *pointer.previous, *pointer.undone)
    ):
        raise _damaged(path)
    return pointer


def _point(settings: Settings, pointer: _Pointer) -> None:
    files.write(settings.published, json.dumps(asdict(pointer)))


def _check(path: Path) -> None:
    """Open a snapshot once, the way its readers will."""
    con = duckdb.connect()
    try:
        attach(con, path)
        con.execute("select count(*) from warehouse.imports").fetchall()
    finally:
        con.close()


def _sweep(settings: Settings) -> None:
    """Remove files that the pointer does not name: killed imports, undone and old snapshots."""
    pointer = _pointer(settings)
    keep = set() if pointer is None else {pointer.version, *pointer.previous}
    for path in folder(settings).iterdir():
        if path.name.startswith((_UNFINISHED, f".{settings.published.name}.")):
            _remove(path)
        elif files.UNFINISHED in path.name:
            if _is_old(path):  # from a killed features build; a younger one may still be running
                _remove(path)
        elif path.name.split(".")[0] not in keep and (
            ".duckdb" in path.name or PICTURES in path.name
        ):
            _remove(path)


def _is_old(path: Path) -> bool:
    """Whether a file is a day old; False if it is gone by now."""
    try:
        return path.stat().st_mtime < time.time() - _A_DAY
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
