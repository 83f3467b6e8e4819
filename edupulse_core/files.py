"""Files that appear whole or not at all, and locks that one process holds at a time."""

import json
import os
import shutil
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from edupulse_core.errors import InputError, ModelError, RefusedError

UNFINISHED = ".unfinished"  # the end of a hidden name; a killed process leaves such a file behind
_PART = 1 << 20  # bytes read at a time
LARGEST_TEXT = 1_000_000  # bytes


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a hidden file to write, which takes the place of `path` when the block ends.

    Readers see the old file or the whole new one, never a part. If the block raises, the old one
    stays. The folder is made if it isn't there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{uuid4().hex}{UNFINISHED}")
    try:
        yield half
        place(half, path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a hidden folder to fill, which becomes `path` when the block ends.

    If the block raises, nothing is left. `path` must not exist yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{uuid4().hex}{UNFINISHED}")
    half.mkdir()
    try:
        yield half
        half.rename(path)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def place(finished: Path, path: Path) -> None:
    """Rename a finished file to its name; when this returns, it is on the disk."""
    _sync(finished)
    os.replace(finished, path)
    _sync(path.parent)


def seal(finished: Path, path: Path) -> None:
    """Write the checksum of a finished file next to the path where the file will go."""
    kept = _seal_of(finished)  # goes with the finished file where a kill comes between
    kept.write_text(_checksum(finished), encoding="utf-8")
    place(kept, _seal_of(path))


def is_whole(path: Path) -> bool:
    """Whether a file is unchanged since it was sealed; a file without a seal counts as whole.

    Each process reads it once, and again when its size or time changes.
    """
    seal = _seal_of(path)
    if not seal.is_file():
        return True
    return seal.read_text(encoding="utf-8", errors="replace") == _checksum_at(path, stamp(path))


def stamp(path: Path) -> tuple[int, ...]:
    """What changes whenever the file does: its place on the disk, its size and its time."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def look_again() -> None:
    """Check every file again, because one turned out to be damaged."""
    _checksum_at.cache_clear()


def _seal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sum")


@lru_cache(maxsize=64)
def _checksum_at(path: Path, stamp: tuple[int, ...]) -> str:
    return _checksum(path)


def _checksum(path: Path) -> str:
    """A fast checksum: it shows damage, but does not protect against tampering."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(_PART):
            found = zlib.crc32(part, found)
    return f"{found:08x}"


def write(path: Path, text: str) -> Path:
    """Write a text file, whole or not at all; its folder is made if it isn't there."""
    with replacing(path) as half:
        half.write_text(text, encoding="utf-8", newline="\n")
    return path


def check_folder(folder: Path) -> None:
    """Make a folder before long work; raises InputError if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{folder}: nothing can be written there ({error.strerror})") from None


def read(path: Path, trouble: str) -> dict[str, Any]:
    """The JSON object in a file. Without one, raises ModelError that begins with `trouble`."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{trouble}: {path.name} cannot be read ({error})") from None
    if not isinstance(value, dict):
        raise ModelError(f"{trouble}: {path.name} is not a JSON object")
    return value


@contextmanager
def alone(path: Path, refusal: str) -> Iterator[None]:
    """Be the only process that holds this lock file; raises RefusedError if another one does.

    The operating system releases the lock when its holder dies.
    """
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RefusedError(refusal) from None
    try:
        yield
    finally:
        lock.release()


def _sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def text_in(file: Path) -> str:
    """The text of a file. Raises InputError if it cannot be read as text."""
    try:
        with file.open("rb") as opened:
            read = opened.read(LARGEST_TEXT + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    if len(read) > LARGEST_TEXT:
        raise InputError(f"{file} is larger than {LARGEST_TEXT:,} bytes: give a part of it")
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file} is not a text file in UTF-8") from None
