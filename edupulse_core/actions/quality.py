"""Check whether a home's data are good enough to train on."""

from edupulse_core.config import Settings
from edupulse_core.families import shelf
from edupulse_core.lifecycle.quality import FEWEST, Quality
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress

ROLES = ("steward", "district")


def check_data(
    actor: Actor,
    settings: Settings,
    family: str,
    *,
    fewest: int = FEWEST,
    progress: Progress | None = None,
) -> Quality:
    """Check the data that a training of this family would use now.

    fewest: cases without which nothing is trained. Raises RefusedError if no outcome is known.
    """
    from edupulse_core.lifecycle import retraining

    actor.require(*ROLES)
    name = shelf.check_name(family)
    found = retraining.checked(settings, name, fewest=fewest, progress=progress)
    told = {"rows": found.rows, "errors": len(found.errors), "warnings": len(found.warnings)}
    trail.note(settings, actor, trail.CHECK_DATA, name, told)
    return found
