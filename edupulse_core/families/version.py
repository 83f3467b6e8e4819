"""The one reader and writer of a version's folder: whole or not at all, each file with a checksum.

`manifest.json` names the version, its family and algorithm, its inputs in order, the district's
rules at training, and the checksum of every other file, including files in subfolders. Files that
are made from these for serving (ONNX) may be in the folder too; the manifest does not list them.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.errors import ModelError

MANIFEST = "manifest.json"
METRICS = "metrics.json"
CARD = "card.md"

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Header:
    """What a manifest says, apart from the checksums."""

    version: str
    family: str = ""
    created_at: str = ""
    data_range: tuple[str, str] = ("", "")  # first and last week of the training rows
    features: tuple[str, ...] = ()  # what it reads, in its order
    algorithm: str = ""  # empty: the family's first, as before there were several
    rules: Mapping[str, Any] = field(default_factory=dict)  # empty: not recorded
    parent: str = ""  # the version that served when this one was trained; empty: none, or unknown
    code_version: str = ""  # of EduPulse, when it was trained; empty: not recorded


def header(folder: Path) -> Header:
    """What the manifest says. Raises ModelError when it is missing or incomplete."""
    return _header(folder, read_json(folder, MANIFEST))


def check(folder: Path) -> Header:
    """Raise ModelError for the first file that is missing or not as it was saved.

    Cheap to call again: files are read again only after one of them has changed.
    """
    return _check(folder, signature(folder))


def signature(folder: Path) -> Signature:
    """Path, size and time of every file, subfolders included: it changes when a file does."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            stat = path.stat()
            found.append((path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns))
    return tuple(sorted(found))


def fingerprint(folder: Path) -> str:
    """The checksum of the manifest, which itself lists the checksums of all other files."""
    return hashlib.sha256(read(folder, MANIFEST)).hexdigest()


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


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object, with the same bytes on every system."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def save(folder: Path, about: Header, fill: Callable[[Path], None]) -> None:
    """Write a version; the folder appears whole or not at all.

    fill: writes every file except the manifest into the folder that it gets.
    Raises ModelError when the version exists.
    """
    if folder.exists():
        raise ModelError(f"version {folder.name} exists already: {folder}")
    with files.new_folder(folder) as half:
        fill(half)
        paths = [path for path in half.rglob("*") if path.is_file()]
        names = sorted(path.relative_to(half).as_posix() for path in paths)
        sums = {name: hashlib.sha256((half / name).read_bytes()).hexdigest() for name in names}
        write_json(half / MANIFEST, {**asdict(about), "files": sums})


def opened(read_model: Callable[[Path, str], Any], folder: Path, form: str = "") -> Any:
    """A version's model. Raises ModelError for files that this EduPulse does not understand.

    Their checksums may be right: another EduPulse may have written other things into them.
    read_model: of the version's algorithm.
    """
    try:
        return read_model(folder, form)
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise ModelError(
            f"version {folder.name} was not made by an EduPulse like this one: {error!r}"
        ) from None


def _header(folder: Path, manifest: dict[str, Any]) -> Header:
    known = {name: manifest[name] for name in Header.__dataclass_fields__ if name in manifest}
    try:
        start, end = known.pop("data_range", ("", ""))
        features = tuple(known.pop("features", ()))
        return Header(**known, data_range=(start, end), features=features)
    except (TypeError, ValueError):
        raise ModelError(f"version {folder.name} is damaged: {MANIFEST} is incomplete") from None


@lru_cache(maxsize=16)
def _check(folder: Path, signature: Signature) -> Header:
    manifest = read_json(folder, MANIFEST)
    sums = manifest.get("files")
    if not isinstance(sums, dict) or not sums:
        raise ModelError(f"version {folder.name} is damaged: {MANIFEST} is incomplete")
    for name, saved in sorted(sums.items()):
        if hashlib.sha256(read(folder, name)).hexdigest() != saved:
            raise ModelError(
                f"version {folder.name} is damaged: {name} is not the file that was saved"
            )
    return _header(folder, manifest)
