"""OULAD, the Open University's tables: who was registered when, what came of them, their weeks.

Step 0 of a window is all that lies before day 0; step w is the week that ends with day 7 * w - 1.
What stands at a step reads rows dated up to its last day, and never after.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edupulse_core.errors import SourceError
from tests.benchmarks.outcomes import files
from tests.benchmarks.outcomes.weekly import RESULTS, Weekly

PRESENTATION = ["code_module", "code_presentation"]
KEY = [*PRESENTATION, "id_student"]
SUMS = ("total_clicks", "avg_daily_clicks", "std_clicks", "active_days", "interactions")
SCORES = ("assess_mean", "assess_max", "assess_count")
STEPS = 20  # before the start, and 19 weeks
EDUCATION = {
    "No Formal quals": 0,
    "Lower Than A Level": 1,
    "A Level or Equivalent": 2,
    "HE Qualification": 3,
    "Post Graduate Qualification": 4,
}


@dataclass(frozen=True)
class Tables:
    """The files as they are."""

    info: pd.DataFrame
    registration: pd.DataFrame
    courses: pd.DataFrame
    assessments: pd.DataFrame
    submitted: pd.DataFrame
    clicks: pd.DataFrame
    sites: pd.DataFrame
    sums: pd.DataFrame


@dataclass(frozen=True)
class File:
    """Where a table stands, which columns are read, and what names a row."""

    name: str
    columns: dict[str, files.Column]
    key: list[str] = field(default_factory=list)


_TIME = dict.fromkeys(PRESENTATION, files.TEXT)
_WHO = {**_TIME, "id_student": files.WHOLE}
FILES = {  # by table
    "info": File(
        "studentInfo",
        {
            **_WHO,
            "highest_education": files.MAYBE_TEXT,
            "num_of_prev_attempts": files.COUNT,
            "studied_credits": files.Column("number", low=1),
            "final_result": files.TEXT,
        },
        KEY,
    ),
    "registration": File(
        "studentRegistration",
        {
            **_WHO,
            "date_registration": files.MAYBE_NUMBER,
            "date_unregistration": files.MAYBE_NUMBER,
        },
        KEY,
    ),
    "courses": File(
        "courses",
        {**_TIME, "module_presentation_length": files.Column("whole", low=1, high=10_000)},
        PRESENTATION,
    ),
    "assessments": File(
        "assessments",
        {
            **_TIME,
            "id_assessment": files.WHOLE,
            "assessment_type": files.TEXT,
            "date": files.MAYBE_NUMBER,
            "weight": files.Column("number", low=0),
        },
        ["id_assessment"],
    ),
    "submitted": File(
        "studentAssessment",
        {
            "id_assessment": files.WHOLE,
            "id_student": files.WHOLE,
            "date_submitted": files.WHOLE,
            "is_banked": files.FLAG,
            "score": files.MAYBE_NUMBER,
        },
        ["id_assessment", "id_student"],
    ),
    "clicks": File(
        "studentVle",
        {**_WHO, "id_site": files.WHOLE, "date": files.WHOLE, "sum_click": files.COUNT},
    ),
    "sites": File(
        "vle",
        {**_TIME, "id_site": files.WHOLE, "activity_type": files.TEXT},
        [*PRESENTATION, "id_site"],
    ),
    "sums": File(
        "vle_agg_weeks_2_4_6_8",
        {
            **{"id_student": files.WHOLE, "Week": files.WHOLE, "Days": files.WHOLE},
            **dict.fromkeys(SUMS, files.Column("number", low=0)),
            **dict.fromkeys(SCORES, files.MAYBE_NUMBER),
            "std_clicks": files.Column("number", empty=True, low=0),
        },
        ["id_student", "Week"],
    ),
}


def read(folder: Path) -> Tables:
    """All tables of a folder; a sentence where a file, a column or a value is not as it should."""
    found = Tables(
        **{
            table: files.read(folder / f"{file.name}.parquet", file.columns, key=file.key)
            for table, file in FILES.items()
        }
    )
    unknown = sorted(set(found.info["final_result"]) - set(RESULTS))
    if unknown:
        raise SourceError(
            f"not one of {', '.join(RESULTS)}: {unknown[0]!r}",
            file="studentInfo.parquet",
            column="final_result",
        )
    return found


def with_daily_clicks(tables: Tables) -> list[str]:
    """The presentations that have rows in the file of daily clicks, such as AAA-2013J."""
    return sorted(set(presentation(tables.clicks[PRESENTATION].drop_duplicates())))


def presentation(rows: pd.DataFrame) -> "pd.Series[str]":
    """The name of each row's presentation: module and time, such as AAA-2013J."""
    return rows["code_module"] + "-" + rows["code_presentation"]


def last(tables: Tables, names: Collection[str]) -> list[str]:
    """Those of some presentations that began last."""
    start = _days(tables)["start"].reindex(list(names))
    return sorted(start.index[start == start.max()])


def ended(tables: Tables, names: Collection[str], before: Collection[str]) -> list[str]:
    """Those of some presentations that were over when the first of the others began."""
    days = _days(tables)
    return sorted(set(names) & set(days.index[days["end"] <= days["start"][list(before)].min()]))


def _days(tables: Tables) -> pd.DataFrame:
    """Start and end of every presentation; as months B is February, J October."""
    courses = tables.courses.set_index(presentation(tables.courses))
    start = courses["code_presentation"].map(_start)
    length = pd.to_timedelta(courses["module_presentation_length"], unit="D")
    days = pd.DataFrame({"start": start, "end": start + length})
    unknown = sorted(set(presentation(tables.info)) - set(days.index))
    if unknown:
        raise SourceError(f"there is no {unknown[0]}", file="courses.parquet")
    return days


def _start(code: str) -> pd.Timestamp:
    if not re.fullmatch(r"\d{4}[A-L]", code):
        raise SourceError(
            f"not a year and a letter from A to L: {code!r}",
            file="courses.parquet",
            column="code_presentation",
        )
    return pd.Timestamp(int(code[:4]), ord(code[4]) - ord("A") + 1, 1)


def up_to(tables: Tables, day: int) -> Tables:
    """The same tables as they stood at the end of a day: nothing that was dated later.

    Results and withdrawals of later days are unknown then; who is registered is kept by row.
    """
    registration = tables.registration.copy()
    later = registration["date_unregistration"] > day
    registration.loc[later, "date_unregistration"] = np.nan
    return Tables(
        tables.info,
        registration,
        tables.courses,
        tables.assessments,
        tables.submitted[tables.submitted["date_submitted"] <= day],
        tables.clicks[tables.clicks["date"] <= day],
        tables.sites,
        tables.sums[tables.sums["Days"] <= day + 1],
    )


def weekly(
    tables: Tables,
    presentations: Collection[str] | None = None,
    *,
    left_before_start: bool = False,
) -> Weekly:
    """Every student of these presentations, or of all, who had not left before the course began.

    left_before_start: with those who had.
    """
    from tests.benchmarks.outcomes import oulad_inputs

    people = tables.info.merge(tables.registration, on=KEY)
    people["presentation"] = presentation(people)
    if presentations is not None:
        people = people[people["presentation"].isin(presentations)]
    if not left_before_start:
        people = people[~(people["date_unregistration"] <= 0)]
    people = people.reset_index(drop=True)
    people["row"] = np.arange(len(people))
    left = people["date_unregistration"].fillna(np.inf).to_numpy()[:, None]
    came = people["date_registration"].fillna(-np.inf).to_numpy()[:, None]
    known = came <= ends()
    registered = known & (left > ends())
    parts = oulad_inputs.modalities(tables, people, registered)
    return Weekly(
        np.stack([x for part in parts for x in part.values()], axis=2).astype(np.float32),
        known,
        registered,
        people["final_result"].map({name: at for at, name in enumerate(RESULTS)}).to_numpy(),
        people["id_student"].to_numpy(np.int64),
        people["presentation"].to_numpy(object),
        tuple(name for part in parts for name in part),
        tuple(len(part) for part in parts),
    )


def ends() -> NDArray[np.int64]:
    """The last day of each step, (STEPS,)."""
    return 7 * np.arange(STEPS) - 1
