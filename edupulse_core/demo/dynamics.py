"""One week in the life of every student; real weeks and simulated futures both use this step."""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo import conduct
from edupulse_core.demo.episodes import CHANNELS, DURATIONS, KINDS, LONG, SHORT, SUPPORT, kernels
from edupulse_core.demo.population import COURSES, Floats, Traits
from edupulse_core.demo.states import (
    DAY,
    DROPOUT,
    EXEMPT,
    LATE,
    MISSING,
    NO_WORK,
    ON_TIME,
    OTHER,
    PERIOD,
    STAYS,
    SUSPENDED,
    TRANSFER,
    Bools,
    Setting,
    State,
    Week,
    across,
)

_AT = {name: k for k, name in enumerate(CHANNELS)}
_KERNELS = kernels()
_IN_SLOT = [
    [k for k, kind in enumerate(KINDS) if k and kind.slot == slot]
    for slot in (SHORT, LONG, SUPPORT)
]
_FLU = np.exp(-0.5 * ((np.arange(36) - 19) / 5.0) ** 2).astype(np.float32)  # by week of the year
_f32 = np.float32


def step(
    state: State,
    traits: Traits,
    fixed: Setting,
    open_days: Bools,
    week: int,
    rng: np.random.Generator,
    class_news: Floats | None = None,
    has_work: Bools | None = None,
) -> Week:
    """Advance every student by one week; changes the state.

    open_days: (5,).  class_news: (n, COURSES) this week's shock of each class; drawn if not given.
    has_work: (n, COURSES) where something is due; everywhere when not given.
    """
    n = len(state.active)
    _begin_episodes(state, fixed, week, rng)
    push = _push(state)
    left, left_day = _leave(state, fixed, push, rng)
    incidents, severity, action, days, day = conduct.incidents(
        state, fixed, push, left_day, open_days, rng
    )
    recorded = Week(
        enrolled=(np.arange(5) < left_day[:, None]) & state.active[:, None] & open_days,
        minutes=np.zeros((n, 5), np.int16),
        reason=np.zeros((n, 5), np.int8),
        tardy=np.zeros((n, 5), bool),
        work=np.zeros((n, COURSES), np.int8),
        mark=np.full((n, COURSES), np.nan, _f32),
        scored_late=state.pending,
        incidents=incidents,
        severity=severity,
        action=action,
        days_removed=days,
        incident_day=day,
        left=left,
        left_day=left_day,
    )
    _attend(state, traits, fixed, push, recorded, rng)
    if class_news is None:
        class_news = _f32(1.7) * rng.standard_normal((n, COURSES), dtype=_f32)
    state.shock *= _f32(0.85)
    state.shock += class_news
    _work(state, fixed, push, recorded, has_work, rng)
    _drift(state, push, recorded, rng)
    state.active &= left == STAYS
    return recorded


def _begin_episodes(state: State, fixed: Setting, week: int, rng: np.random.Generator) -> None:
    """Make running episodes a week older, end finished ones, and start new ones in free slots."""
    running = state.kind > 0
    state.age += running
    over = running & (state.age >= DURATIONS[state.kind])
    state.kind[over] = 0
    for slot, kinds in enumerate(_IN_SLOT):
        factor = _pressure(state, slot)
        reach: list[Floats] = []  # each kind's upper end on the scale of u
        for k in kinds:
            hazard = fixed.hazards[:, k] * (_season(k, week) if factor is None else factor)
            reach.append(hazard if not reach else reach[-1] + hazard)
        u = rng.random(len(state.active), dtype=_f32)
        new = np.flatnonzero((state.kind[:, slot] == 0) & (u < reach[-1]) & state.active)
        if len(new) == 0:
            continue
        chosen = np.sum([u[new] >= end[new] for end in reach], axis=0)
        state.kind[new, slot] = np.array(kinds, np.int8)[chosen]
        state.age[new, slot] = 0
        state.strength[new, slot] = np.exp(0.25 * rng.standard_normal(len(new)))
        if slot == LONG:
            state.focus[new] = rng.integers(0, 4, len(new))


def _season(kind: int, week: int) -> np.float32:
    winter = _f32(KINDS[kind].drivers.get("winter", 0.0) * 3.0 * _FLU[week])
    return _f32(np.exp(winter - _f32(0.3) * min(winter, _f32(1.0))))


def _pressure(state: State, slot: int) -> Floats | None:
    """How much likelier each kind of episode is this week; None: only the season decides."""
    factor: Floats | None = None
    if slot == LONG:
        factor = np.exp(_f32(-0.35) * state.engagement)
    if slot == SUPPORT:  # adults step in where trouble shows
        trouble = 18.0 * np.maximum(state.absence_memory - 0.08, 0.0)
        trouble += 0.12 * np.maximum(-state.marks_memory - 4.0, 0.0)
        factor = (1.0 + 4.0 * np.minimum(trouble, 2.0)).astype(_f32)
    return factor


def _push(state: State) -> Floats:
    """How much the running episodes add to each channel: (n, channels)."""
    push = np.zeros((len(state.active), len(CHANNELS)), _f32)
    for slot in range(3):
        running = np.flatnonzero(state.kind[:, slot])
        push[running] += (
            _KERNELS[state.kind[running, slot], state.age[running, slot]]
            * state.strength[running, slot, None]
        )
    return push


def _leave(
    state: State, fixed: Setting, push: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    n = len(state.active)
    moves = np.exp(_f32(-7.4) + push[:, _AT["leaving"]])
    worn = _f32(-10.4) - _f32(0.8) * state.engagement + _f32(9.0) * state.absence_memory
    worn -= _f32(0.06) * state.marks_memory
    drops = np.where(fixed.grade >= 9, np.exp(np.minimum(worn, _f32(-2.5))), _f32(0.0))
    u = rng.random(n, dtype=_f32)
    left = np.zeros(n, np.int8)
    left[u < moves + drops + _f32(0.0002)] = OTHER
    left[u < moves + drops] = DROPOUT
    left[u < moves] = TRANSFER
    left[~state.active] = STAYS
    left_day = np.full(n, 5, np.int8)
    leavers = np.flatnonzero(left)
    left_day[leavers] = rng.integers(1, 5, len(leavers))
    return left, left_day


def _attend(
    state: State,
    traits: Traits,
    fixed: Setting,
    push: Floats,
    week: Week,
    rng: np.random.Generator,
) -> None:
    """Fill in absences day by day; one absence makes the next likelier."""
    n = len(state.active)
    e = state.engagement
    excused = np.exp(fixed.excused + push[:, _AT["excused"]])
    unexcused = np.exp(
        fixed.unexcused - _f32(0.9) * e + _f32(0.15) * state.tension + push[:, _AT["unexcused"]]
    )
    share = excused / (excused + unexcused)
    partial = np.minimum(np.exp(fixed.partial - _f32(0.5) * e + push[:, _AT["partial"]]), _f32(0.3))
    late = np.minimum(np.exp(fixed.tardy - _f32(0.3) * e + push[:, _AT["tardy"]]), _f32(0.6))
    tilt = np.exp(traits.weekday + push[:, _AT["monday_friday"]])
    usual = _f32(5.0) / (_f32(3.0) + _f32(2.0) * tilt)
    u = rng.random((5, n), dtype=_f32)
    outside = week.action >= 5
    absent = state.absent_yesterday
    for d in np.flatnonzero(week.enrolled.any(axis=0)):
        here = week.enrolled[:, d]
        rate = (excused + unexcused) * usual * np.where(absent, _f32(1.7), _f32(0.95))
        if d in (0, 4):
            rate = rate * tilt
        chance = np.minimum(_f32(1.0) - np.exp(-rate), _f32(0.95))
        out = here & (state.suspended > 0)
        state.suspended -= out
        absent = out | (here & (u[d] < chance))
        over = (u[d] - chance) / partial
        part = here & ~absent & (over < 1.0)
        minutes = np.where(over < 0.5, PERIOD, np.where(over < 0.8, 2 * PERIOD, 3 * PERIOD))
        week.minutes[:, d] = np.where(absent, DAY, np.where(part, minutes, 0))
        week.reason[:, d] = np.where(out, SUSPENDED, u[d] >= share * chance)
        week.tardy[:, d] = here & ~absent & (over >= 1.0) & (u[d] < chance + partial + late)
        starts = here & (week.incident_day == d) & outside & (week.incidents > 0)
        state.suspended[starts] += week.days_removed[starts]
        absent = np.where(here, absent, state.absent_yesterday)
    state.absent_yesterday = absent


def _work(
    state: State,
    fixed: Setting,
    push: Floats,
    week: Week,
    has_work: Bools | None,
    rng: np.random.Generator,
) -> None:
    """Fill in which work was handed in, and its grades."""
    n = len(state.active)
    absent = across(week.minutes, _f32) / _f32(DAY)
    usual = fixed.missing - _f32(0.8) * state.engagement + push[:, _AT["missing"]]
    odds = np.repeat((usual + _f32(0.30) * absent)[:, None], COURSES, axis=1)
    form = _f32(6.0) * state.skill + _f32(1.5) * state.engagement + push[:, _AT["marks"]]
    marks: Floats = form[:, None] + fixed.marks
    marks += state.shock
    focused = np.flatnonzero(push[:, _AT["course_missing"]] != 0)
    odds[focused, state.focus[focused]] += push[focused, _AT["course_missing"]]
    focused = np.flatnonzero(push[:, _AT["course_marks"]] != 0)
    marks[focused, state.focus[focused]] += push[focused, _AT["course_marks"]]
    missing = np.minimum(np.exp(odds), _f32(0.9))
    u = rng.random((n, COURSES), dtype=_f32)
    due = fixed.has_course & (state.active & (week.left == STAYS))[:, None]
    if has_work is not None:
        due = due & has_work
    exempt = (absent >= 4)[:, None]
    late = u < missing * _f32(1.9)
    week.work[:] = np.where(u < missing, MISSING, np.where(late, LATE, ON_TIME))
    week.work[np.broadcast_to(exempt, due.shape)] = EXEMPT
    week.work[~due] = NO_WORK
    marks += _f32(11.0) * rng.standard_normal((n, COURSES), dtype=_f32)
    marks -= _f32(8.0) * late
    week.mark = np.clip(np.rint(marks), _f32(10.0), _f32(100.0))
    state.pending = np.where(week.work == LATE, week.mark, _f32(np.nan))


def _drift(state: State, push: Floats, week: Week, rng: np.random.Generator) -> None:
    """Update engagement, skill and tension after the week."""
    n = len(state.active)
    days = across(week.enrolled, np.int32)
    absent = across(week.minutes, _f32) / _f32(DAY) / np.maximum(days, 1).astype(_f32)
    on_time = week.work == ON_TIME
    scored = across(on_time, np.int32)
    mean = across(np.where(on_time, week.mark, _f32(0)), _f32) / np.maximum(scored, 1)
    low = (scored > 0) & (mean < 60)
    noise = rng.standard_normal((3, n), dtype=_f32)
    e, s, t = state.engagement, state.skill, state.tension
    hurt = (week.days_removed > 0).astype(_f32)
    state.engagement = (
        _f32(0.94) * e
        - _f32(0.16) * (absent - _f32(0.07))
        - _f32(0.04) * low
        - _f32(0.15) * hurt
        + _f32(0.03) * s
        + push[:, _AT["engagement"]]
        + _f32(0.10) * noise[0]
    ).clip(-2.2, 1.8)
    state.skill = (
        _f32(0.96) * s
        - _f32(0.22) * (absent - _f32(0.07))
        + _f32(0.025) * e
        + _f32(0.10) * noise[1]
    ).clip(-2.5, 2.0)
    state.tension = (
        _f32(0.85) * t
        + _f32(0.30) * week.incidents
        - _f32(0.06) * e
        + push[:, _AT["tension"]]
        + _f32(0.28) * noise[2]
    ).clip(-2.0, 2.5)
    here = days > 0
    memory = state.absence_memory
    state.absence_memory = np.where(here, _f32(0.8) * memory + _f32(0.2) * absent, memory)
    deviation = np.where(scored > 0, mean - 76, 0).astype(_f32)
    state.marks_memory = _f32(0.85) * state.marks_memory + _f32(0.15) * deviation
