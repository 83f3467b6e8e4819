"""Showing what an evaluation of a version found; each look is noted."""

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries import models
from edupulse_core.queries.models import Version

ROLES = ("steward", "district")


def show_evaluation(actor: Actor, settings: Settings, version: Version) -> Evaluation:
    """The kept evaluation of a version; MissingError if it was never evaluated here."""
    actor.require(*ROLES)
    report = models.evaluation(settings, version)
    details = {"version": version.name}
    trail.note(settings, actor, trail.EXPORT, "evaluation", details)
    return report


def draw_evaluation(actor: Actor, settings: Settings, version: Version, name: str) -> bytes:
    """A picture of the kept evaluation of a version (PNG). MissingError if there is none."""
    from edupulse_core.reports import evaluation

    actor.require(*ROLES)
    made = evaluation.plot(models.evaluation(settings, version), name)
    if made is None:
        raise MissingError(f"there is no picture {name!r} of {version.name}")
    details = {"version": version.name, "picture": name}
    trail.note(settings, actor, trail.EXPORT, "evaluation", details)
    return made
