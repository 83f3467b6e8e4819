"""Files that are made from a version's own for serving, such as ONNX.

They lie in the version's folder, but its manifest does not list them: they can be made again. A
record of their own has their checksums, and that of the manifest of the version that they are of.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from edupulse_core import files
from edupulse_core.errors import ModelError
from edupulse_core.families.version import fingerprint

RECORD = "forms.json"


def keep(folder: Path, contents: Mapping[str, bytes]) -> dict[str, str]:
    """Write files, by name, into a version's folder; returns their checksums.

    Raises OSError when the folder cannot be written.
    """
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    for name, content in contents.items():
        with files.replacing(folder / name) as half:
            half.write_bytes(content)
    record = {"manifest": fingerprint(folder), "sha256": found}
    files.write(folder / RECORD, json.dumps(record, indent=2) + "\n")
    return found


def sums(folder: Path) -> dict[str, str] | None:
    """The files' checksums, by name; None if some are missing or belong to another version.

    Raises ModelError when the record is damaged.
    """
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_bytes())
        found: dict[str, str] = record["sha256"]
        is_own = record["manifest"] == fingerprint(folder)
        is_whole = all((folder / name).is_file() for name in found)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: damaged: {error}") from None
    return found if is_own and is_whole else None


def read(folder: Path, name: str) -> bytes:
    """The verified content of a file. Raises ModelError when it is damaged or missing."""
    known = sums(folder) or {}
    found = (folder / name).read_bytes() if name in known else b""
    if hashlib.sha256(found).hexdigest() != known.get(name):
        raise ModelError(f"{folder / name}: damaged: its checksum is not the one in {RECORD}")
    return found
