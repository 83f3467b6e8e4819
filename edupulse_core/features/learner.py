"""The features of a learner: one SQL step each, from learning records up to a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Literal

import pyarrow as pa
from duckdb import DuckDBPyConnection

from edupulse_core import sql

LearnerUnit = Literal["count", "minutes", "share", "level", "days"]
STREAK = 3  # right answers in a row that finish a skill
UNRATED = 3.0  # what a use without a rating weighs: the middle of 1 to 5


@dataclass(frozen=True)
class LearnerFeature:
    """One number about how a student learns."""

    name: str  # also of its SQL step
    label: str
    unit: LearnerUnit
    range: tuple[float, float]
    files: tuple[str, ...]  # that it is computed from; without any of them it is unknown
    means: str


FEATURES = (
    LearnerFeature(
        "lrn_activities",
        "Activities",
        "count",
        (1, inf),
        ("interactions", "study_sessions", "ratings"),
        "answers, study sessions and uses of resources so far; unknown before the first",
    ),
    LearnerFeature(
        "lrn_session_minutes",
        "Average study session",
        "minutes",
        (0, 1440),
        ("study_sessions",),
        "mean length of the study sessions so far",
    ),
    LearnerFeature(
        "lrn_completion_rate",
        "Topics completed",
        "share",
        (0, 1),
        ("interactions", "ratings"),
        f"skills with {STREAK} right answers in a row, or with a completed resource ÷ skills begun "
        "by an answer, a study session or a resource",
    ),
    LearnerFeature(
        "lrn_preferred_difficulty",
        "Preferred difficulty",
        "level",
        (1, 5),
        ("ratings", "resources"),
        "mean difficulty of the resources used so far, each use weighted by its rating (without "
        f"one, {UNRATED:g})",
    ),
    LearnerFeature(
        "lrn_days_since_last",
        "Days since the last activity",
        "days",
        (0, inf),
        ("interactions", "study_sessions", "ratings"),
        "days from the last answer, study session or use of a resource; 0 on the same day",
    ),
    LearnerFeature(
        "lrn_content_difficulty",
        "Difficulty of the content",
        "level",
        (1, 5),
        ("interactions", "items"),
        "mean difficulty of the items answered so far, each answer counted",
    ),
)


def build(con: DuckDBPyConnection, day: date, students: Sequence[str]) -> pa.Table:
    """The features of these students at the end of a day, in their order: student_id, FEATURES."""
    return build_each(con, students, [day] * len(students)).drop_columns("day")


def build_each(con: DuckDBPyConnection, students: Sequence[str], days: Sequence[date]) -> pa.Table:
    """The features of each student at the end of the day beside them: student_id, day, FEATURES.

    Null is unknown: nothing is known from that the feature is computed from. Rows keep the order in
    which they were asked for.
    """
    asked = list(zip(students, days, strict=True))
    given = {
        "students": list(students),
        "days": list(days),
        "streak": STREAK,
        "unrated": UNRATED,
    }
    columns = {"student_id": pa.array(students, pa.string()), "day": pa.array(days, pa.date32())}
    for feature in FEATURES:
        rows = sql.table(con, f"features/sql/learner/{feature.name}", given).to_pylist()
        known = {(row["student_id"], row["day"]): row["value"] for row in rows}
        columns[feature.name] = pa.array([known.get(each) for each in asked], pa.float64())
    return pa.table(columns)
