"""What the level of a text means, in words."""

from collections.abc import Mapping

UNFAMILIAR = 0.5  # from here down, most words are new to the model
SHORT = 20  # words: of fewer, a single rare one is more than 5% of the text
LONG = 10  # letters a word: longer ones are of a script that puts no blank between words
UNKNOWN = "Most of its words are new to the model. Rely on your own reading."
LEVELS = {1: "very easy", 2: "easy", 3: "medium", 4: "hard", 5: "very hard"}


def note(measures: Mapping[str, float], familiar: float) -> str:
    """Why not to rely on a level, such as "Too short to be sure: 2 words."; or empty."""
    words = round(measures["words"])
    if words < SHORT and measures["letters_per_word"] < LONG:
        return f"Too short to be sure: {words} word{'s' * (words != 1)}."
    return UNKNOWN if familiar < UNFAMILIAR else ""


def in_words(level: int, low: int, high: int, note: str = "") -> str:
    """Such as "Level 3 of 5 (medium). 9 in 10 texts like this are at level 2 to 4."."""
    if note:
        doubt = "" if low == high else f" It may be anything from level {low} to {high}."
        return f"Perhaps level {level} of 5 ({LEVELS[level]}). {note}{doubt}"
    where = "that level" if low == high else f"level {low} to {high}"
    return f"Level {level} of 5 ({LEVELS[level]}). 9 in 10 texts like this are at {where}."
