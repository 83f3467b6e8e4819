"""Which versions of a family exist, which one is active, and the switch between them.

A version is a folder `models/<family>/<version>/` in the home, or in the repository if it is
shipped. The active one is named by `models/<family>/active.json` in the home, otherwise in the
repository.
"""

import json
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import SHIPPED_MODELS, Settings
from edupulse_core.errors import MissingError
from edupulse_core.families import version as whole
from edupulse_core.families.version import MANIFEST
from edupulse_core.store.activations import note_activation
from edupulse_core.store.database import open_store

ALIAS = "active.json"


def versions(settings: Settings, family: str) -> list[Path]:
    """The folders of all versions, by name; the home's replaces a shipped one of the same name."""
    found: dict[str, Path] = {}
    for root in _roots(settings, family):
        for manifest in sorted(root.glob(f"[!.]*/{MANIFEST}")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return [found[name] for name in sorted(found)]


def version_folder(settings: Settings, family: str, version: str) -> Path:
    """The folder of one version; MissingError lists the versions that exist."""
    for folder in versions(settings, family):
        if folder.name == version:
            return folder
    known = ", ".join(folder.name for folder in versions(settings, family)) or "none"
    raise MissingError(f"no version {version!r} of {family!r}; there are: {known}")


def active_version(settings: Settings, family: str) -> Path:
    """The folder of the active version, checked.

    Raises MissingError when there is none, and ModelError, saying how, when it is damaged.
    """
    folder = chosen_version(settings, family)
    whole.check(folder)
    return folder


def chosen_version(settings: Settings, family: str) -> Path:
    """The folder of the active version, unchecked: the setting's, the home's or the shipped one."""
    name = _active_name(settings, family)
    if name is None:
        raise MissingError(f"no version of {family!r}; make one with `edupulse train {family}`")
    return version_folder(settings, family, name)


def activate(settings: Settings, family: str, version: str, *, actor: str) -> str | None:
    """Make a version active; returns the one before it, or None if none was chosen.

    Raises ModelError for a damaged version.
    """
    whole.check(version_folder(settings, family, version))
    previous = _active_name(settings, family)
    alias = alias_path(settings, family)
    before = alias.read_text(encoding="utf-8") if alias.is_file() else None
    files.write(alias, json.dumps({"version": version}))
    try:
        store = open_store(settings)
        note_activation(store, family=family, version=version, previous=previous, actor=actor)
    except BaseException:  # no version serves whose activation is not in the store
        if before is None:
            alias.unlink()
        else:
            files.write(alias, before)
        raise
    return previous


def alias_path(settings: Settings, family: str) -> Path:
    """The file of the home that names the active version."""
    return settings.home / "models" / family / ALIAS


def metrics_of(folder: Path) -> dict[str, Any]:
    """The metrics on held-out weeks that were saved with a version."""
    return files.read(folder / "metrics.json", f"version {folder.name} is damaged")


def compare(settings: Settings, family: str, a: str, b: str) -> dict[str, dict[str, Any]]:
    """The saved metrics of two versions, by name."""
    return {name: metrics_of(version_folder(settings, family, name)) for name in (a, b)}


def _roots(settings: Settings, family: str) -> tuple[Path, Path]:
    return settings.home / "models" / family, SHIPPED_MODELS / family


def _active_name(settings: Settings, family: str) -> str | None:
    if settings.pinned(family):
        return settings.pinned(family)
    for root in _roots(settings, family):
        if (root / ALIAS).is_file():
            return str(
                files.read(root / ALIAS, f"the choice of {family!r} is damaged").get("version")
            )
    found = versions(settings, family)
    return found[-1].name if found else None
