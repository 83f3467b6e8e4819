"""What students of other presentations teach: one more input, learned from their assessments,
registration and summed clicks, and asked of the same facts of the students at hand.

The presentations without daily clicks hold ten times as many students. None of them who is also at
hand teaches. The file of sums counts a student's clicks of all presentations together, so those of
students of one presentation alone are read; it counts one day more than a week's end shows here.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from tests.benchmarks.outcomes import oulad, oulad_inputs, oulad_sums
from tests.benchmarks.outcomes.models import useful
from tests.benchmarks.outcomes.weekly import Case, Weekly

NAME = "other_courses"
Grid = NDArray[np.float64]


def add(case: Case, tables: oulad.Tables, teachers: Collection[str]) -> Case:
    """The case with the logits of such a model at every step as its last input."""
    here, there = case.weekly, oulad.weekly(tables, teachers)
    there = there.of(~np.isin(there.student, here.student))
    asked = inputs(here, clicks_in_days(tables, here))
    logits = learned(there, inputs(there, clicks_in_file(tables, there)), asked)
    values = np.concatenate([here.values, logits[:, :, None].astype(np.float32)], axis=2)
    sizes = (*here.sizes[:-1], here.sizes[-1] + 1)
    return replace(
        case, weekly=replace(here, values=values, names=(*here.names, NAME), sizes=sizes)
    )


def learned(there: Weekly, known: Grid, asked: Grid) -> Grid:
    """Logits (N, T) of boosting, one for each step, from those still registered then.

    known: (teachers, T, F).  asked: (N, T, F).  NaN where one outcome alone is known.
    """
    logits = np.full(asked.shape[:2], np.nan)
    for step in range(1, asked.shape[1]):
        rows = there.registered[:, step]
        if len(np.unique(there.at_risk[rows])) < 2:
            continue
        x = known[rows, step]
        chosen = useful(x)
        model = HistGradientBoostingClassifier(
            max_iter=300,
            learning_rate=0.05,
            max_leaf_nodes=16,
            min_samples_leaf=40,
            l2_regularization=5.0,
            max_features=0.3,
            early_stopping=True,
            random_state=0,
        )
        with threadpool_limits(1):
            model.fit(x[:, chosen], there.at_risk[rows])
            chance = model.predict_proba(asked[:, step][:, chosen])[:, 1]
        logits[:, step] = np.log(chance) - np.log1p(-chance)
    return logits


def inputs(weekly: Weekly, sums: Grid) -> Grid:
    """Sums of clicks, two of them also as ranks, assessments and registration: (N, T, F)."""
    people = pd.DataFrame({"presentation": weekly.presentation})
    ranks = [
        oulad_inputs.rank(sums[:, :, oulad.SUMS.index(name)], weekly.registered, people)
        for name in ("total_clicks", "active_days")
    ]
    of_any_module = [
        at
        for at, name in enumerate(weekly.names)
        if at >= weekly.sizes[0] and not name.startswith("module_")
    ]
    return np.concatenate(
        [sums, np.stack(ranks, axis=2), weekly.values[:, :, of_any_module]], axis=2
    )


def clicks_in_file(tables: oulad.Tables, weekly: Weekly) -> Grid:
    """The file's sums (N, T, 5), logarithms; each until the next; unknown with two courses."""
    n_courses = tables.info["id_student"].value_counts()
    once = n_courses.reindex(weekly.student).to_numpy() == 1
    found = np.full((*weekly.known.shape, len(oulad.SUMS)), np.nan)
    for week in oulad_sums.weeks(tables):
        of = oulad_sums.at_week(tables, week).reindex(weekly.student)[list(oulad.SUMS)]
        found[once, week:] = of.fillna(0.0).to_numpy(float)[once, None]
    return np.log1p(found)


def clicks_in_days(tables: oulad.Tables, weekly: Weekly) -> Grid:
    """The same sums from daily clicks of the student's own presentation."""
    clicks = tables.clicks.assign(presentation=oulad.presentation(tables.clicks))
    people = pd.MultiIndex.from_arrays([weekly.presentation, weekly.student])
    found = np.full((*weekly.known.shape, len(oulad.SUMS)), np.nan)
    for week in oulad_sums.weeks(tables):
        of = clicks[clicks["date"] < 7 * week].groupby(["presentation", "id_student"])
        sums = pd.DataFrame(
            {
                "total_clicks": of["sum_click"].sum(),
                "avg_daily_clicks": of["sum_click"].mean(),
                "std_clicks": of["sum_click"].std(),
                "active_days": of["date"].nunique(),
                "interactions": of.size(),
            },
            columns=list(oulad.SUMS),
        )
        found[:, week:] = sums.reindex(people).fillna(0.0).to_numpy(float)[:, None]
    return np.log1p(found)
