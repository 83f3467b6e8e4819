"""What the losses of a training show: whether it went well, and if not, what to change."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from edupulse_core.training.results import Result

ROSE = 0.02  # of the best validation loss; a rise by more than this, while the training loss falls
FELL = 0.02  # of the first training loss; a fall by less than this learned next to nothing
STILL = 0.005  # of the validation loss in the last epoch; it was still falling
SWUNG = 0.05  # of the validation loss from one epoch to the next, either way, on average

SENTENCES = {
    "overfitting": (
        "From epoch {epoch} on, the loss on new cases rose while that on its own fell: it "
        "began to learn its cases by heart. The version is as it was before that. More dropout "
        "or weight decay may help, or more cases."
    ),
    "underfitting": (
        "The training loss hardly fell: it learned next to nothing. A larger network, a higher "
        "learning rate or more epochs help."
    ),
    "unfinished": ("The loss was still falling in the last epoch. More epochs help."),
    "unsteady": (
        "The loss on new cases swung from epoch to epoch. A lower learning rate or a larger "
        "batch helps."
    ),
    "diverged": ("The loss was no number in epoch {epoch}. A much lower learning rate helps."),
}
OPTIONS = {  # of a training's plan; `train --set NAME=VALUE`
    "overfitting": ("network.dropout", "loop.weight_decay"),
    "underfitting": ("network.hidden", "loop.learning_rate", "loop.epochs"),
    "unfinished": ("loop.epochs",),
    "unsteady": ("loop.learning_rate", "loop.batch"),
    "diverged": ("loop.learning_rate",),
}


class Symptom(Result):
    """One thing that the losses show."""

    name: Literal["overfitting", "underfitting", "unfinished", "unsteady", "diverged"]
    epoch: int  # where it shows first
    options: tuple[str, ...]  # of the plan, which help

    @property
    def sentence(self) -> str:
        """What it means and what helps."""
        return SENTENCES[self.name].format(epoch=self.epoch)


def diagnose(history: Sequence[Mapping[str, float]]) -> list[Symptom]:
    """What is wrong with a training, by its losses after each epoch; empty if nothing shows.

    history: each with "train_loss" and "validation_loss".
    """
    losses = [
        (float(each["train_loss"]), float(each["validation_loss"]))
        for each in history
        if "train_loss" in each and "validation_loss" in each
    ]
    if len(losses) < 3:
        return []
    train, validation = np.array(losses).T
    bad = np.flatnonzero(~(np.isfinite(train) & np.isfinite(validation)))
    if len(bad):
        return [_symptom("diverged", int(bad[0]))]
    best, last = int(validation.argmin()), len(validation) - 1
    found = []
    steps = np.diff(validation)
    turns = np.count_nonzero(steps[1:] * steps[:-1] < 0)
    swings = np.abs(steps).mean() > SWUNG * abs(validation.mean()) and turns >= len(steps) / 2
    if swings:
        found.append(_symptom("unsteady", 1))
    elif validation[last] > validation[best] * (1 + ROSE) and train[last] < train[best]:
        found.append(_symptom("overfitting", best + 1))
    if train[0] - train.min() < FELL * abs(train[0]):
        found.append(_symptom("underfitting", last))
    if best == last and validation[last - 1] - validation[last] > STILL * abs(validation[last]):
        found.append(_symptom("unfinished", last))
    return found


def _symptom(name: str, at: int) -> Symptom:
    return Symptom.model_validate({"name": name, "epoch": at + 1, "options": OPTIONS[name]})
