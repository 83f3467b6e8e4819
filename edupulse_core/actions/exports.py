"""Take a version out of the home, for a computer without EduPulse."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.families import shelf
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import registry, retraining
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor

ROLES = ("steward",)


@dataclass(frozen=True)
class Exported:
    """A version as files that work without EduPulse."""

    version: str
    algorithm: str
    folder: Path
    sizes: dict[str, int]  # bytes, by file

    def as_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return {
            "version": self.version,
            "algorithm": self.algorithm,
            "folder": str(self.folder),
            "files": self.sizes,
        }


def export_version(
    actor: Actor, settings: Settings, family: str, version: str, out: Path
) -> Exported:
    """Write a version and a scorer into a new folder, which appears whole or not at all.

    Raises InputError if the folder exists, or if the version's algorithm cannot be exported.
    """
    actor.require(*ROLES)
    name = shelf.check_name(family)
    folder = registry.checked_version(settings, name, version)
    about = folders.header(folder)
    how = retraining.algorithm_of(shelf.family_named(name), about)
    algorithm = about.algorithm or next(iter(shelf.family_named(name).algorithms))
    if how.export is None:
        raise InputError(
            f"{name} {version} cannot be exported: what {algorithm} learned needs EduPulse to run"
        )
    if out.exists():
        raise InputError(f"{out} exists already: name a new folder")
    files.check_folder(out.parent)
    details = {"folder": out.name}
    with trail.act(settings, actor, trail.EXPORT, f"{name} {version}", details=details) as act:
        contents = how.export(folder, settings.all_rules)
        with files.new_folder(out) as half:
            for each, content in contents.items():
                (half / each).write_bytes(content)
        sizes = {each: len(content) for each, content in contents.items()}
        act.details["files"] = sizes
    return Exported(version, algorithm, out, sizes)
