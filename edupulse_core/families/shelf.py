"""Which families there are: the only file that lists them."""

from importlib import import_module
from typing import TYPE_CHECKING

from edupulse_core.errors import MissingError

if TYPE_CHECKING:
    from edupulse_core.families.family import Family

SHELF = {  # name: where its record is; a new home trains them in this order, the quick ones first
    "risk": "edupulse_core.families.risk.family:RISK",
    "study_time": "edupulse_core.families.study_time.family:STUDY_TIME",
    "admission": "edupulse_core.families.admission.family:ADMISSION",
    "recommend": "edupulse_core.families.recommend.family:RECOMMEND",
    "difficulty": "edupulse_core.families.difficulty.family:DIFFICULTY",
    "tracing": "edupulse_core.families.tracing.family:TRACING",
    "path": "edupulse_core.families.path.family:PATH",
}


CALLED = {"tracing": "Mastery", "recommend": "Resources"}  # what pages call by another name


def check_name(name: str) -> str:
    """Check the name of a family, without loading it. MissingError lists the families."""
    if name not in SHELF:
        known = (f"{one} ({CALLED[one]})" if one in CALLED else one for one in sorted(SHELF))
        raise MissingError(f"no family {name!r}; there are: {', '.join(known)}")
    return name


def family_named(name: str) -> "Family":
    """The record of a family. The first call is slow, because torch is slow to import."""
    module, _, record = SHELF[check_name(name)].partition(":")
    found: Family = getattr(import_module(module), record)
    return found


def nightly() -> str:
    """The first nightly family: `edupulse score` and the nightly run use it."""
    return next(name for name in SHELF if family_named(name).nightly)
