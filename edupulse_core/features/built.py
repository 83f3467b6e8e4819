"""Which features are built, trained with and served: the catalogue's, and those on trial."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from edupulse_core.features.catalogue import FEATURES, GROUPS, MODALITIES, Feature

_KNOWN = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True)
class Trial:
    """A feature on trial: its line of the catalogue, with its group, and the step that adds it."""

    feature: Feature
    step: str  # SQL that adds the column to features.features and fills it, run after all others


_tried: dict[str, Trial] = {}


@contextmanager
def trying(*trials: Trial) -> Iterator[None]:
    """Build, train and serve with more features than the house has, within the block.

    A version that was trained within reads the feature; it cannot serve outside, where the feature
    is not built. To keep a feature, move its step to `sql/` and its line to the catalogue.
    """
    _tried.update({trial.feature.name: trial for trial in trials})
    try:
        yield
    finally:
        for trial in trials:
            del _tried[trial.feature.name]


def steps() -> list[str]:
    """The SQL of the features on trial; nothing in daily work."""
    return [trial.step for trial in _tried.values()]


def names() -> tuple[str, ...]:
    """Every feature that is built now, by kind of record, the catalogue's before those on trial."""
    both = [*FEATURES, *(trial.feature for trial in _tried.values())]
    return tuple(one.name for kind in MODALITIES for one in both if one.modality == kind)


def named(name: str) -> Feature:
    """The feature of this name. Raises KeyError when there is none."""
    return _tried[name].feature if name in _tried else _KNOWN[name]


def modality_sizes(features: Sequence[str]) -> tuple[int, ...]:
    """How many of some features tell of attendance, of grades and of discipline."""
    modalities = [named(name).modality for name in features]
    return tuple(modalities.count(modality) for modality in MODALITIES)


def group_places(features: Sequence[str]) -> list[int]:
    """Where in GROUPS the group of each of some features stands."""
    return [GROUPS.index(named(name).group) for name in features]
