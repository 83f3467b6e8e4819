"""Small counts, from which somebody could be recognised."""

SMALLEST = 10  # students; what tells of fewer is hidden from who may not open them by name


def large(*counts: int) -> bool:
    """Whether each count stands for enough students to be shown."""
    return min(counts) >= SMALLEST
