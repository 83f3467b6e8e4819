"""Which version of a family serves: activate through the gate, deactivate, roll back, compare."""

from dataclasses import dataclass
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import experiments, registry, tracking
from edupulse_core.lifecycle.gate import Verdict, judge
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress

ROLES = ("steward", "district")
BUSY = "another version is being activated right now: try again when that has ended"


@dataclass(frozen=True)
class Activated:
    """What serves now, and what the gate said about it."""

    serving: str  # another version than the chosen one where a setting pins it
    verdict: Verdict

    @property
    def served_before(self) -> bool:
        """Whether it served already."""
        return self.verdict.champion == self.verdict.challenger


def activate_version(
    actor: Actor,
    settings: Settings,
    family: str,
    version: str,
    *,
    reason: str = "",
    override_reason: str = "",
    progress: Progress | None = None,
) -> Activated:
    """Make a version active, if the gate lets it pass. Nothing changes if it was chosen before.

    override_reason: passes the gate in spite of its objections, except that a version which cannot
    be used here never passes. Raises RefusedError, with every reason, if the gate refuses.
    """
    actor.require(*ROLES)
    name, override_reason = shelf.check_name(family), override_reason.strip()
    if registry.is_chosen(settings, name, version):
        registry.checked_version(settings, name, version)
        return Activated(version, Verdict(version, version))
    alias = registry.alias_path(settings, name)
    details = {"reason": reason} if reason else {}
    with (
        trail.act(
            settings, actor, trail.ACTIVATE, f"{name} {version}", pointer=alias, details=details
        ) as act,
        files.alone(_lock(settings, name), BUSY),
    ):
        verdict = judge(settings, name, version, progress=progress)
        act.details |= _told(verdict)
        if verdict.objections and not (override_reason and verdict.can_be_overridden):
            act.failed = trail.REFUSED_ACTIVATE
            verdict.check()
        override = override_reason if verdict.objections else ""
        switch = Switch(actor.name, reason, override)
        with act.publishing(version):
            previous = registry.activate(settings, name, version, switch)
        act.details |= {"previous": previous, **_ended(actor, settings, name, reason)}
        if override:
            act.details |= {"override_reason": override}
    tracking.note_aliases(settings, name)
    return Activated(registry.chosen_version(settings, name).name, verdict)


def deactivate_version(
    actor: Actor, settings: Settings, family: str, version: str, *, reason: str
) -> str:
    """Stop serving a version: the one before it serves again. Returns what serves then.

    Raises InputError if the version does not serve, RefusedError if there is no other.
    """
    name = shelf.check_name(family)
    registry.version_folder(settings, name, version)
    return _back(actor, settings, name, trail.DEACTIVATE, reason, version)


def roll_back(actor: Actor, settings: Settings, family: str, *, reason: str) -> str:
    """Let the version before the active one serve again; returns what serves then.

    It served before, so no gate delays it. Raises RefusedError if there is no version before.
    """
    return _back(actor, settings, shelf.check_name(family), trail.ROLL_BACK, reason)


def compare_versions(
    settings: Settings, family: str, a: str, b: str, *, progress: Progress | None = None
) -> dict[str, Any]:
    """The saved metrics of two versions, by name; and both on the same weeks, where there are any.

    "paired" has every measure with the interval of the difference, "moves" how many students change
    level from a to b, "not_compared" why there is neither.
    """
    from edupulse_core.lifecycle import comparison

    name = shelf.check_name(family)
    found: dict[str, Any] = dict(registry.compare(settings, name, a, b))
    found |= {"paired": None, "moves": None, "not_compared": ""}
    try:
        weighed = comparison.weigh(settings, name, a, b, progress=progress)
        found["paired"] = weighed.compared.model_dump(mode="json")
        moved = comparison.moves(settings, name, a, b, progress=progress)
        found["moves"] = moved and moved.as_json()
    except (InputError, RefusedError) as error:
        found["not_compared"] = str(error)
    return found


def _back(
    actor: Actor, settings: Settings, name: str, action: str, reason: str, version: str = ""
) -> str:
    """Let the version before serve again, if this one, or any, serves now."""
    actor.require(*ROLES)
    if not reason.strip():
        raise InputError("say why: a reason is needed (--reason on the command line)")
    alias = registry.alias_path(settings, name)
    details = {"reason": reason}
    with (
        trail.act(settings, actor, action, name, pointer=alias, details=details) as act,
        files.alone(_lock(settings, name), BUSY),
    ):
        if version and registry.chosen_version(settings, name).name != version:
            raise InputError(f"{name} {version} is not active")
        target = registry.before(settings, name)
        if target is None:
            raise RefusedError(
                f"no version of {name!r} served before this one; `edupulse activate {name} "
                "VERSION` chooses one"
            )
        with act.publishing(target):
            previous = registry.activate(settings, name, target, Switch(actor.name, reason))
        act.subjects = [f"{name} {target}"]
        act.details |= {"previous": previous, **_ended(actor, settings, name, reason)}
    tracking.note_aliases(settings, name)
    return registry.chosen_version(settings, name).name


def _ended(actor: Actor, settings: Settings, name: str, reason: str) -> dict[str, str]:
    """End the experiment whose champion has just stopped serving, and say which."""
    found = experiments.settle(settings, name, actor.name, reason)
    return {"experiment": found.experiment_id} if found else {}


def _lock(settings: Settings, name: str) -> Any:
    """The file that whoever activates a version of a family holds."""
    path = registry.alias_path(settings, name).with_name(".activating.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _told(verdict: Verdict) -> dict[str, Any]:
    """What the audit keeps of the gate's answer."""
    found: dict[str, Any] = {}
    if verdict.not_compared:
        found["not_compared"] = verdict.not_compared
    if verdict.objections:
        found["objections"] = [each.as_json() for each in verdict.objections]
    if verdict.moves:
        found["change_level"] = verdict.moves.as_json()["changed"]
    return found
