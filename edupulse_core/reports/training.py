"""What a version's curves show, in words."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.reports import figures
from edupulse_core.training.diagnosis import Symptom

HEALTHY = "No sign of overfitting, or of too short a training."
NO_CURVE = "This version was not trained epoch by epoch, so there is no curve of its losses."


def sentence(symptom: Symptom, trained_with: Mapping[str, Any]) -> str:
    """What a symptom means, and which of the training's own settings help."""
    known = settings(trained_with)
    options = " or ".join(f"--set {name}=…" for name in symptom.options if name in known)
    said = f"{symptom.name.capitalize()}. {symptom.sentence}"
    return f"{said} Set them with {options}." if options else said


def said(name: str) -> str:
    """A setting in words, such as "Loop: learning rate"."""
    return figures.sentence(name.replace(".", ": ").replace("_", " "))


def settings(trained_with: Mapping[str, Any], within: str = "") -> dict[str, str]:
    """What a version was trained with, by the names that `--set` takes."""
    found: dict[str, str] = {}
    for name, value in trained_with.items():
        if isinstance(value, Mapping):
            found |= settings(value, f"{within}{name}.")
        else:
            found[within + name] = f"{value:,}" if type(value) is int else str(value)
    return found
