"""Explains one student's score as of a week, from the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql, words
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.families.risk import marks
from edupulse_core.families.risk.explain import Explanation, explain
from edupulse_core.families.risk.score import handed_in, school_norms
from edupulse_core.families.risk.version import verify
from edupulse_core.features import sequences
from edupulse_core.features.weeks import newest_weeks, sunday
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.snapshots import Snapshot

_STUDENT_WEEK = sql.load("families/risk/student_week")


@dataclass(frozen=True)
class StudentExplanation:
    """Why a student has a week's score; without 4 weeks of history there is no explanation."""

    student_id: str
    as_of: date  # the Sunday that ends the week
    model_version: str
    observed: list[bool]  # (20,)
    features: tuple[str, ...]  # (F,) what the model reads
    explanation: Explanation | None

    def as_json(self) -> dict[str, Any]:
        """What `edupulse explain --json` prints."""
        nothing = {"risk_score": None, "tier": None, "attention": None, "attributions": None}
        why: dict[str, Any] = {**nothing, "factors": [], "agreement": None}
        if self.explanation is not None:
            why = self.explanation.as_json()
        return {
            "student_id": self.student_id,
            "as_of": self.as_of.isoformat(),
            "model_version": self.model_version,
            **why,
            "features": list(self.features),
            "observed": self.observed,
        }


def explain_student(
    settings: Settings,
    folder: Path,
    snapshot: Snapshot,
    student_id: str,
    *,
    as_of: date | None = None,
) -> StudentExplanation:
    """Explain a student's score with the version in folder.

    Raises MissingError when there is no as-of week, or the student was not enrolled in it.
    """
    with snapshots.connect(settings, snapshot, features=True) as con:
        return explain_row(settings, folder, con, student_id, as_of=as_of)


def explain_row(
    settings: Settings,
    folder: Path,
    con: duckdb.DuckDBPyConnection,
    student_id: str,
    *,
    as_of: date | None = None,
    norms: Mapping[str, NDArray[np.float64]] | None = None,
    told: bool = True,
) -> StudentExplanation:
    """As `explain_student`, with an open connection to the warehouse and its features.

    norms: of `school_norms` for the week, where they are known already.  told: whether to work out
    the reasons.
    """
    given = {"student_id": student_id, "as_of": as_of}
    row: pa.Table = con.sql(_STUDENT_WEEK, params=given).to_arrow_table()
    if not len(row):
        week = sunday(newest_weeks(con, as_of)[0])
        raise MissingError(
            f"no student {student_id!r} was enrolled in the week that ended on {words.day(week)}"
        )
    version = verify(folder)
    ends = row.select(["student_id", "week_start"])
    found = sequences.windows(con, ends, features=version.features)
    week_start = row["week_start"][0].as_py()
    explanation = None
    if row["known_weeks"][0].as_py() >= settings.outcomes.min_history_weeks:
        if norms is None:
            norms = school_norms(con, week_start, version.features)
        handed, age = None, np.nan
        if told:
            handed = handed_in(con, week_start, [student_id])[student_id]
            age = marks.ages(con, week_start, [student_id], settings)[0]
        seen = found.values[0], found.observed[0], norms[row["school_id"][0].as_py()]
        explanation = explain(settings, folder, *seen, handed, age, told)
    return StudentExplanation(
        student_id,
        sunday(week_start),
        version.name,
        found.observed[0].tolist(),
        version.features,
        explanation,
    )
