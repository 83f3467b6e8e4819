"""Which versions of a family there are, which one serves, and the switch between them.

A version is a folder `models/<family>/<version>/` of the home or, shipped, of the repository;
`models/<family>/active.json` of the home names the one that serves, else the shipped one's does.
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
    """The folders of all versions, the home's over a shipped one of the same name, by name."""
    found: dict[str, Path] = {}
    for root in _roots(settings, family):
        for manifest in sorted(root.glob(f"[!.]*/{MANIFEST}")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return [found[name] for name in sorted(found)]


def version_folder(settings: Settings, family: str, version: str) -> Path:
    """The folder of one version; MissingError names those that there are."""
    for folder in versions(settings, family):
        if folder.name == version:
            return folder
    known = ", ".join(folder.name for folder in versions(settings, family)) or "none"
    raise MissingError(f"no version {version!r} of {family!r}; there are: {known}")


def active_version(settings: Settings, family: str) -> Path:
    """The folder of the version that serves, as `chosen_version`, whole.

    Raises MissingError when there is none, ModelError when it is damaged, saying how.
    """
    folder = chosen_version(settings, family)
    whole.check(folder)
    return folder


def chosen_version(settings: Settings, family: str) -> Path:
    """The folder that should serve: the setting's, the home's choice, or the shipped; unchecked."""
    name = _active_name(settings, family)
    if name is None:
        raise MissingError(f"no version of {family!r}; make one with `edupulse train {family}`")
    return version_folder(settings, family, name)


def activate(settings: Settings, family: str, version: str, *, actor: str) -> str | None:
    """Serve this version from now on; returns the one before it, None where none was chosen.

    A damaged version is refused with ModelError.
    """
    whole.check(version_folder(settings, family, version))
    previous = _active_name(settings, family)
    alias = settings.home / "models" / family / ALIAS
    files.write(alias, json.dumps({"version": version}))
    store = open_store(settings)
    note_activation(store, family=family, version=version, previous=previous, actor=actor)
    return previous


def metrics_of(folder: Path) -> dict[str, Any]:
    """The held-out metrics that were saved with a version."""
    return files.read(folder / "metrics.json", f"version {folder.name} is damaged")


def compare(settings: Settings, family: str, a: str, b: str) -> dict[str, dict[str, Any]]:
    """The saved metrics of two versions, each under its name."""
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
