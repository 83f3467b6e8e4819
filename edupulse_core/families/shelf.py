"""Which families there are: the only file that lists them."""

from importlib import import_module
from typing import TYPE_CHECKING

from edupulse_core.errors import MissingError

if TYPE_CHECKING:
    from edupulse_core.families.family import Family

SHELF = {"risk": "edupulse_core.families.risk.family:RISK"}  # name: where its record is


def check_name(name: str) -> str:
    """The name of a family; MissingError lists those that there are. Loads none of them."""
    if name not in SHELF:
        raise MissingError(f"no family {name!r}; there are: {', '.join(sorted(SHELF))}")
    return name


def family_named(name: str) -> "Family":
    """The record of a family; slow the first time, since torch is slow to import."""
    module, _, record = SHELF[check_name(name)].partition(":")
    found: Family = getattr(import_module(module), record)
    return found


def nightly() -> str:
    """The family that `edupulse score` and the night answer with: the first that is nightly."""
    return next(name for name in SHELF if family_named(name).nightly)
