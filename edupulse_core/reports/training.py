"""What a version's curves show, in words."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.training.diagnosis import Symptom

HEALTHY = "No sign of overfitting, or of too short a training."
NO_CURVE = "This version was not trained epoch by epoch, so there is no curve of its losses."


def sentence(symptom: Symptom) -> str:
    """What a symptom means, and the options of a training that help."""
    options = " or ".join(f"--set {name}=…" for name in symptom.options)
    return f"{symptom.name.capitalize()}. {symptom.sentence} Set them with {options}."


def settings(trained_with: Mapping[str, Any], within: str = "") -> dict[str, str]:
    """What a version was trained with, by the names that `--set` takes."""
    found: dict[str, str] = {}
    for name, value in trained_with.items():
        if isinstance(value, Mapping):
            found |= settings(value, f"{within}{name}.")
        else:
            found[within + name] = f"{value:,}" if type(value) is int else str(value)
    return found
