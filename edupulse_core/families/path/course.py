"""The skills of a district, and which of them come before which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.path import BRING
from edupulse_core.warehouse.grades import ORDER, place_of
from edupulse_core.warehouse.learning import without_circles

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Course:
    """S skills and their prerequisites, without circles."""

    skills: tuple[str, ...]
    before: Flags  # (S, S): [s, p] is true where p is a prerequisite of s
    behind: Flags  # (S, S): the same, with the prerequisites of prerequisites
    grade: Array  # (S,) in which a skill is taught, as a place in `grades.ORDER`; NaN: not said

    @property
    def size(self) -> int:
        """How many skills there are."""
        return len(self.skills)

    def place(self, skill: str) -> int:
        """Where a skill stands. Raises InputError if there is none of that name."""
        if skill not in self.skills:
            raise InputError(f"there is no skill {skill!r} in the records")
        return self.skills.index(skill)

    def places(self, skills: Sequence[str]) -> NDArray[np.int64]:
        """Where some skills stand, -1 for each that is not here."""
        known = {name: at for at, name in enumerate(self.skills)}
        return np.array([known.get(name, -1) for name in skills], np.int64)


def read(con: DuckDBPyConnection) -> Course:
    """The course in the warehouse. Raises MissingError if it has no skills."""
    rows = sql.run(con, "families/path/skills")
    if not rows:
        raise MissingError(BRING.format(what="skills"))
    return of(
        {skill: prerequisites or () for skill, prerequisites, _ in rows},
        {skill: grade for skill, _, grade in rows if grade},
    )


def of(
    prerequisites: Mapping[str, Sequence[str]], grades: Mapping[str, str] | None = None
) -> Course:
    """A course from the prerequisites of each skill, and its grade level where that is said.

    Skills that lead back to themselves have no order among each other: their links are dropped, so
    that the others can be used. The import tells of them.
    """
    links = {
        skill: {each for each in given if each in prerequisites and each != skill}
        for skill, given in prerequisites.items()
    }
    without_circles(links)
    names = tuple(prerequisites)
    at = {name: place for place, name in enumerate(names)}
    before = np.zeros((len(names), len(names)), bool)
    for skill, given in links.items():
        before[at[skill], [at[each] for each in given]] = True
    behind = before.copy()
    for skill in TopologicalSorter(links).static_order():
        behind[at[skill]] |= behind[before[at[skill]]].any(axis=0)
    return Course(names, before, behind, in_order([(grades or {}).get(name) for name in names]))


def in_order(grades: Sequence[str | None]) -> Array:
    """The place of each grade level in `grades.ORDER`; NaN for none, and for what is none."""
    places = [len(ORDER) if each is None else place_of(each)[0] for each in grades]
    found = np.array(places, float)
    found[found >= len(ORDER)] = np.nan
    return found
