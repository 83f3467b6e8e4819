"""Files of a home: there whole or not at all, held by one process at a time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from filelock import FileLock, Timeout

from edupulse_core.errors import InputError, ModelError, RefusedError


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, its folder too; who reads meanwhile reads the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with half.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path


def check_folder(folder: Path) -> None:
    """Make the folder of what long work will write; InputError where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{folder}: nothing can be written there ({error.strerror})") from None


def read(path: Path, trouble: str) -> dict[str, Any]:
    """A file's JSON object; ModelError, beginning with the trouble, where it holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{trouble}: {path.name} cannot be read ({error})") from None
    if not isinstance(value, dict):
        raise ModelError(f"{trouble}: {path.name} is not a JSON object")
    return value


@contextmanager
def alone(path: Path, refusal: str) -> Iterator[None]:
    """Hold a file, made where there is none; RefusedError says so while another process does.

    The system releases it when its holder dies.
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
