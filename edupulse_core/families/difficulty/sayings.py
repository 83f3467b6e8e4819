"""What the level of a text means, in words."""

LEVELS = {1: "very easy", 2: "easy", 3: "medium", 4: "hard", 5: "very hard"}


def in_words(level: int, low: int, high: int) -> str:
    """Such as "Level 3 of 5 (medium). Nine in ten texts like this are at level 2 to 4"."""
    said = f"Level {level} of 5 ({LEVELS[level]})"
    if low == high:
        return f"{said}. Nine in ten texts like this are at that level"
    return f"{said}. Nine in ten texts like this are at level {low} to {high}"
