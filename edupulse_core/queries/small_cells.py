"""Small counts, from which somebody could be recognized."""

from edupulse_core.config import SMALLEST as SMALLEST


def large(*counts: int) -> bool:
    """Whether each count stands for enough students to be shown."""
    return min(counts) >= SMALLEST
