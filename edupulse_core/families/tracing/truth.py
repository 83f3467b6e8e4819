"""Masteries beside the true ones of a fictional district, for students held out of training."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv
from pydantic import BaseModel

from edupulse_core.errors import MissingError
from edupulse_core.families.family import Array, Occasion
from edupulse_core.families.tracing import examples as cases
from edupulse_core.families.tracing.examples import Examples
from edupulse_core.families.tracing.model import TracingModel
from edupulse_core.features import build

FILE = "mastery.csv"
_KINDS = {"student_id": pa.string(), "skill_id": pa.string(), "p_correct": pa.float64()}


class Planted(BaseModel):
    """How near the masteries are to the true chances of a right answer."""

    skills: str  # with answers, or without any
    rows: int  # students and skills
    correlation: float
    mean_distance: float
    in_range: float  # share of the true chances that lie in the range


def beside_truth(model: TracingModel, occasion: Occasion[Examples]) -> list[Planted]:
    """Each skill of each student at the end of the data. Raises MissingError without the file."""
    assert occasion.truth is not None
    path: Path = occasion.truth / FILE
    if not path.is_file():
        raise MissingError(
            f"{occasion.truth} has no {FILE}: it is not the truth of a demo district"
        )
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=_KINDS))
    told = (table[name].to_pylist() for name in _KINDS)
    true = {(who, skill): chance for who, skill, chance in zip(*told, strict=True)}
    held = occasion.held_out
    students = np.unique(held.who).tolist()
    asked = cases.asked(occasion.con, students, build.as_of(occasion.con))
    names = asked.log.skill_names[asked.skills[:, 0]].tolist()
    keys = list(zip(asked.who.tolist(), names, strict=True))
    known = np.array([at for at, key in enumerate(keys) if key in true], np.int64)
    return compared(model, asked.of(known), np.array([true[keys[at]] for at in known]))


def compared(model: TracingModel, asked: Examples, true: Array) -> list[Planted]:
    """The figures of skills with answers, and of those without.  true: (N,)."""
    value, answers = model.chances(asked), asked.on_skills.answers[:, 0]
    low, high = model.certainty.range_of(value, answers)
    found = []
    for name, mine in (("with answers", answers > 0), ("without answers", answers == 0)):
        if mine.sum() < 2:
            continue
        inside = (true >= low) & (true <= high)
        found.append(
            Planted(
                skills=name,
                rows=int(mine.sum()),
                correlation=round(float(np.corrcoef(value[mine], true[mine])[0, 1]), 4),
                mean_distance=round(float(np.abs(value - true)[mine].mean()), 4),
                in_range=round(float(inside[mine].mean()), 4),
            )
        )
    return found
