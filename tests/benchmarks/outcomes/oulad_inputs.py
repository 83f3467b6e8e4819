"""What an OULAD student-week says: clicks, assessments, and what was known at registration."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.benchmarks.outcomes.oulad import (
    EDUCATION,
    KEY,
    PRESENTATION,
    STEPS,
    Tables,
    ends,
)

Grid = NDArray[np.float64]  # (N, STEPS), NaN where unknown
Part = dict[str, Grid]
KINDS = ("oucontent", "forumng", "homepage", "subpage", "resource", "quiz", "url")


def modalities(tables: Tables, people: pd.DataFrame, registered: NDArray[np.bool_]) -> list[Part]:
    """Inputs by modality: activity, assessments, background; each item (N, STEPS)."""
    return [
        activity(tables, people, registered),
        assessments(tables, people, registered),
        background(people),
    ]


def activity(tables: Tables, people: pd.DataFrame, registered: NDArray[np.bool_]) -> Part:
    """Daily clicks by week; unknown for a presentation whose clicks are not in the files."""
    clicks = tables.clicks.merge(people[[*KEY, "row"]], on=KEY)
    clicks = clicks.merge(tables.sites[[*PRESENTATION, "id_site", "activity_type"]])
    clicks["step"] = step_of(clicks["date"])
    clicks = clicks[clicks["step"] < STEPS]
    n = len(people)
    daily = clicks.drop_duplicates(["row", "date"])
    sites = clicks.drop_duplicates(["row", "step", "id_site"])
    total, days, seen = (
        _count(n, x, w) for x, w in ((clicks, True), (daily, False), (sites, False))
    )
    weekend = _count(n, daily[daily["date"] % 7 >= 5], False)
    kinds = {k: _count(n, clicks[clicks["activity_type"] == k], True) for k in KINDS}
    so_far, weeks = total.cumsum(axis=1), np.arange(1, STEPS + 1)
    recent = total + np.pad(total, ((0, 0), (1, 0)))[:, :-1]
    part = {
        "log_clicks": np.log1p(total),
        "active_days": days,
        "log_sites": np.log1p(seen),
        "weekend_days": weekend,
        "log_days_since_click": np.log1p(_days_since(n, daily)),
        "log_clicks_so_far": np.log1p(so_far),
        "active_weeks_so_far": (total > 0).cumsum(axis=1) / weeks,
        "active_days_so_far": days.cumsum(axis=1) / weeks,
        "clicks_rank": rank(total, registered, people),
        "clicks_so_far_rank": rank(so_far, registered, people),
        "days_so_far_rank": rank(days.cumsum(axis=1), registered, people),
        "trend": np.log1p(recent) - np.log1p(so_far - recent),
        **{f"log_{kind}": np.log1p(x) for kind, x in kinds.items()},
        "log_forum_so_far": np.log1p(kinds["forumng"].cumsum(axis=1)),
        "log_quiz_so_far": np.log1p(kinds["quiz"].cumsum(axis=1)),
        "log_content_so_far": np.log1p((kinds["oucontent"] + kinds["resource"]).cumsum(axis=1)),
    }
    has = people.merge(tables.clicks[PRESENTATION].drop_duplicates().assign(has=True), how="left")
    known = (has["has"] == True).to_numpy()[:, None]  # noqa: E712
    return {name: np.where(known, x, np.nan) for name, x in part.items()}


def assessments(tables: Tables, people: pd.DataFrame, registered: NDArray[np.bool_]) -> Part:
    """Handed in, missed, late and scored so far; a score counts from the day of handing in."""
    due = tables.assessments[tables.assessments["date"].notna()]
    due = due[due["assessment_type"] != "Exam"].sort_values(
        [*PRESENTATION, "date", "id_assessment"]
    )
    handed = tables.submitted.merge(due, on="id_assessment").merge(people[[*KEY, "row"]], on=KEY)
    parts: Part = {}
    for (module, time), of in people.groupby(PRESENTATION):
        here = due[(due["code_module"] == module) & (due["code_presentation"] == time)]
        theirs = handed[handed["row"].isin(of["row"])]
        found = _presentation(here.reset_index(drop=True), theirs, of["row"].to_numpy())
        for name, grid in found.items():
            parts.setdefault(name, np.full((len(people), STEPS), np.nan))[of["row"]] = grid
    parts["last_score_rank"] = rank(parts["last_score"], registered, people)
    parts["points_rank"] = rank(parts["points"], registered, people)
    return parts


def _presentation(due: pd.DataFrame, handed: pd.DataFrame, rows: NDArray[np.int64]) -> Part:
    """The assessments of one presentation; each item (len(rows), STEPS)."""
    where = (
        np.searchsorted(rows, handed["row"]),
        handed["id_assessment"]
        .map({each: at for at, each in enumerate(due["id_assessment"])})
        .to_numpy(),
    )
    shape = len(rows), len(due)
    day, score, banked = np.full(shape, np.inf), np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    day[where], score[where] = handed["date_submitted"], handed["score"]
    banked[where] = handed["is_banked"]
    steps = [_step(due, day, score, banked, end) for end in ends()]
    return {name: np.stack([step[name] for step in steps], axis=1) for name in steps[0]}


def _step(due: pd.DataFrame, day: Grid, score: Grid, banked: Grid, end: int) -> Part:
    """What was known of A assessments at the end of a day; day, score, banked: (N, A)."""
    date, weight = due["date"].to_numpy(float), due["weight"].to_numpy(float)
    marked_by_machine = (due["assessment_type"] == "CMA").to_numpy(bool)
    done, past = day <= end, date <= end
    missing, known, own = past & ~done, done & ~np.isnan(score), done & ~banked
    this_week = known & (day > end - 7)
    by_tutor, by_machine = known & ~marked_by_machine, known & marked_by_machine
    heavy = np.where(weight > 0, weight, 1.0)  # some presentations weigh nothing
    future = np.flatnonzero(~past)
    points = np.where(known & past, score, 0.0) * heavy
    n = len(day)
    return {
        "n_due": np.full(n, float((past & (date > end - 7)).sum())),
        "n_handed_in": (done & (day > end - 7)).sum(axis=1).astype(float),
        "n_missing": missing.sum(axis=1).astype(float),
        "weight_missing": (missing * weight).sum(axis=1),
        "share_handed_in": (done & past).sum(axis=1) / past.sum()
        if past.any()
        else np.full(n, np.nan),
        "score": _mean(score, this_week),
        "tutor_mean": _mean(score, by_tutor, heavy),
        "machine_mean": _mean(score, by_machine),
        "lowest_score": _extreme(score, known),
        "last_score": _latest(score, np.where(by_tutor, date, -np.inf)),
        "points": points.sum(axis=1) / heavy[past].sum() if past.any() else np.full(n, np.nan),
        "days_early": np.clip(_latest(date - day, np.where(own, day, -np.inf)), -30, 30),
        "n_late": (own & (day > date)).sum(axis=1).astype(float),
        "n_scores": known.sum(axis=1).astype(float),
        "n_banked": (done & banked).sum(axis=1).astype(float),
        "days_to_next": np.full(n, min(date[future[0]] - end, 40.0) if len(future) else 40.0),
        "weight_of_next": np.full(n, weight[future[0]] if len(future) else 0.0),
        "n_ahead": done[:, future].sum(axis=1).astype(float),
    }


def background(people: pd.DataFrame) -> Part:
    """Known at registration; not sex, age, region, disability or deprivation."""
    start = people["date_registration"].clip(-200, 40).to_numpy(float)
    facts = {
        "n_previous_attempts": people["num_of_prev_attempts"].clip(upper=3).to_numpy(float),
        "log_credits": np.log(people["studied_credits"].to_numpy(float)),
        "education": people["highest_education"].map(EDUCATION).to_numpy(float),
        "registered_on": start,
        **{
            f"module_{module}": (people["code_module"] == module).to_numpy(float)
            for module in sorted(people["code_module"].unique())[:-1]
        },
    }
    parts = {name: np.repeat(x[:, None], STEPS, axis=1) for name, x in facts.items()}
    parts["week"] = np.repeat(np.arange(STEPS, dtype=float)[None] / STEPS, len(people), axis=0)
    return parts


def step_of(day: pd.Series) -> pd.Series:
    """The step in which a day lies."""
    return (day // 7 + 1).clip(lower=0)


def rank(values: Grid, registered: NDArray[np.bool_], people: pd.DataFrame) -> Grid:
    """0..1 among those of the presentation who are registered at the time; unknown for others."""
    shown = pd.DataFrame(np.where(registered, values, np.nan))
    by = shown.groupby(people["presentation"].to_numpy())
    placed = by.rank() - 0.5
    return (placed / by.transform("count").replace(0, np.nan)).to_numpy()


def _count(n: int, rows: pd.DataFrame, clicks: bool) -> Grid:
    grid = np.zeros((n, STEPS))
    np.add.at(grid, (rows["row"], rows["step"]), rows["sum_click"] if clicks else 1)
    return grid


def _days_since(n: int, daily: pd.DataFrame) -> Grid:
    """Days from the last click to the end of the step; from 30 days before the start if none."""
    last = np.full((n, STEPS), -31.0)
    by = daily.groupby(["row", "step"])["date"].max()
    last[by.index.get_level_values(0), by.index.get_level_values(1)] = by
    return ends() - np.maximum.accumulate(last, axis=1)


def _mean(values: Grid, chosen: NDArray[np.bool_], weight: Grid | None = None) -> Grid:
    weights = chosen * (1.0 if weight is None else weight)
    total = weights.sum(axis=1)
    found = (np.where(chosen, values, 0.0) * weights).sum(axis=1)
    return np.where(total > 0, found / np.where(total > 0, total, 1.0), np.nan)


def _extreme(values: Grid, chosen: NDArray[np.bool_]) -> Grid:
    lowest = np.where(chosen, values, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(lowest), lowest, np.nan)


def _latest(values: Grid, when: Grid) -> Grid:
    """The value with the latest time; unknown where every time is -inf."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        at = when.argmax(axis=1)
    rows = np.arange(len(values))
    return np.where(np.isfinite(when[rows, at]), values[rows, at], np.nan)
