"""What a version's curves show, in words."""

from edupulse_core.training.diagnosis import Symptom

HEALTHY = "Both losses fall and stay down: no sign of overfitting or of too short a training."
NO_CURVE = "This version kept no losses by epoch, so there is no curve."


def sentence(symptom: Symptom) -> str:
    """What a symptom means, and the options of a training that help."""
    options = " or ".join(f"--set {name}=…" for name in symptom.options)
    return f"{symptom.name.capitalize()}. {symptom.sentence} Set them with {options}."
