"""Small counts, which could identify somebody."""

from edupulse_core.config import SMALLEST as SMALLEST


def large(*counts: int) -> bool:
    """Whether each count covers enough students to be shown."""
    return min(counts) >= SMALLEST
