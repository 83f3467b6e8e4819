"""The oracle: what was likely for each student, found by simulating many futures."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import OutcomeRules
from edupulse_core.demo import dynamics, states
from edupulse_core.demo.calendar import WEEKS_A_YEAR
from edupulse_core.demo.episodes import CHANNELS, FEATURE_GROUPS, STRENGTH_UNIT, kernels
from edupulse_core.demo.population import COURSES, Floats
from edupulse_core.demo.rollout import Group, Happened

_RULES = OutcomeRules()
_FAILING = 60  # hundredths
_CHRONIC = 10  # one day in so many
_BATCH = 12_000  # futures at once; about what stays in the processor's cache
_FAINT = 0.15  # effects under this are not worth naming


@dataclass
class Risk:
    """The oracle's answer for the students of one week."""

    rows: NDArray[np.int64]  # positions of the students
    severity: Floats
    p_any: Floats
    p_high: Floats


@dataclass
class Causes:
    """What affected whom in one week; one entry for each student, cause and feature group."""

    rows: NDArray[np.int64]
    cause: NDArray[np.int64]  # of episodes.NAMES
    group: NDArray[np.int64]  # of GROUPS
    strength: Floats


GROUPS = tuple(dict.fromkeys(FEATURE_GROUPS.values()))
_MEMBERS = [
    [CHANNELS.index(name) for name, group in FEATURE_GROUPS.items() if group == wanted]
    for wanted in GROUPS
]
FEATURES = tuple(  # (modality, feature group, feature): which of the 42 each group is
    (modality, group, name)
    for modality, group, names in (
        (
            "attendance",
            "absence",
            "att_absence_rate_1w att_absence_rate_4w att_absence_rate_ytd att_excused_days_1w "
            "att_unexcused_days_1w att_trend_4w att_volatility_8w att_longest_streak_ytd "
            "att_current_streak att_is_chronic",
        ),
        ("attendance", "tardies", "att_tardies_1w att_tardies_4w"),
        ("attendance", "weekdays", "att_mon_fri_share_ytd att_weekday_concentration_ytd"),
        (
            "grades",
            "marks",
            "grd_score_mean_1w grd_score_mean_4w grd_gpa_ytd grd_gpa_change_4w grd_trend_8w "
            "grd_volatility_8w grd_math_ytd grd_english_ytd grd_science_ytd grd_social_studies_ytd",
        ),
        ("grades", "courses", "grd_courses_failing grd_lowest_course grd_course_spread"),
        ("grades", "missing work", "grd_missing_rate_4w grd_late_rate_4w"),
        (
            "discipline",
            "incidents",
            "dsc_incidents_1w dsc_incidents_4w dsc_incidents_ytd dsc_acceleration_4w "
            "dsc_weeks_since_last dsc_repeats_30d_ytd dsc_types_ytd",
        ),
        (
            "discipline",
            "severity",
            "dsc_severity_max_1w dsc_severity_mean_ytd dsc_severity_trend_8w "
            "dsc_days_removed_4w dsc_days_removed_ytd dsc_referral_share_ytd",
        ),
    )
    for name in names.split()
)
_UNITS = np.array([STRENGTH_UNIT.get(name, 1.0) for name in CHANNELS], np.float32)
_KERNELS = np.abs(kernels() / _UNITS)


class Tally:
    """Adds up weeks into the outcome, independently of the SQL, so that one can check the other."""

    def __init__(self, n: int) -> None:
        self.days = np.zeros(n, np.int32)
        self.minutes = np.zeros(n, np.int32)
        self.incidents = np.zeros(n, np.int32)
        self.removed = np.zeros(n, bool)
        self.points = np.zeros((n, COURSES), np.float32)  # whole numbers: exact
        self.results = np.zeros((n, COURSES), np.int32)
        self.dropped_out = np.zeros(n, bool)

    def add(self, week: states.Week) -> None:
        """Count one more week."""
        self.days += states.across(week.enrolled, np.int32)
        self.minutes += states.across(week.minutes, np.int32)
        self.incidents += week.incidents
        self.removed |= week.days_removed > 0
        on_time, late = week.work == states.ON_TIME, ~np.isnan(week.scored_late)
        np.add(self.points, week.mark, out=self.points, where=on_time)
        np.add(self.points, week.scored_late, out=self.points, where=late)
        self.results += on_time
        self.results += late
        self.dropped_out |= week.left == states.DROPOUT

    def severity(self) -> Floats:
        """0 to 1; NaN where there is no label."""
        absent = (self.minutes * _CHRONIC >= states.DAY * self.days) & (self.days > 0)
        conduct = self.removed | (self.incidents >= _RULES.incidents)
        failing = ((self.points < _FAILING * self.results) & (self.results > 0)).any(axis=1)
        total = _RULES.weight_a * absent + _RULES.weight_b * conduct + _RULES.weight_c * failing
        total = np.where(self.dropped_out, 1.0, total)
        labeled = self.dropped_out | (self.days >= _RULES.min_days_enrolled)
        return np.where(labeled, total, np.nan).astype(np.float32)


def is_evaluated(happened: Happened, every: int, *, is_last: bool) -> bool:
    """Whether the oracle judges this week: every n-th week with a label, and the last one."""
    plan, week = happened.plan, happened.week
    horizon = _RULES.horizon_weeks
    if week + horizon >= WEEKS_A_YEAR:
        return False
    latest = is_last and week == plan.n_weeks - 1
    return latest or (
        week % every == every - 1
        and week + horizon < plan.n_weeks
        and week + 1 >= _RULES.min_history_weeks
    )


def foresee(group: Group, happened: Happened, n_futures: int) -> Risk:
    """Simulate many futures of every student enrolled at the week's end."""
    plan, week = happened.plan, happened.week
    rng = np.random.default_rng([*group.seed, 4, plan.year.number, week])
    rows = np.flatnonzero(happened.state.active)
    answers = []
    for part in np.array_split(rows, max(1, len(rows) * n_futures // _BATCH)):
        many = np.repeat(part, n_futures)
        state, traits, fixed = (
            happened.state.take(many),
            group.traits.take(many),
            plan.fixed.take(many),
        )
        works = np.where(plan.placed >= 0, plan.placed, 0)
        tally = Tally(len(many))
        for ahead in range(week + 1, week + 1 + _RULES.horizon_weeks):
            due = plan.works[:, ahead][works][many]
            days = plan.year.open_days[ahead]
            tally.add(dynamics.step(state, traits, fixed, days, ahead, rng, has_work=due))
        answers.append(_summary(tally.severity().reshape(len(part), n_futures)))
    severity, p_any, p_high = np.concatenate(answers, axis=1)
    known = ~np.isnan(severity)
    return Risk(rows[known], severity[known], p_any[known], p_high[known])


def _summary(severity: Floats) -> Floats:
    """Expected severity, P(any flag), P(high or critical): (3, students)."""
    labeled = ~np.isnan(severity)
    n = labeled.sum(axis=1).astype(np.float32)
    n[n == 0] = np.nan
    value = np.where(labeled, severity, 0)
    return np.stack(
        [value.sum(axis=1) / n, (value > 0).sum(axis=1) / n, (value >= 0.49).sum(axis=1) / n]
    )


def causes(happened: Happened) -> Iterator[Causes]:
    """Name what affects whom this week; one item for each slot of episodes."""
    state = happened.state
    enrolled = happened.record.enrolled.any(axis=1)
    for slot in range(state.kind.shape[1]):
        running = np.flatnonzero((state.kind[:, slot] > 0) & enrolled)
        effect = _KERNELS[state.kind[running, slot], state.age[running, slot]]
        effect = effect * state.strength[running, slot, None]
        for group, members in enumerate(_MEMBERS):
            strength = effect[:, members].max(axis=1)
            named = strength >= _FAINT
            yield Causes(
                running[named],
                state.kind[running[named], slot].astype(np.int64),
                np.full(named.sum(), group),
                strength[named],
            )
