"""OULAD, the Open University's tables: who was registered when, what came of them, their weeks.

Step 0 of a window is all that lies before day 0; step w is the week that ends with day 7 * w - 1.
What stands at a step reads rows dated up to its last day, and never after.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.benchmarks.outcomes.weekly import RESULTS, Weekly

DAILY = (("AAA", "2013J"), ("AAA", "2014J"), ("BBB", "2013B"))  # presentations with daily clicks
PRESENTATION = ["code_module", "code_presentation"]
KEY = [*PRESENTATION, "id_student"]
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
    assessments: pd.DataFrame
    submitted: pd.DataFrame
    clicks: pd.DataFrame
    sites: pd.DataFrame
    sums: pd.DataFrame


NAMES = {
    "info": "studentInfo",
    "registration": "studentRegistration",
    "assessments": "assessments",
    "submitted": "studentAssessment",
    "clicks": "studentVle",
    "sites": "vle",
    "sums": "vle_agg_weeks_2_4_6_8",
}


def read(folder: Path) -> Tables:
    """All tables of a folder; pandas' own error where a file is missing."""
    found = {
        field.name: pd.read_parquet(folder / f"{NAMES[field.name]}.parquet")
        for field in fields(Tables)
    }
    for table in found.values():  # plain text, so that comparisons give plain arrays
        for name in table.columns[table.dtypes == "string"]:
            table[name] = table[name].astype(object)
    return Tables(**found)


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
        tables.assessments,
        tables.submitted[tables.submitted["date_submitted"] <= day],
        tables.clicks[tables.clicks["date"] <= day],
        tables.sites,
        tables.sums[tables.sums["Days"] <= day + 1],
    )


def weekly(
    tables: Tables,
    presentations: tuple[tuple[str, str], ...] | None = None,
    *,
    left_before_start: bool = False,
) -> Weekly:
    """Every student of these presentations, or of all, who had not left before the course began.

    left_before_start: with those who had.
    """
    from tests.benchmarks.outcomes import oulad_inputs

    people = tables.info.merge(tables.registration, on=KEY)
    if presentations is not None:
        people = people.merge(pd.DataFrame(presentations, columns=PRESENTATION), on=PRESENTATION)
    if not left_before_start:
        people = people[~(people["date_unregistration"] <= 0)]
    people = people.reset_index(drop=True)
    people["row"] = np.arange(len(people))
    people["presentation"] = people["code_module"] + "-" + people["code_presentation"]
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
