"""What the level of a text means, in words."""

UNFAMILIAR = 0.5  # from here down, most words are new to the model
SHORT = 20  # words: of fewer, a single rare one is more than 5% of the text
LEVELS = {1: "very easy", 2: "easy", 3: "medium", 4: "hard", 5: "very hard"}


def too_short(words: int) -> str:
    """Such as "Too short to be sure: 2 words."; empty for a text that is long enough."""
    counted = "1 word" if words == 1 else f"{words} words"
    return f"Too short to be sure: {counted}." if words < SHORT else ""


def in_words(level: int, low: int, high: int, familiar: float = 1.0, words: int = SHORT) -> str:
    """Such as "Level 3 of 5 (medium). 9 in 10 texts like this are at level 2 to 4."."""
    if short := too_short(words):
        doubt = "" if low == high else f" It may be anything from level {low} to {high}."
        return f"Level {level} of 5 ({LEVELS[level]}). {short}{doubt}"
    if familiar < UNFAMILIAR:
        return (
            f"Perhaps level {level} of 5 ({LEVELS[level]}), but most of its words are new to the "
            "model. Rely on your own reading."
        )
    where = "that level" if low == high else f"level {low} to {high}"
    return f"Level {level} of 5 ({LEVELS[level]}). 9 in 10 texts like this are at {where}."
