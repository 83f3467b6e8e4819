"""A made-up presentation in OULAD's file format, for the tests: four students, three weeks."""

import pandas as pd

from tests.benchmarks.outcomes.oulad import Tables

COURSE = {"code_module": "AAA", "code_presentation": "2013J"}
ANA, BEN, CY, DEE = 1, 2, 3, 4  # passes, fails, leaves on day 10, leaves before the start


def tables() -> Tables:
    """Ana clicks every week; Ben once; two assessments are due on days 5 and 12."""
    results = {ANA: "Pass", BEN: "Fail", CY: "Withdrawn", DEE: "Withdrawn"}
    info = pd.DataFrame(
        [
            {
                **COURSE,
                "id_student": student,
                "gender": "F",
                "region": "Scotland",
                "highest_education": "HE Qualification",
                "imd_band": "0-10%",
                "age_band": "0-35",
                "num_of_prev_attempts": 0,
                "studied_credits": 60,
                "disability": False,
                "final_result": result,
            }
            for student, result in results.items()
        ]
    )
    left = {ANA: None, BEN: None, CY: 10.0, DEE: -3.0}
    registration = pd.DataFrame(
        [
            {
                **COURSE,
                "id_student": student,
                "date_registration": -20.0,
                "date_unregistration": day,
            }
            for student, day in left.items()
        ]
    ).astype({"date_unregistration": float})
    due = [(1, "TMA", 5.0, 40.0), (2, "TMA", 12.0, 60.0), (3, "Exam", None, 100.0)]
    assessments = pd.DataFrame(
        [
            {**COURSE, "id_assessment": a, "assessment_type": kind, "date": day, "weight": weight}
            for a, kind, day, weight in due
        ]
    ).astype({"date": float})
    submitted = pd.DataFrame(
        [(1, ANA, 3, False, 80.0), (2, ANA, 13, False, 50.0), (1, BEN, 6, False, 30.0)],
        columns=["id_assessment", "id_student", "date_submitted", "is_banked", "score"],
    )
    clicks = pd.DataFrame(
        [(ANA, 9, -2, 4), (ANA, 9, 0, 3), (ANA, 8, 0, 1), (ANA, 9, 8, 5), (ANA, 9, 15, 2)]
        + [(BEN, 8, 1, 6), (CY, 8, 2, 7)],
        columns=["id_student", "id_site", "date", "sum_click"],
    ).assign(**COURSE)
    sites = pd.DataFrame([(9, "forumng"), (8, "quiz")], columns=["id_site", "activity_type"])
    sums = [(ANA, 2, 15), (ANA, 4, 15), (BEN, 2, 6), (BEN, 4, 6), (DEE, 2, 1)]
    return Tables(
        info,
        registration,
        assessments,
        submitted,
        clicks,
        sites.assign(**COURSE),
        pd.DataFrame(
            [
                {
                    "id_student": student,
                    "total_clicks": total,
                    "avg_daily_clicks": 2.0,
                    "std_clicks": 1.0,
                    "active_days": 2,
                    "interactions": 3,
                    "assess_mean": 0.0,
                    "assess_max": 0.0,
                    "assess_count": 0.0,
                    "Week": week,
                    "Days": 7 * week,
                }
                for student, week, total in sums
            ]
        ),
    )
