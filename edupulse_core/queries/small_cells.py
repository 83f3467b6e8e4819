"""Hide small counts, so that nobody can be recognised, not even by subtraction."""

from collections.abc import Callable, Sequence

from edupulse_core.config import SMALLEST as SMALLEST


def hidden(cells: Sequence[Sequence[int]]) -> list[list[bool]]:
    """Which cells of a table of counts to hide, when its row and column totals may be known.

    A hidden cell never stands alone in its row or column, and what is hidden together in one is
    never small itself: the smallest of the rest goes with it.
    """
    hide = [[0 < count < SMALLEST for count in row] for row in cells]
    columns = range(len(cells[0])) if cells else range(0)
    changed = True
    while changed:
        changed = False
        for r in range(len(cells)):
            changed |= _cover([(r, c) for c in columns], cells, hide)
        for c in columns:
            changed |= _cover([(r, c) for r in range(len(cells))], cells, hide)
    return hide


def share(part: int, whole: int) -> float | None:
    """A share of students; None where either side of it is small."""
    if part < SMALLEST or whole - part < SMALLEST:
        return None
    return part / whole


def shares(parts: Sequence[int], wholes: Sequence[int]) -> list[float | None]:
    """The shares of several schools beside their total: a hidden one never stands alone."""
    found = [share(part, whole) for part, whole in zip(parts, wholes, strict=True)]
    lone = [i for i, value in enumerate(found) if value is None]
    known = [i for i, value in enumerate(found) if value is not None]
    if len(lone) == 1 and known:
        found[min(known, key=parts.__getitem__)] = None
    return found


def _cover(
    line: list[tuple[int, int]], cells: Sequence[Sequence[int]], hide: list[list[bool]]
) -> bool:
    """Hide more of one row or column where what is hidden could be worked out."""
    count: Callable[[tuple[int, int]], int] = lambda at: cells[at[0]][at[1]]  # noqa: E731
    dark = [at for at in line if hide[at[0]][at[1]]]
    light = [at for at in line if not hide[at[0]][at[1]]]
    if not dark or not light or (len(dark) > 1 and sum(map(count, dark)) >= SMALLEST):
        return False
    r, c = min([at for at in light if count(at)] or light, key=count)
    hide[r][c] = True
    return True
