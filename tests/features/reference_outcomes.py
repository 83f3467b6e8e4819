"""The labels once more, in plain pandas: a student and a week at a time."""

import numpy as np
import pandas as pd

from edupulse_core.config import Settings
from tests.features.reference import WEEK, Student, n_failing, rounded, students
from tests.features.reference_silence import REMOVALS
from tests.features.reference_tables import Warehouse, monday


def outcomes(warehouse: Warehouse, settings: Settings) -> pd.DataFrame:
    """student_id, week_start, the three flags and severity; NaN where there is no label."""
    rows = [
        {"student_id": student.student_id, "week_start": week, **label(student, week)}
        for student in students(warehouse, settings)
        for week in student.weeks
        if week + pd.Timedelta(days=6) <= warehouse.rows_end
    ]
    names = ["student_id", "week_start", "flag_a", "flag_b", "flag_c", "severity"]
    return pd.DataFrame(rows, columns=names)


def horizon(student: Student, week: pd.Timestamp) -> pd.Timestamp | None:
    """The Sunday that ends the label's window; None when the calendar ends before."""
    open_days = student.warehouse.school_days
    sunday = week + pd.Timedelta(days=6)
    mine = open_days.merge(student.spans, on="school_id")
    mine = mine[(mine.date >= mine.start_date) & (mine.date < mine.end_date)]
    schools = mine[(mine.date >= week) & (mine.date <= sunday)].school_id.unique()
    later = open_days[open_days.school_id.isin(schools) & (open_days.date > sunday)].date
    mondays = sorted({monday(day) for day in later})
    n = student.settings.outcomes.horizon_weeks
    return mondays[n - 1] + pd.Timedelta(days=6) if len(mondays) >= n else None


def label(student: Student, week: pd.Timestamp) -> dict[str, float]:
    """The flags and severity of the weeks after this one; empty when there is no label."""
    has, rules = student.warehouse.has, student.settings.outcomes
    end = horizon(student, week)
    years = student.warehouse.years
    limit = years[years.school_year == student.year_of_week[week]].end_date
    year_end = pd.Timestamp(limit.iloc[0]) if len(limit) else pd.NaT
    if end is None or end > student.warehouse.data_end or end >= year_end:
        return {}
    start = week + WEEK

    def within(dates: pd.Series) -> pd.Series:
        return (dates >= start) & (dates <= end)

    days = student.days[within(student.days.date)]
    is_dropout = (
        within(student.withdrawals.date) & (student.withdrawals.reason == "dropout")
    ).any()
    if len(days) < rules.min_days_enrolled and not is_dropout:
        return {}
    known = days[days.known_on.isna()]
    a = float(
        len(known) > 0 and rounded(known.absent.mean()) >= student.settings.attendance.chronic_rate
    )
    incidents = student.incidents[within(student.incidents.date)]
    b = float(incidents.action.isin(REMOVALS).any() or len(incidents) >= rules.incidents)
    results = student.results[student.results.scored & within(student.results.score_date)]
    c = float(n_failing(results, student.settings) > 0)
    silence = student.warehouse.silence
    mine = [monday for monday in student.weeks if week <= monday <= end]
    school = student.school_of_week[mine[-1]]
    unknown = silence.known(school, end)
    is_silent = silence.all_silent(school, end - pd.Timedelta(days=6))
    if not has.get("attendance") or is_silent or len(days) and not len(known):
        a = np.nan
    flags = {
        "flag_a": a,
        "flag_b": b if has.get("incidents") and "incidents" not in unknown else np.nan,
        "flag_c": c if has.get("grades") and "marks" not in unknown else np.nan,
    }
    if not is_dropout and all(np.isnan(flag) for flag in flags.values()):
        return {}
    weights = (rules.weight_a, rules.weight_b, rules.weight_c)
    severity = sum(w * np.nan_to_num(f) for w, f in zip(weights, flags.values(), strict=True))
    return {**flags, "severity": 1.0 if is_dropout else rounded(severity)}
