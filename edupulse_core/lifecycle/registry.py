"""Which versions of a family exist, which one is active, and the switch between them.

A version is a folder `models/<family>/<version>/` in the home, or in the repository if it is
shipped. The active one is named by `models/<family>/active.json` in the home, otherwise in the
repository. Where neither names one, the newest shipped one serves, else the first that the home
trained that is of use: no later one takes its place before somebody activates it.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import SHIPPED_MODELS, Settings
from edupulse_core.errors import InputError, MissingError, ModelError, UntrainedError
from edupulse_core.families import version as whole
from edupulse_core.families.shelf import family_named
from edupulse_core.families.version import MANIFEST
from edupulse_core.store.activations import Activation, is_noted, note_activation, of_family
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import RUNNING, training

ALIAS = "active.json"
NO_BETTER = "no_better"  # in a version's metrics: why it is of no use, a sentence


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


def checked_version(settings: Settings, family: str, version: str) -> Path:
    """The folder of one version, checked; ModelError says how it is damaged."""
    folder = version_folder(settings, family, version)
    whole.check(folder)
    return folder


def chosen_version(settings: Settings, family: str) -> Path:
    """The folder of the active version, unchecked: the setting's, the home's or the shipped one."""
    name = _active_name(settings, family)
    if name is None:
        raise _none_serves(settings, family)
    return version_folder(settings, family, name)


def has_version(settings: Settings, family: str) -> bool:
    """Whether a version of a family serves, even if it turns out to be damaged."""
    return _active_name(settings, family) is not None


def is_chosen(settings: Settings, family: str, version: str) -> bool:
    """Whether a version serves by this home's own choice: to choose it again changes nothing."""
    alias = alias_path(settings, family)
    if not alias.is_file() or settings.pinned(family) not in ("", version):
        return False
    with suppress(ModelError):  # a damaged choice is replaced
        return bool(files.read(alias, "damaged").get("version") == version)
    return False


def _none_serves(settings: Settings, family: str) -> MissingError:
    """Says why no version serves: one is being trained, or none ever was."""
    title, job = family_named(family).title, training(open_store(settings), family)
    if job is None and (found := versions(settings, family)):
        newest = max((each.name for each in found), key=partial(_age, settings, family))
        return MissingError(
            f"no {title} model serves. {newest} was trained, but does not serve by itself. "
            f"{no_better(settings, family, newest)} `edupulse activate {family} {newest} "
            "--override-reason WHY` lets it serve all the same"
        )
    if job is None:
        said = f"no {title} model has been trained yet; `edupulse train {family}` trains one"
        return UntrainedError(said, family)
    if job.status == RUNNING:
        return MissingError(
            f"the {title} model is being trained; try again when `edupulse jobs` says it is done"
        )
    return MissingError(
        f"a training of the {title} model is waiting for `edupulse worker`; see `edupulse jobs`"
    )


@dataclass(frozen=True)
class Switch:
    """Why a version begins to serve, and who decided it."""

    actor: str
    reason: str = ""
    override_reason: str = ""  # why it serves though the gate refused it


def activate(settings: Settings, family: str, version: str, switch: Switch) -> str | None:
    """Make a version active; returns the one before it, or None if none was chosen.

    The file that names the active version also says what its row in the history will hold. If the
    process dies between the two, `settle` writes the row. Raises ModelError for a damaged version.
    """
    whole.check(version_folder(settings, family, version))
    previous = None
    with suppress(ModelError):  # a damaged choice is replaced
        settle(settings, family)
        previous = _active_name(settings, family)
    made = Activation(
        at=datetime.now(UTC),
        family=family,
        version=version,
        previous=previous,
        actor=switch.actor,
        reason=switch.reason or None,
        override_reason=switch.override_reason or None,
    )
    alias = alias_path(settings, family)
    for left in alias.parent.glob(f".{ALIAS}.*{files.UNFINISHED}"):  # by a kill
        left.unlink(missing_ok=True)
    before = alias.read_text(encoding="utf-8") if alias.is_file() else None
    files.write(alias, json.dumps({**asdict(made), "at": made.at.isoformat()}))
    try:
        note_activation(open_store(settings), made)
    except BaseException:  # no version serves whose activation is not in the store
        if before is None:
            alias.unlink()
        else:
            files.write(alias, before)
        raise
    return made.previous


def settle(settings: Settings, family: str) -> None:
    """Write the row of an activation whose process died before it could."""
    made = _unnoted(settings, family)
    if made is not None:
        note_activation(open_store(settings), made)


def history(settings: Settings, family: str) -> list[Activation]:
    """Every switch of a family in this home, the oldest first."""
    made = _unnoted(settings, family)
    return [*of_family(open_store(settings), family), *([made] if made else [])]


def before(settings: Settings, family: str) -> str | None:
    """The version that served before the active one, and still can; None without one.

    Going back to the version before undoes its successor's switch: after a, b, c and back to b, the
    one before is a.
    """
    stack: list[str] = []
    for each in history(settings, family):
        if not stack and each.previous:
            stack.append(each.previous)
        if stack[-2:-1] == [each.version]:
            stack.pop()
        elif stack[-1:] != [each.version]:
            stack.append(each.version)
    now = _active_name(settings, family)
    for name in reversed(stack):
        if name != now and _is_whole(settings, family, name):
            return name
    return None


def _is_whole(settings: Settings, family: str, version: str) -> bool:
    try:
        whole.check(version_folder(settings, family, version))
    except InputError:
        return False
    return True


def _unnoted(settings: Settings, family: str) -> Activation | None:
    """The activation that the home's choice describes, if the store has no row of it."""
    alias = alias_path(settings, family)
    if not alias.is_file():
        return None
    said = files.read(alias, f"the choice of {family!r} is damaged")
    if "at" not in said:  # chosen before the file described it
        return None
    made = Activation(**{**said, "at": datetime.fromisoformat(said["at"])})
    return None if is_noted(open_store(settings), made) else made


def alias_path(settings: Settings, family: str) -> Path:
    """The file of the home that names the active version."""
    return settings.home / "models" / family / ALIAS


def metrics_of(folder: Path) -> dict[str, Any]:
    """The metrics on held-out weeks that were saved with a version."""
    return files.read(folder / "metrics.json", f"version {folder.name} is damaged")


def no_better(settings: Settings, family: str, version: str) -> str:
    """Why a version is of no use, as found when it was trained; empty for any other one."""
    with suppress(InputError):  # one that is damaged or gone serves nobody either
        return str(metrics_of(version_folder(settings, family, version)).get(NO_BETTER, ""))
    return ""


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
    found = [folder.name for folder in versions(settings, family)]
    shipped = [name for name in found if (SHIPPED_MODELS / family / name / MANIFEST).is_file()]
    if shipped:
        return shipped[-1]
    by_age = sorted(found, key=partial(_age, settings, family))
    return next((name for name in by_age if not no_better(settings, family, name)), None)


def _age(settings: Settings, family: str, version: str) -> tuple[bool, str, str]:
    """Sorts versions by when they were trained; damaged ones come last."""
    try:
        trained = whole.header(version_folder(settings, family, version)).created_at
    except ModelError:
        trained = ""
    return not trained, trained, version
