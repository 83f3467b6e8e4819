"""The heatmaps of the scored week: worked out at night, and read by the pages.

They are kept in a file beside the features, a row for each student. It can be deleted: a page works
out what it does not find there.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from edupulse_core import files
from edupulse_core.families.risk.agreement import NONE, PARTLY, STABLE, Agreement, badge
from edupulse_core.warehouse.snapshots import PICTURES, Snapshot

VERDICTS = (STABLE, PARTLY, NONE)
Add = Callable[[Sequence[str], NDArray[np.float64], "Pictures"], None]


@dataclass(frozen=True)
class Picture:
    """What a student's heatmaps are drawn from."""

    attention: NDArray[np.float32] | None  # (T, T), mean of the heads; None without attention
    attributions: NDArray[np.float32]  # (T, F)
    observed: NDArray[np.bool_]  # (T,)
    agreement: Agreement


@dataclass(frozen=True)
class Pictures:
    """Those of N students."""

    attention: NDArray[np.float32]  # (N, T, T)
    attributions: NDArray[np.float32]  # (N, T, F)
    observed: NDArray[np.bool_]  # (N, T)
    agreement: list[Agreement]


def file_of(snapshot: Snapshot, version: str) -> Path:
    """The file of the newest week's pictures by a model's version."""
    return snapshot.path.with_name(f"{snapshot.version}.{version}{PICTURES}")


@contextmanager
def writing(path: Path, ids: Sequence[str], weeks: int, features: int) -> Iterator[Add]:
    """Give a function that adds some students, in the order of their ids, with their scores.

    ids: of all who may come.  When the block ends, the file appears, whole, and those of other
    versions are deleted.
    """
    kind = np.dtype(
        [
            ("student_id", f"S{max([1, *(len(one.encode()) for one in ids)])}"),
            ("score", "f8"),
            ("verdict", "u1"),
            ("reasons", "f8"),
            ("weeks", "f8"),
            ("observed", "?", (weeks,)),
            ("attention", "f4", (weeks, weeks)),
            ("attributions", "f4", (weeks, features)),
        ]
    )
    n = 0
    with files.replacing(path) as half:
        with half.open("wb") as file:

            def add(some: Sequence[str], scores: NDArray[np.float64], made: Pictures) -> None:
                nonlocal n
                file.write(_rows(kind, some, scores, made).tobytes())
                n += len(some)

            _head(file, kind, 0)
            yield add
            file.seek(0)
            _head(file, kind, n)  # numpy leaves room in a head for a larger count
        files.seal(half, path)
    for other in path.parent.glob(f"{path.name.split('.')[0]}.*{PICTURES}*"):
        if not other.name.startswith(path.name):
            other.unlink(missing_ok=True)


def _head(file: BinaryIO, kind: np.dtype[np.void], n: int) -> None:
    about = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (n,)}
    np.lib.format.write_array_header_2_0(file, about)


def _rows(
    kind: np.dtype[np.void], ids: Sequence[str], scores: NDArray[np.float64], made: Pictures
) -> NDArray[np.void]:
    rows = np.zeros(len(ids), kind)
    rows["student_id"] = [one.encode() for one in ids]
    rows["score"] = scores
    rows["verdict"] = [VERDICTS.index(one.verdict) for one in made.agreement]
    rows["reasons"] = [one.reasons for one in made.agreement]
    rows["weeks"] = [one.weeks for one in made.agreement]
    for name in ("observed", "attention", "attributions"):
        rows[name] = getattr(made, name)
    return rows


def read(path: Path, student_id: str, score: float) -> Picture | None:
    """A student's picture of this very score; None where none is kept, or the file is damaged."""
    try:
        if not files.is_whole(path):
            return None
        rows = np.load(path, mmap_mode="r")
    except (OSError, ValueError):
        return None
    wanted = student_id.encode()
    place = bisect_left(rows, wanted, key=lambda row: row["student_id"])
    if place == len(rows) or rows[place]["student_id"] != wanted or rows[place]["score"] != score:
        return None
    row = rows[place]
    told = badge(VERDICTS[row["verdict"]], float(row["reasons"]), float(row["weeks"]))
    return Picture(row["attention"], row["attributions"], row["observed"], told)
