"""The heatmaps of the scored week: worked out at night, and read by the pages.

They are kept in two files beside the features, a row for each student. One has those that the
reasons' few points already give, the other those that need more points. Both can be deleted: a page
works out what it does not find there.
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

KINDS = ("quick", "more")  # those that the reasons' points give, and those that need more
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
    """Those of N students whose attributions are complete enough for a heatmap."""

    rows: NDArray[np.int64]  # (N,): their places among all who were scored
    attention: NDArray[np.float32]  # (N, T, T)
    attributions: NDArray[np.float32]  # (N, T, F)
    observed: NDArray[np.bool_]  # (N, T)
    agreement: list[Agreement]


def file_of(snapshot: Snapshot, version: str, kind: str = "quick") -> Path:
    """A file of the newest week's pictures by a model's version.  kind: one of KINDS."""
    return snapshot.path.with_name(f"{snapshot.version}.{version}.{kind}{PICTURES}")


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
                n += len(made.rows)

            _head(file, kind, 0)
            yield add
            file.seek(0)
            _head(file, kind, n)  # numpy leaves room in a head for a larger count
        files.seal(half, path)
    of_version = path.name.removesuffix(PICTURES).rpartition(".")[0]
    keep = tuple(f"{of_version}.{kind}{PICTURES}" for kind in KINDS)
    for other in path.parent.glob(f"{path.name.split('.')[0]}.*{PICTURES}*"):
        if not other.name.startswith(keep):
            other.unlink(missing_ok=True)


def _head(file: BinaryIO, kind: np.dtype[np.void], n: int) -> None:
    about = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (n,)}
    np.lib.format.write_array_header_2_0(file, about)


def _rows(
    kind: np.dtype[np.void], ids: Sequence[str], scores: NDArray[np.float64], made: Pictures
) -> NDArray[np.void]:
    rows = np.zeros(len(made.rows), kind)
    rows["student_id"] = [ids[place].encode() for place in made.rows]
    rows["score"] = scores[made.rows]
    rows["verdict"] = [VERDICTS.index(one.verdict) for one in made.agreement]
    rows["reasons"] = [one.reasons for one in made.agreement]
    rows["weeks"] = [one.weeks for one in made.agreement]
    for name in ("observed", "attention", "attributions"):
        rows[name] = getattr(made, name)
    return rows


def find(snapshot: Snapshot, version: str, student_id: str, score: float) -> Picture | None:
    """A student's picture of this very score; None where there is none."""
    looked = (read(file_of(snapshot, version, kind), student_id, score) for kind in KINDS)
    return next((picture for picture in looked if picture is not None), None)


def read(path: Path, student_id: str, score: float) -> Picture | None:
    """As `find`, in one file; None also where the file is missing or damaged."""
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
