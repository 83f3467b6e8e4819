"""OULAD's sums of clicks up to week 2, 4, 6 and 8, of all presentations.

The file of sums names no presentation: a student who took two has one line with the clicks of both,
also of a course that began later. Only students of one presentation are therefore counted.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from edupulse_core.errors import MissingError
from tests.benchmarks.outcomes import oulad
from tests.benchmarks.outcomes.weekly import Case, Weekly

WEEKS = (2, 4, 6, 8)
RANKS = ("last_score_rank", "points_rank")
PUBLISHED = {"2": ".714 (R)", "4": ".780 (R)", "6": ".803 (R)", "8": ".835 (R)"}
PUBLISHED_LATER = {"2": ".713 (R)", "4": ".752 (R)", "6": ".773 (R)", "8": ".800 (R)"}


def weeks(tables: oulad.Tables) -> list[int]:
    """Up to which weeks the file has sums."""
    return [week for week in WEEKS if (tables.sums["Week"] == week).any()]


def at_week(tables: oulad.Tables, week: int) -> pd.DataFrame:
    """The sums up to a week, by student."""
    return tables.sums[tables.sums["Week"] == week].set_index("id_student")


def case(tables: oulad.Tables) -> Case:
    """All students with clicks, also those who had left: a step for each week of the file.

    Ranks are no inputs here: who has left has none, which would tell.
    """
    info = tables.info
    once = ~info["id_student"].duplicated(keep=False)
    weekly = oulad.weekly(replace(tables, info=info[once]), left_before_start=True)
    names = [f"sum_{name}" for name in (*oulad.SUMS, *oulad.SCORES)]
    shown = weeks(tables)
    if not shown:
        raise MissingError("vle_agg_weeks_2_4_6_8.parquet: there are no sums of week 2, 4, 6 or 8")
    sums = np.full((len(weekly), len(shown), len(names)), np.nan, dtype=np.float32)
    for at, week in enumerate(shown):
        of = at_week(tables, week).reindex(weekly.student)
        sums[:, at, : len(oulad.SUMS)] = np.log1p(of[list(oulad.SUMS)].to_numpy(np.float32))
        sums[:, at, len(oulad.SUMS) :] = of[list(oulad.SCORES)].to_numpy(np.float32)
    counted = ~np.isnan(sums[:, :, 0])
    # daily clicks are of few presentations only, so of none here
    first, others = weekly.sizes[0], weekly.sizes[2:]
    taken = [at for at in range(first, len(weekly.names)) if weekly.names[at] not in RANKS]
    together = Weekly(
        np.concatenate([sums, weekly.values[:, shown][:, :, taken]], axis=2),
        weekly.known[:, shown],
        weekly.registered[:, shown],
        weekly.result,
        weekly.student,
        weekly.presentation,
        (*names, *(weekly.names[at] for at in taken)),
        (len(names), len(taken) - sum(others), *others),
    )
    kept = counted.any(axis=1)
    cuts = {str(week): at for at, week in enumerate(shown)}
    return Case("OULAD sums", together.of(kept), cuts, counted[kept], None, PUBLISHED)
