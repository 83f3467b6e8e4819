"""OULAD with daily clicks: students of the presentations that have them, by week of prediction."""

import numpy as np

from edupulse_core.errors import MissingError
from tests.benchmarks.outcomes import oulad
from tests.benchmarks.outcomes.weekly import Case, Weekly

WEEKS = (2, 4, 8, 12, 16, 19)
PASS_MARK = 40
PUBLISHED = {  # boosting on weekly clicks of four presentations, computed on these files (V)
    "2": ".724 (V)",
    "4": ".770 (V)",
    "8": ".821 (V)",
    "12": ".833 (V)",
    "16": ".872 (V)",
    "19": ".886 (V)",
}


def case(tables: oulad.Tables, weeks: tuple[int, ...] = WEEKS) -> Case:
    """Students still registered at the cut; a week's step is its number.

    Weeks that the clicks of a presentation do not reach are left out; MissingError if all are.
    """
    names = oulad.with_daily_clicks(tables)
    until = tables.clicks.groupby(oulad.PRESENTATION)["date"].max().min()
    cuts = {str(week): week for week in weeks if 7 * week - 1 <= until}
    if not cuts:
        raise MissingError(
            f"studentVle.parquet: some presentation has no clicks by week {weeks[0]}"
        )
    weekly = oulad.weekly(tables, names)
    return Case(
        "OULAD daily",
        weekly,
        cuts,
        weekly.registered & (np.arange(weekly.values.shape[1]) > 0),
        flags(weekly),
        PUBLISHED,
    )


def flags(weekly: Weekly) -> np.ndarray:
    """ABC-like: no click this week, a failing mean, an assessment missed; (N, T), 0 to 3."""

    def of(name: str) -> np.ndarray:
        return weekly.values[:, :, weekly.names.index(name)]

    failing = np.nan_to_num(of("tutor_mean"), nan=100.0) < PASS_MARK
    return (of("active_days") == 0) + failing.astype(float) + (of("n_missing") > 0)
