"""Versions of a family as a list, and all about one of them: how it learned and how it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.lifecycle import experiments, registry
from edupulse_core.people.access import Viewer
from edupulse_core.queries import models
from edupulse_core.queries.models import Version
from edupulse_core.store.activations import Activation
from edupulse_core.store.experiments import Experiment
from edupulse_core.training.diagnosis import Symptom, diagnose

ROLES = frozenset({"district", "steward"})
CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Line:
    """One version of a list."""

    version: Version
    alias: str | None  # champion: it serves; challenger: it is tried beside the one that serves

    def as_json(self) -> dict[str, Any]:
        """What `edupulse versions --json` prints of it."""
        one, made = self.version, self.version.metrics.get("made", {})
        return {
            "version": one.name,
            "alias": self.alias,
            "algorithm": one.about.algorithm or models.algorithms(one.family)[0],
            "training_date": one.about.created_at or None,
            "rows": one.training.get("rows"),
            "data_range": [*one.about.data_range],
            "metrics": one.headline,
            "code_version": made.get("code_version") or None,
            "parent": made.get("parent") or None,
            "version_tag": made.get("version_tag") or None,
            "notes": made.get("notes") or None,
        }


@dataclass(frozen=True)
class Page:
    """Everything that is known of one version. Small cells are hidden in it already."""

    line: Line
    epochs: tuple[Mapping[str, float], ...]  # losses on its own students and on others, by epoch
    symptoms: tuple[Symptom, ...]  # what the losses show, with the options that help
    evaluation: Evaluation | None  # on this district's weeks: curves, counts, calibration …
    importance: Mapping[str, float] | None  # what it weighs, the largest first
    served: tuple[Activation, ...]  # each time it began to serve, the oldest first
    experiments: tuple[Experiment, ...]  # in which it took part, the newest first

    def as_json(self) -> dict[str, Any]:
        """What `edupulse versions FAMILY VERSION --json` prints."""
        return {
            **self.line.as_json(),
            "hyperparameters": dict(self.line.version.plan),
            "epochs": [dict(each) for each in self.epochs],
            "diagnosis": [
                {**each.model_dump(mode="json"), "sentence": each.sentence}
                for each in self.symptoms
            ],
            "importance": self.importance and dict(self.importance),
            "evaluated_at": self.evaluation and self.evaluation.evaluated_at.isoformat(),
            "served": [
                {
                    "at": each.at.isoformat(),
                    "by": each.actor,
                    "reason": each.reason,
                    "override_reason": each.override_reason,
                    "previous": each.previous,
                }
                for each in self.served
            ],
        }


def versions(viewer: Viewer | None, settings: Settings, family: str) -> list[Line]:
    """The versions of a family that are whole, the newest first.

    viewer: None for the operator. Raises AccessError for whoever does not answer for the models.
    """
    _check(viewer)
    challenger = _challenger(settings, family)
    return [_line(each, challenger) for each in models.versions(settings, family)]


def page(viewer: Viewer | None, settings: Settings, family: str, version: str) -> Page:
    """All about one version. Raises ModelError if it is damaged, AccessError as `versions`."""
    _check(viewer)
    registry.checked_version(settings, family, version)
    found = models.version(settings, version)
    history = [each for each in found.metrics.get("history", []) if isinstance(each, dict)]
    try:
        report = models.evaluation(settings, found)
    except InputError:
        report = None
    return Page(
        line=_line(found, _challenger(settings, family)),
        epochs=tuple(history),
        symptoms=tuple(diagnose(history)),
        evaluation=report,
        importance=models.importance(settings, found),
        served=tuple(
            each for each in registry.history(settings, family) if each.version == version
        ),
        experiments=tuple(
            each
            for each in experiments.listed(settings, family)
            if version in (each.champion, each.challenger)
        ),
    )


def _check(viewer: Viewer | None) -> None:
    if viewer is not None and not viewer.roles & ROLES:
        raise AccessError("Page not found, or you don't have access.")


def _challenger(settings: Settings, family: str) -> str | None:
    found = experiments.running(settings, family)
    return found.challenger if found else None


def _line(found: Version, challenger: str | None) -> Line:
    alias = CHALLENGER if found.name == challenger else None
    return Line(found, CHAMPION if found.is_active else alias)
