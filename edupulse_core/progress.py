"""How long work says how far it has come, and learns that it should stop."""

import re
from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # (what is being worked on, done, in all)
Cancel = Callable[[], bool]  # asked between steps: whether to stop


def part(name: str, at: int, of: int) -> str:
    """What a step is called that is one of several alike, such as "boosting (2 of 5)"."""
    return f"{name} ({at} of {of})"


def parts_left(step: str) -> int:
    """How many of several steps alike are left, with this one; 0 for any other step."""
    found = re.search(r" \((\d+) of (\d+)\)$", step)
    return max(int(found[2]) - int(found[1]) + 1, 1) if found else 0
