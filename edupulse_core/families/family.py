"""The record that every family of models fills in, so that nobody has to name one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edupulse_core.errors import MissingError


@dataclass(frozen=True)
class Family:
    """What can be done with a family of models."""

    name: str
    config: type  # frozen dataclass; saved beside the weights
    examples: Callable[..., Any]  # (connection, split) -> examples
    fit: Callable[..., Any]  # (examples, config) -> model
    predict: Callable[..., Any]  # (model, examples) -> array
    metrics: Callable[..., dict[str, float]]  # (predicted, actual) -> {name: value}
    save: Callable[[Any, Path], None]
    load: Callable[[Path], Any]
    search_space: Callable[[Any], Any]  # trial -> config


def family_named(name: str) -> Family:
    """The family of this name; MissingError names those that there are."""
    from edupulse_core.families.risk.family import RISK  # torch is slow to import

    families = {family.name: family for family in (RISK,)}
    if name not in families:
        raise MissingError(f"no family {name!r}; there are: {', '.join(sorted(families))}")
    return families[name]
