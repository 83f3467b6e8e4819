"""Public records of answers as examples of knowledge tracing, on the splits that they come with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from edupulse_core.errors import MissingError
from edupulse_core.families.family import Split
from edupulse_core.families.tracing.examples import Examples, as_cases, make_log

ITEMS = "assistments09_items"
VALIDATION = 0.15  # share of the training students, where the data name none
NO_TIME = np.datetime64("2026-01-01T00:00:00")  # these records have an order and no times


@dataclass
class Rows:
    """Answers as they are read, in order."""

    who: list[str]
    item: list[str]
    skills: list[Sequence[str]]
    correct: list[float]

    def add(self, other: "Rows") -> None:
        """Put others after these."""
        self.who += other.who
        self.item += other.item
        self.skills += other.skills
        self.correct += other.correct


def split_of(data: Path, name: str, seed: int = 0, students: int | None = None) -> Split[Examples]:
    """A data set on its own split.  students: only so many of each part."""
    folder = data / name
    if not folder.is_dir():
        raise MissingError(f"bench tracing needs real answers: there is no folder {folder}")
    read = _with_items if name == ITEMS else _lines
    parts = read(folder, seed)
    if students is not None:
        parts = {part: _first(rows, students) for part, rows in parts.items()}
    return as_split(parts)


def as_split(parts: dict[str, Rows]) -> Split[Examples]:
    """One log of all parts, whose students differ."""
    every, sizes = Rows([], [], [], []), []
    for rows in parts.values():
        every.add(rows)
        sizes.append(len(rows.who))
    at = np.full(len(every.who), NO_TIME)
    log = make_log(every.who, every.item, every.skills, at, np.array(every.correct))
    cases, ends = as_cases(log), np.cumsum([0, *sizes])
    return Split(*(cases.of(np.arange(a, b)) for a, b in zip(ends[:-1], ends[1:], strict=True)))


def _lines(folder: Path, seed: int) -> dict[str, Rows]:
    """Three lines a student: how many answers, their skills, and whether each was right."""
    found = {}
    for part, ending in (("train", "train1"), ("validation", "valid1"), ("test", "test")):
        text = (folder / f"{folder.name}_{ending}.csv").read_text(encoding="utf-8")
        lines = [each.rstrip(",") for each in text.split()]
        rows = Rows([], [], [], [])
        for at, (skills, right) in enumerate(zip(lines[1::3], lines[2::3], strict=True)):
            names = skills.split(",")
            rows.who += [f"{part} {at}"] * len(names)
            rows.item += ["none"] * len(names)
            rows.skills += [(name,) for name in names]
            rows.correct += [float(each) for each in right.split(",")]
        found[part] = rows
    return found


def _with_items(folder: Path, seed: int) -> dict[str, Rows]:
    """A line an answer; the skills of each item are in a matrix beside."""
    matrix = sparse.load_npz(folder / "q_mat.npz").tocsr()
    skills = [
        tuple(str(each) for each in matrix.indices[a:b])
        for a, b in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    ]
    read = {}
    for part in ("train", "test"):
        path = folder / f"preprocessed_data_{part}.csv"
        table = np.loadtxt(path, dtype=np.int64, delimiter="\t", skiprows=1)
        read[part] = table[np.argsort(table[:, 0], kind="stable")]
    students = np.unique(read["train"][:, 0])
    held = np.random.default_rng(seed).random(len(students)) < VALIDATION
    is_held = np.isin(read["train"][:, 0], students[held])
    tables = {
        "train": read["train"][~is_held], "validation": read["train"][is_held], "test": read["test"]
    }  # fmt: skip
    return {
        part: Rows(
            [f"{part} {each}" for each in table[:, 0]],
            [str(each) for each in table[:, 1]],
            [skills[each] or (f"skill {skill}",) for each, skill in table[:, [1, 4]].tolist()],
            table[:, 3].astype(float).tolist(),
        )
        for part, table in tables.items()
    }


def shuffled(split: Split[Examples], seed: int) -> Split[Examples]:
    """The same answers, but right and wrong are dealt out anew: nothing is left to learn."""
    log = split.train.log
    correct = np.random.default_rng(seed).permutation(log.correct)
    every = as_cases(replace(log, correct=correct))
    return Split(*(every.of(part.place) for part in (split.train, split.validation, split.test)))


def _first(rows: Rows, students: int) -> Rows:
    """The answers of the first students."""
    names = set(list(dict.fromkeys(rows.who))[:students])
    kept = [at for at, who in enumerate(rows.who) if who in names]
    return Rows(*([each[at] for at in kept] for each in _columns(rows)))


def _columns(rows: Rows) -> Iterator[list]:  # type: ignore[type-arg]
    yield from (rows.who, rows.item, rows.skills, rows.correct)
