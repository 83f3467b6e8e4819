"""Which groups to leave out of a table, so that nobody can work out figures of a few students.

A reader can add and subtract. From the groups of one attribute and the total, this gives the sum of
the hidden groups and nothing finer. Schools and grades overlap, and the reader knows which grades a
school has. That gives more: the students of some schools minus those of grades that are in no other
school. Every set of students that sums and differences of schools, grades and the total can give is
a disjoint union of such differences and of single groups. (Schools and grades are the two sides of
a graph, their overlaps are its edges, and the sets are its directed cuts.) So none of them may be
small. Two numbers about the same rows also give more together than alone: alarms at Medium or above
minus alarms at High or above are the students shown as Medium. `told` finds the sets that must not
be small in that case.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import SMALLEST

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]
Cells = NDArray[Any]

CROSSED = ("school", "grade")  # attributes of which one's groups may add up to the other's
MOST = 16  # groups of the shorter side that are looked through, as 2 to this many differences
CHUNK = 4096  # differences at a time
NOTHING = 1e-9  # what rounding leaves of zero


def to_hide(
    groups: Mapping[str, NDArray[Any]], student: Whole, *tables: Cells
) -> dict[str, dict[str, bool]]:
    """Whether to hide each group of each attribute: attribute -> group -> hidden.

    groups: attribute -> (N,).  student: (N,) whole numbers from 0.  tables: (N, K), 1 in each cell
    that a row counts in (one or more). Each table also hides what the tables before it and the
    count of all rows hide. Otherwise two tables that each hide a different neighbor of a small
    group would give it away together.
    """
    coded = {name: np.unique(of, return_inverse=True) for name, of in groups.items()}
    hide = {name: np.zeros(len(known), dtype=bool) for name, (known, _) in coded.items()}
    crossed = CROSSED if set(CROSSED) <= set(groups) else ()
    for cells in (tables[0].sum(axis=1, keepdims=True), *tables):
        for name, (known, codes) in coded.items():
            counts = _students(codes, len(known), student, cells)[0]
            if name in crossed:
                hide[name] |= _small(counts)
            else:
                hide[name] = np.array(hidden(counts, hide[name]))
        if crossed:
            _hide_differences([(coded[name][1], hide[name]) for name in crossed], student, cells)
    return {
        name: dict(zip(map(str, known), hide[name].tolist(), strict=True))
        for name, (known, _) in coded.items()
    }


def told(*numbers: Cells) -> Cells:
    """The smallest sets of rows that weighted sums of the shown numbers count, (N, M), 1 in a set.

    numbers: (N, K) each, how often a row counts in each number. If a set contains a smaller such
    set, what remains is such a set too. So every set that a reader can count is a disjoint union of
    these.
    """
    kinds, of = np.unique(np.concatenate(numbers, axis=1), axis=0, return_inverse=True)
    sets = (np.arange(1, 2 ** len(kinds))[:, None] >> np.arange(len(kinds)) & 1).astype(float)
    _, size, basis = np.linalg.svd(kinds.T, full_matrices=False)
    basis = basis[size > NOTHING]
    within = np.abs(sets - sets @ basis.T @ basis).max(axis=1) < NOTHING
    smallest: list[Cells] = []
    for each in sorted(sets[within], key=np.sum):
        if not any((each >= part).all() for part in smallest):
            smallest.append(each)
    return np.stack(smallest, axis=1)[of.ravel()]


def few_stand_in(cells: Cells, student: Whole) -> bool:
    """Whether any of the cells (N, K) has rows of only a few students."""
    (students,), _ = _students(np.zeros_like(student), 1, student, cells)
    return bool(_small(students))


def tells_of_few(student: Whole, *numbers: Cells) -> bool:
    """Whether sums and differences of the shown numbers, as in `told`, count only a few."""
    return few_stand_in(told(*numbers), student)


def two_counts_tell_of_few(student: Whole, one: Whole, other: Whole) -> bool:
    """The same for two counts of all rows, where each row is in one cell of each count.

    one, other: (N,) the cell of each row. They overlap as schools and grades do.
    """
    kinds, places = zip(*(np.unique(of, return_inverse=True) for of in (one, other)), strict=True)
    everyone = np.ones((len(student), 1))
    counts, often = _crossed(places, [len(known) for known in kinds], student, everyone)
    return _told(counts, often) is not None


def in_several(groups: NDArray[Any], student: Whole) -> bool:
    """Whether a student is in two groups: then the sum over groups shows how many are."""
    pairs = np.unique(np.stack([np.unique(groups, return_inverse=True)[1], student]), axis=1)
    return len(pairs.T) > len(np.unique(student))


def hidden(counts: Sequence[Any] | Cells, already: Flags | None = None) -> list[bool]:
    """Which groups of one attribute to hide.  counts: (G, K) students in each cell of each group.

    A group with a small cell is hidden, and so are those in `already`. Because totals may be known,
    the smallest other groups are hidden too, until the hidden groups together have no small cell.
    """
    if not len(counts):
        return []
    counts = np.stack([*map(np.asarray, counts)])
    hide = _small(counts)
    if already is not None:
        hide = hide | already
    order = np.argsort(counts.sum(axis=1), kind="stable")
    while hide.any() and not hide.all():
        together = _small(counts[hide].sum(axis=0))
        if np.count_nonzero(hide) > 1 and not together:
            break
        hide[next(at for at in order if not hide[at])] = True
    return [bool(each) for each in hide.tolist()]


def _small(counts: Cells) -> Any:
    """Whether any cell (..., K) holds a few students: at least one, but too few to show."""
    return ((counts > 0) & (counts < SMALLEST)).any(axis=-1)


def _students(place: Whole, size: int, student: Whole, cells: Cells) -> tuple[Whole, Whole]:
    """Students in each cell of each place, (size, K), and the most places of one student, (K,)."""
    counts = np.zeros((size, cells.shape[1]), dtype=np.int64)
    often = np.ones(cells.shape[1], dtype=np.int64)
    n = int(student.max(initial=-1)) + 1
    for at, cell in enumerate(cells.T):
        once = np.unique(place[cell > 0] * n + student[cell > 0])
        counts[:, at] = np.bincount(once // max(n, 1), minlength=size)
        often[at] = np.bincount(once % max(n, 1), minlength=1).max()
    return counts, often


def _crossed(
    place: Sequence[Whole], shape: Sequence[int], student: Whole, cells: Cells
) -> tuple[Whole, Whole]:
    """`_students` where groups of two sides overlap, (I, J, K).  place: (N,) of each side."""
    counts, often = _students(place[0] * shape[1] + place[1], shape[0] * shape[1], student, cells)
    return counts.reshape(*shape, -1), often


def _hide_differences(sides: Sequence[tuple[Whole, Flags]], student: Whole, cells: Cells) -> None:
    """Hide more groups of two crossed attributes until no difference of shown ones is small.

    sides: each attribute's group of every row, (N,), and which groups are hidden; that is changed.
    """
    everyone = np.ones((len(student), 1))
    sizes = [_students(codes, len(hide), student, everyone)[0][:, 0] for codes, hide in sides]
    while not all(hide.all() for _, hide in sides):
        # all hidden groups of a side are one to the reader: the total less those that are shown
        merged = [np.unique(np.where(h[c], -1, c), return_inverse=True) for c, h in sides]
        (names, place), shape = zip(*merged, strict=True), [len(known) for known, _ in merged]
        choices: list[tuple[int, set[int]]] = []
        if min(shape) <= MOST:
            counts, often = _crossed(place, shape, student, cells)
            told = _told(counts, often)
            if told is None:
                return
            choices = list(_to_merge(told, np.asarray(counts.any(axis=2)), names))
        if not choices:
            choices = [
                (side, {int(group)})
                for side, (_, hide) in reversed([*enumerate(sides)])
                for group in np.flatnonzero(~hide)
            ]
        side, chosen = min(choices, key=lambda each: sum(sizes[each[0]][i] for i in each[1]))
        sides[side][1][list(chosen)] = True


def _told(counts: Whole, often: Whole) -> Flags | None:
    """The overlaps (I, J) that add up to a small difference; None if there is none.

    counts: (I, J, K) students.  often: (K,) the most overlaps that one student has a row in. A sum
    over overlaps counts each student at most that often.
    """
    if counts.shape[0] < counts.shape[1]:
        found = _told(counts.transpose(1, 0, 2), often)
        return None if found is None else found.T
    present = counts.any(axis=2)
    rows, columns = present.shape
    flat = counts.reshape(rows * columns, -1)
    known = np.stack([flat, flat >= SMALLEST], axis=2).reshape(rows * columns, -1).astype(float)

    def first_small(parts: Flags) -> Flags | None:
        found = parts.reshape(len(parts), -1).astype(float) @ known
        total, large = found[:, 0::2], found[:, 1::2]
        small = ((total > 0) & (large == 0) & (total < SMALLEST * often)).any(axis=1)
        return parts[small.argmax()] if small.any() else None

    told = first_small(np.eye(rows, dtype=bool)[:, :, None] & present)
    for start in range(1, 2**columns, CHUNK):
        if told is not None:
            break
        number = np.arange(start, min(start + CHUNK, 2**columns))
        less = (number[:, None] >> np.arange(columns) & 1).astype(bool)  # columns taken away
        of = less @ present.T  # from the rows that hold some of them
        told = first_small(of[:, :, None] & ~less[:, None, :] & present)
    return told


def _to_merge(
    told: Flags, present: Flags, names: Sequence[Whole]
) -> Iterator[tuple[int, set[int]]]:
    """Pairs of groups of one side to hide together, so that the small difference disappears.

    Yields the side and the groups not yet hidden: one overlaps a group of the other side inside the
    difference, the other overlaps it outside.
    """
    for side, inside, there in ((1, told, present), (0, told.T, present.T)):
        for within, rest in zip(inside, there & ~inside, strict=True):
            for one in np.flatnonzero(within):
                for other in np.flatnonzero(rest):
                    yield side, {int(names[side][at]) for at in (one, other)} - {-1}
