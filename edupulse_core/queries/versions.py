"""All about one version: how it learned, how it does, when it served and what it was tried in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.lifecycle import experiments, registry
from edupulse_core.queries import models
from edupulse_core.queries.models import Version
from edupulse_core.store.activations import Activation
from edupulse_core.store.experiments import Experiment
from edupulse_core.training.diagnosis import Symptom, diagnose


@dataclass(frozen=True)
class Page:
    """Everything that is known of one version. Small cells are hidden in it already."""

    version: Version
    epochs: tuple[Mapping[str, float], ...]  # losses on its own students and on others, by epoch
    symptoms: tuple[Symptom, ...]  # what the losses show, with the options that help
    evaluation: Evaluation | None  # on this district's weeks: curves, counts, calibration …
    importance: Mapping[str, float] | None  # what it weighs, the largest first
    served: tuple[Activation, ...]  # each time it began to serve, the oldest first
    experiments: tuple[Experiment, ...]  # in which it took part, the newest first

    def as_json(self) -> dict[str, Any]:
        """What `edupulse versions FAMILY VERSION --json` prints."""
        return {
            **self.version.as_json(),
            "hyperparameters": dict(self.version.plan),
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


def page(settings: Settings, family: str, version: str) -> Page:
    """All about one version. Raises ModelError if it is damaged."""
    registry.checked_version(settings, family, version)
    found = models.version(settings, version)
    history = [each for each in found.metrics.get("history", []) if isinstance(each, dict)]
    try:
        report = models.evaluation(settings, found)
    except InputError:
        report = None
    return Page(
        version=found,
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
