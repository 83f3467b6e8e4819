"""Whether a version's folder still is as it was saved; the same for everyone who opens one."""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from edupulse_core.errors import ModelError

MANIFEST = "manifest.json"

Signature = tuple[tuple[str, int, int], ...]


def check(folder: Path) -> None:
    """Raise ModelError naming the first file that is missing or not as it was saved.

    Cheap to ask again: nothing is read twice while no file of the folder changes.
    """
    _check(folder, signature(folder))


def signature(folder: Path) -> Signature:
    """Name, size and time of every file: what changes when anybody touches one."""
    if not folder.is_dir():
        return ()
    with os.scandir(folder) as entries:
        stats = [(entry.name, entry.stat()) for entry in entries]
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats))


def read(folder: Path, name: str) -> bytes:
    """A file's bytes; ModelError when it is missing or cannot be read."""
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise ModelError(f"version {folder.name} is damaged: {name} is missing") from None
    except OSError as error:
        raise ModelError(f"version {folder.name}: {name}: {error.strerror}") from None


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """A file's JSON object; ModelError when it holds none."""
    try:
        value = json.loads(read(folder, name))
    except ValueError as error:
        raise ModelError(f"version {folder.name} is damaged: {name}: {error}") from None
    if not isinstance(value, dict):
        raise ModelError(f"version {folder.name} is damaged: {name} is not a JSON object")
    return value


@lru_cache(maxsize=8)
def _check(folder: Path, signature: Signature) -> None:
    sums = read_json(folder, MANIFEST).get("files")
    if not isinstance(sums, dict) or not sums:
        raise ModelError(f"version {folder.name} is damaged: {MANIFEST} is incomplete")
    for name, saved in sorted(sums.items()):
        if hashlib.sha256(read(folder, name)).hexdigest() != saved:
            raise ModelError(
                f"version {folder.name} is damaged: {name} is not the file that was saved"
            )
