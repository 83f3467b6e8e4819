"""Fictional students in the file formats of OULAD and HSLS, for the tests."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.outcomes.oulad import FILES, KEY, PRESENTATION, Tables

HERE = "AAA-2013J"
ANA, BEN, CY, DEE = 1, 2, 3, 4  # passes, fails, leaves on day 10, leaves before the start
RESULTS = {ANA: "Pass", BEN: "Fail", CY: "Withdrawn", DEE: "Withdrawn"}
LEFT = {ANA: None, BEN: None, CY: 10.0, DEE: -3.0}
DUE = [(1, "TMA", 5.0, 40.0), (2, "TMA", 12.0, 60.0), (3, "Exam", None, 100.0)]
SUBMITTED = [(1, ANA, 3, False, 80.0), (2, ANA, 13, False, 50.0), (1, BEN, 6, False, 30.0)]
CLICKS = [  # student, site, day, clicks
    *((ANA, 9, -2, 4), (ANA, 9, 0, 3), (ANA, 8, 0, 1), (ANA, 9, 8, 5), (ANA, 9, 15, 2)),
    *((BEN, 8, 1, 6), (CY, 8, 2, 7)),
]
SITES = [(9, "forumng"), (8, "quiz")]
SUMS = [(ANA, 2, 15), (ANA, 4, 15), (BEN, 2, 6), (BEN, 4, 6), (DEE, 2, 1)]


def tables() -> Tables:
    """Four students, three weeks: Ana clicks every week, Ben once; days 5 and 12 are due."""
    here = tuple(HERE.split("-"))
    return Tables(
        _frame(
            [*PRESENTATION, "id_student", "final_result"],
            [(*here, student, result) for student, result in RESULTS.items()],
        ).assign(
            gender="F",
            region="Scotland",
            highest_education="HE Qualification",
            imd_band="0-10%",
            age_band="0-35",
            num_of_prev_attempts=0,
            studied_credits=60,
            disability=False,
        ),
        _frame(
            [*KEY, "date_registration", "date_unregistration"],
            [(*here, student, -20.0, day) for student, day in LEFT.items()],
        ).astype({"date_unregistration": float}),
        _frame([*PRESENTATION, "module_presentation_length"], [(*here, 268)]),
        _frame(
            [*PRESENTATION, "id_assessment", "assessment_type", "date", "weight"],
            [(*here, *each) for each in DUE],
        ).astype({"date": float}),
        _frame(["id_assessment", "id_student", "date_submitted", "is_banked", "score"], SUBMITTED),
        _frame(
            [*KEY, "id_site", "date", "sum_click"],
            [(*here, *each) for each in CLICKS],
        ),
        _frame([*PRESENTATION, "id_site", "activity_type"], [(*here, *each) for each in SITES]),
        _sums(SUMS),
    )


def cohort(name: str, n: int, first: int, *, daily: bool = True) -> Tables:
    """A presentation of n students, numbered from `first`: those who click more tend to pass.

    daily: with daily clicks; their sums are in the file of sums either way.
    """
    rng = np.random.default_rng(first)
    here = tuple(name.split("-"))
    passes = rng.random(n) < 0.5
    students = np.arange(first, first + n)
    clicks = [
        (*here, student, 9, day, int(rng.poisson(4 if good else 2)) + 1)
        for student, good in zip(students, passes, strict=True)
        for day in np.flatnonzero(rng.random(63) < (0.5 if good else 0.3))
    ]
    submitted = [
        (first, student, 5, False, float(rng.normal(70 if good else 55, 10)))
        for student, good in zip(students, passes, strict=True)
    ]
    base = tables()
    days = pd.DataFrame(clicks, columns=base.clicks.columns)
    return replace(
        base,
        info=_repeated(base.info, here, students).assign(
            final_result=np.where(passes, "Pass", "Fail")
        ),
        registration=_repeated(base.registration, here, students),
        courses=_frame(list(base.courses.columns), [(*here, 240)]),
        assessments=_frame(list(base.assessments.columns), [(*here, first, "TMA", 6.0, 100.0)]),
        submitted=pd.DataFrame(submitted, columns=base.submitted.columns),
        clicks=days if daily else days.iloc[:0],
        sites=_frame(list(base.sites.columns), [(*here, 9, "forumng")]),
        sums=_sums(
            [
                (student, week, clicks)
                for week in (2, 4, 6, 8)
                for student, clicks in days[days["date"] <= 7 * week]
                .groupby("id_student")["sum_click"]
                .sum()
                .items()
            ]
        ),
    )


def together(*parts: Tables) -> Tables:
    """Several presentations in one folder's tables."""
    names = [field.name for field in fields(Tables)]
    return Tables(
        **{
            name: pd.concat([getattr(part, name) for part in parts], ignore_index=True)
            for name in names
        }
    )


def high_school() -> pd.DataFrame:
    """Two students in HSLS's file format; the second dropped out."""
    return pd.DataFrame(
        {
            "X4EVERDROP": [0, 1],
            "X1SEX": [0, 1],
            "X1RACE": ["a", "b"],
            "X1CONTROL": ["Public", "Catholic or other private"],
            "X1LOCALE": ["City", "City"],
            "X1REGION": ["West", "South"],
            "S1M8GRADE": ["A", "Class was not graded"],
            "X1SES": [0.5, -0.5],
            "X2SCHOOLCLI": [1.0, 2.0],
            "X2PROBLEM": [3.0, 4.0],
            "STU_ID": [10, 11],
        }
    )


def write(tables: Tables, folder: Path) -> None:
    """The tables as the files that the benchmark reads."""
    folder.mkdir(parents=True)
    for name, file in FILES.items():
        getattr(tables, name).to_parquet(folder / f"{file.name}.parquet")


def _frame(columns: list[str], rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


def _repeated(
    rows: pd.DataFrame,
    here: tuple[str, ...],
    students: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> pd.DataFrame:
    """The first row for each of these students."""
    same = rows.iloc[np.zeros(len(students), dtype=int)].reset_index(drop=True)
    return same.assign(code_module=here[0], code_presentation=here[1], id_student=students)


def _sums(rows: list[tuple[int, int, int]]) -> pd.DataFrame:
    of = pd.DataFrame(rows, columns=["id_student", "Week", "total_clicks"])
    return of.assign(
        avg_daily_clicks=2.0,
        std_clicks=1.0,
        active_days=2,
        interactions=3,
        assess_mean=0.0,
        assess_max=0.0,
        assess_count=0.0,
        Days=7 * of["Week"],
    )
