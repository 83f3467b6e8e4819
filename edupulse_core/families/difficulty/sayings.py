"""What the level of a text means, in words."""

UNFAMILIAR = 0.5  # from here down, most words are new to the model
LEVELS = {1: "very easy", 2: "easy", 3: "medium", 4: "hard", 5: "very hard"}


def in_words(level: int, low: int, high: int, familiar: float = 1.0) -> str:
    """Such as "Level 3 of 5 (medium). 9 in 10 texts like this are at level 2 to 4."."""
    if familiar < UNFAMILIAR:
        return (
            f"Perhaps level {level} of 5 ({LEVELS[level]}), but most of its words are new to the "
            "model. Rely on your own reading."
        )
    where = "that level" if low == high else f"level {low} to {high}"
    return f"Level {level} of 5 ({LEVELS[level]}). 9 in 10 texts like this are at {where}."
