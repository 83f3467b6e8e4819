"""How hard texts are: one that somebody asks about, and those of the district without a level."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edupulse_core.actions import answers
from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.families.difficulty import NAME, sayings
from edupulse_core.lifecycle import serving
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor


@dataclass(frozen=True)
class Level:
    """What a version says of one text."""

    level: int  # 1 to 5, the likeliest
    low: int  # nine texts in ten lie between low and high
    high: int
    mean: float  # 1 to 5
    probabilities: Mapping[str, float]  # of each level
    familiar: float  # 1: its words are known as well as those of most texts; 0: none is
    measures: Mapping[str, float]  # the ten plain ones, by name
    version: str

    @property
    def confidence(self) -> float:
        """The probability of the likeliest level."""
        return self.probabilities[str(self.level)]

    @property
    def note(self) -> str:
        """Why not to rely on the level: too short a text, or unknown words; else empty."""
        return sayings.note(self.measures, self.familiar)

    def as_json(self) -> dict[str, Any]:
        """What the command line prints with --json."""
        return {
            "difficulty": self.level,
            "probabilities": dict(self.probabilities),
            "low": self.low,
            "high": self.high,
            "mean": round(self.mean, 4),
            "note": self.note,
            "familiar": self.familiar,
            "measures": dict(self.measures),
            "model_version": self.version,
        }


def level_of(actor: Actor, settings: Settings, text: str) -> Level:
    """How hard a text is. Raises InputError where it has no words."""
    from edupulse_core.families.difficulty.family import Question
    from edupulse_core.training.sentences import words_of

    if not words_of(text):
        raise InputError("there are no words in this text")
    found = answers.ask(actor, settings, NAME, [], Question(texts=(text,)))
    return _levels(found)["text 1"]


def levels(actor: Actor, settings: Settings) -> dict[str, Level]:
    """The levels of the district's texts that nobody has given one, by "resource ID" or "item ID".

    They are stored until the version, the data or the week change; the records stay as they are.
    Raises MissingError where no version serves.
    """
    found = serving.shown_to_all(settings, NAME)
    if found.is_new:
        details = {"as_of": found.as_of.isoformat(), "run_id": found.run_id}
        trail.note(settings, actor, trail.ASK, NAME, {"family": NAME, **details})
    return _levels(found)


def known_levels(actor: Actor, settings: Settings) -> dict[str, Level]:
    """The levels as `levels`, for a page: none where no version serves."""
    try:
        return levels(actor, settings)
    except InputError:
        return {}


def _levels(found: serving.Answered) -> dict[str, Level]:
    made = {}
    for row in found.rows.to_pylist():
        details = json.loads(row["details"])
        made[row["subject"]] = Level(
            level=int(row["label"]),
            low=round(row["low"]),
            high=round(row["high"]),
            mean=row["value"],
            probabilities=details["probabilities"],
            familiar=details["familiar"],
            measures=details["measures"],
            version=found.version,
        )
    return made
