"""OULAD's sums of clicks up to week 2, 4, 6 and 8, of all presentations.

The file of sums names no presentation: a student who took two has one line with the clicks of both,
also of a course that began later. Only students of one presentation are therefore counted.
"""

import numpy as np

from tests.benchmarks.outcomes import oulad
from tests.benchmarks.outcomes.weekly import Case

WEEKS = (2, 4, 6, 8)
LATER = "2014J"
LOGGED = ("total_clicks", "avg_daily_clicks", "std_clicks", "active_days", "interactions")
AS_THEY_ARE = ("assess_mean", "assess_max", "assess_count")
PUBLISHED = {"2": ".714 (R)", "4": ".780 (R)", "6": ".803 (R)", "8": ".835 (R)"}
PUBLISHED_LATER = {"2": ".713 (R)", "4": ".752 (R)", "6": ".773 (R)", "8": ".800 (R)"}


def case(tables: oulad.Tables) -> Case:
    """All students with clicks, also those who had left: step i is WEEKS[i]."""
    info = tables.info
    once = ~info["id_student"].duplicated(keep=False)
    weekly = oulad.weekly(
        oulad.Tables(**{**vars(tables), "info": info[once]}), left_before_start=True
    )
    names = [f"sum_{name}" for name in (*LOGGED, *AS_THEY_ARE)]
    sums = np.full((len(weekly), len(WEEKS), len(names)), np.nan, dtype=np.float32)
    for at, week in enumerate(WEEKS):
        of = tables.sums[tables.sums["Week"] == week].set_index("id_student")
        of = of.reindex(weekly.student)
        sums[:, at, : len(LOGGED)] = np.log1p(of[list(LOGGED)].to_numpy(np.float32))
        sums[:, at, len(LOGGED) :] = of[list(AS_THEY_ARE)].to_numpy(np.float32)
    counted = ~np.isnan(sums[:, :, 0])
    activity = weekly.sizes[0]  # daily clicks: of three presentations only, so of none here
    shown = oulad.Weekly(
        np.concatenate([sums, weekly.values[:, WEEKS, activity:]], axis=2),
        weekly.known[:, WEEKS],
        weekly.registered[:, WEEKS],
        weekly.result,
        weekly.student,
        weekly.presentation,
        (*names, *weekly.names[activity:]),
        (len(names), *weekly.sizes[1:]),
    )
    kept = counted.any(axis=1)
    cuts = {str(week): at for at, week in enumerate(WEEKS)}
    return Case("OULAD sums", shown.of(kept), cuts, counted[kept], None, PUBLISHED)
