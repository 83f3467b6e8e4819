"""One week in the life of every student; what happened and what could happen share this step."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from edupulse_core.warehouse.demo.episodes import (
    CHANNELS,
    DURATIONS,
    KINDS,
    LONG,
    NAMES,
    SUPPORT,
    kernels,
)
from edupulse_core.warehouse.demo.population import COURSES, District, Floats, Traits

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
DAY = 390  # minutes
PERIOD = 65
EXCUSED, UNEXCUSED, SUSPENDED = 0, 1, 2
NO_WORK, ON_TIME, LATE, MISSING, EXEMPT = 0, 1, 2, 3, 4
STAYS, TRANSFER, DROPOUT, OTHER = 0, 1, 2, 3
ACTIONS = (
    "none",
    "conference",
    "detention",
    "referral",
    "in_school_suspension",
    "out_of_school_suspension",
    "expulsion",
)
_AT = {name: k for k, name in enumerate(CHANNELS)}
_KERNELS = kernels()
_SUPPORT_KIND = NAMES.index("support")
_FLU = np.exp(-0.5 * ((np.arange(36) - 19) / 5.0) ** 2).astype(np.float32)  # by week of the year
_f32 = np.float32


@dataclass
class State:
    """What drifts from week to week; one entry a student."""

    active: Bools
    engagement: Floats
    skill: Floats
    tension: Floats
    absence_memory: Floats  # rate, over about five weeks
    marks_memory: Floats  # hundredths under their own usual
    absent_yesterday: Bools
    suspended: NDArray[np.int8]  # school days left
    pending: Floats  # (n, COURSES) late work handed in, scored next week; NaN: none
    shock: Floats  # (n, COURSES) what goes well or badly in the whole class, hundredths
    kind: NDArray[np.int8]  # (n, 3) of the episode in each slot; 0: none
    age: NDArray[np.int8]  # (n, 3) weeks since its onset
    strength: Floats  # (n, 3)
    focus: NDArray[np.int8]  # the course that a class gone wrong is about

    def take(self, rows: Ints) -> "State":
        """The same for chosen students, repeats included, as copies."""
        return State(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass
class Setting:
    """What a school year fixes for each student."""

    grade: NDArray[np.int16]
    tardy: Floats  # log rates and odds at rest, traits included
    excused: Floats
    unexcused: Floats
    partial: Floats
    missing: Floats
    incidents: Floats
    removals: Floats
    marks: Floats  # (n, COURSES) hundredths
    has_course: Bools  # (n, COURSES)
    onset: Floats  # (n, kinds) log hazards

    def take(self, rows: Ints) -> "Setting":
        """The same for chosen students, repeats included."""
        return Setting(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass
class Week:
    """What the school records of one week."""

    enrolled: Bools  # (n, 5)
    minutes: NDArray[np.int16]  # (n, 5) missed
    reason: NDArray[np.int8]  # (n, 5)
    tardy: Bools  # (n, 5)
    work: NDArray[np.int8]  # (n, COURSES) what became of the work due
    mark: Floats  # (n, COURSES) its whole hundredths; late work is scored a week later
    scored_late: Floats  # (n, COURSES) last week's late work, scored in this one; NaN: none
    incidents: NDArray[np.int8]  # 0 to 2
    severity: NDArray[np.int8]  # of the first; a second is one lower
    action: NDArray[np.int8]  # of the first; a second gets a conference
    days_removed: NDArray[np.int8]
    incident_day: NDArray[np.int8]
    left: NDArray[np.int8]  # why they left, if they did
    left_day: NDArray[np.int8]  # the first day out; 5: none


def start(n: int) -> State:
    """Everybody at rest."""
    zeros = np.zeros(n, _f32)
    return State(
        active=np.ones(n, bool),
        engagement=zeros.copy(),
        skill=zeros.copy(),
        tension=zeros.copy(),
        absence_memory=np.full(n, 0.06, _f32),
        marks_memory=zeros.copy(),
        absent_yesterday=np.zeros(n, bool),
        suspended=np.zeros(n, np.int8),
        pending=np.full((n, COURSES), np.nan, _f32),
        shock=np.zeros((n, COURSES), _f32),
        kind=np.zeros((n, 3), np.int8),
        age=np.zeros((n, 3), np.int8),
        strength=np.zeros((n, 3), _f32),
        focus=np.zeros(n, np.int8),
    )


def new_year(state: State, rng: np.random.Generator) -> None:
    """A summer passes: most of it is forgotten, some episodes are over."""
    for drift in (state.engagement, state.skill, state.tension):
        drift *= 0.6
    ended = rng.random(state.kind.shape) < 0.6
    state.kind[ended] = 0
    state.absence_memory[:] = 0.06
    state.marks_memory *= 0.5
    state.absent_yesterday[:] = False
    state.suspended[:] = 0
    state.pending[:] = np.nan
    state.shock[:] = 0.0


def setting(
    traits: Traits, district: District, grade: NDArray[np.int16], teachers: Floats
) -> Setting:
    """Put traits, district and teachers together. teachers: (n, COURSES) hundredths; NaN: none."""
    middle = ((grade >= 6) & (grade <= 8)).astype(_f32)
    high = (grade >= 9).astype(_f32)
    youngest = (grade <= 1).astype(_f32)
    e, s, c = traits.engagement, traits.skill, traits.conduct
    drivers = {
        "engagement": e,
        "skill": s,
        "conduct": c,
        "health": traits.health,
        "hardship": traits.hardship - _f32(0.42),
        "older": middle * _f32(0.5) + high - _f32(0.4),
    }
    onset = np.full((len(grade), len(KINDS)), -30.0, _f32)
    for k, kind in enumerate(KINDS[1:], start=1):
        onset[:, k] = np.log(kind.hazard) + sum(
            weight * drivers[name] for name, weight in kind.drivers.items() if name in drivers
        )
    marks = 81.8 + district.marks + 7.0 * s[:, None] + 2.0 * e[:, None] + traits.subjects
    marks = marks + teachers - 2.5 * middle[:, None] - 3.5 * high[:, None] + 1.0
    return Setting(
        grade=grade,
        tardy=(
            -4.2 + district.tardies + 0.3 * middle + 0.5 * high - 0.30 * e + 1.25 * traits.lateness
        ).astype(_f32),
        excused=(
            -4.12 + district.absence + 0.12 * youngest - 0.25 * e + 0.40 * traits.health
        ).astype(_f32),
        unexcused=(-4.70 + district.absence + 0.15 * middle + 0.4 * high - 1.25 * e).astype(_f32),
        partial=(-4.3 + district.absence + 0.2 * middle + 0.5 * high - 0.80 * e).astype(_f32),
        missing=(-3.5 + district.missing + 0.3 * middle + 0.5 * high - 1.25 * e).astype(_f32),
        incidents=(
            -6.65 + district.incidents + 0.75 * middle + 0.45 * high + 1.5 * c - 0.25 * e
        ).astype(_f32),
        removals=(district.removals - 0.8 * (grade <= 5) + 0.0 * c).astype(_f32),
        marks=np.nan_to_num(marks).astype(_f32),
        has_course=~np.isnan(teachers),
        onset=onset,
    )


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
    """Live through one week; changes the state.

    open_days: (5,).  class_news: (n, COURSES) this week's shock of each class; drawn if not given.
    has_work: (n, COURSES) where something is due; everywhere when not given.
    """
    n = len(state.active)
    _begin_episodes(state, fixed, week, rng)
    push = _push(state)
    left, left_day = _leave(state, fixed, push, rng)
    incidents, severity, action, days, day = _conduct(state, fixed, push, left_day, open_days, rng)
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
    """Age running episodes, end those that are over, begin new ones in free slots."""
    running = state.kind > 0
    state.age += running
    over = running & (state.age >= DURATIONS[state.kind])
    state.kind[over] = 0
    n = len(state.active)
    for slot in (0, LONG, SUPPORT):
        kinds = [k for k, kind in enumerate(KINDS) if k and kind.slot == slot]
        hazards = np.exp(fixed.onset[:, kinds])
        if slot == SUPPORT:  # adults step in where trouble shows
            trouble = 18.0 * np.maximum(state.absence_memory - 0.08, 0.0)
            trouble += 0.12 * np.maximum(-state.marks_memory - 4.0, 0.0)
            hazards *= (1.0 + 4.0 * np.minimum(trouble, 2.0))[:, None].astype(_f32)
        else:
            winter = [KINDS[k].drivers.get("winter", 0.0) * 3.0 * _FLU[week] for k in kinds]
            hazards *= np.exp(np.array(winter, _f32) - 0.3 * np.array(winter, _f32).clip(0, 1))
            if slot == LONG:
                hazards *= np.exp(_f32(-0.35) * state.engagement)[:, None]
        reach = hazards.cumsum(axis=1)
        u = rng.random(n, dtype=_f32)
        new = np.flatnonzero((state.kind[:, slot] == 0) & (u < reach[:, -1]) & state.active)
        if len(new) == 0:
            continue
        chosen = (u[new, None] >= reach[new]).sum(axis=1)
        state.kind[new, slot] = np.array(kinds, np.int8)[chosen]
        state.age[new, slot] = 0
        state.strength[new, slot] = np.exp(0.25 * rng.standard_normal(len(new)))
        if slot == LONG:
            state.focus[new] = rng.integers(0, 4, len(new))


def _push(state: State) -> Floats:
    """What running episodes add to each channel: (n, channels)."""
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


def _conduct(
    state: State,
    fixed: Setting,
    push: Floats,
    left_day: NDArray[np.int8],
    open_days: Bools,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int8], ...]:
    n = len(state.active)
    rate = np.exp(
        fixed.incidents
        + _f32(0.9) * state.tension
        - _f32(0.25) * state.engagement
        + push[:, _AT["incidents"]]
    )
    rate = np.minimum(rate, _f32(0.9)) * _f32(open_days.mean())
    u = rng.random(n, dtype=_f32)
    none = np.exp(-rate)
    count = ((u > none).astype(np.int8) + (u > none * (1 + rate))) * state.active
    who = np.flatnonzero(count)
    m = len(who)
    latent = 1.75 + 0.5 * state.tension[who] + push[who, _AT["severity"]]
    latent = latent + 0.85 * rng.standard_normal(m)
    severity = np.zeros(n, np.int8)
    severity[who] = np.clip(np.rint(latent), 1, 5)
    day = np.zeros(n, np.int8)
    school_days = np.flatnonzero(open_days)
    day[who] = school_days[rng.integers(0, len(school_days), m)] if len(school_days) else 0
    off = day >= left_day
    count[off] = 0
    severity[off] = 0
    action, removed = _respond(severity[who], fixed.removals[who], rng)
    actions, days = np.zeros(n, np.int8), np.zeros(n, np.int8)
    actions[who], days[who] = action, removed
    return count, severity, actions, days, day


def _respond(
    severity: NDArray[np.int8], strictness: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """What the school does about an incident: action and days removed."""
    m = len(severity)
    u, kind = rng.random(m), rng.random(m)
    odds = np.array([-9.0, -4.6, -3.1, -1.0, 0.9, 2.6])[severity] + strictness
    removed = u < 1 / (1 + np.exp(-odds))
    action = np.select(
        [severity == 0, kind < 0.25, kind < 0.55, kind < 0.75],
        [0, 0, 1, 2],
        3,
    )
    action = np.where((severity >= 3) & (action < 2), 3, action)
    outside = np.where(severity >= 5, 0.9, np.where(severity == 4, 0.65, 0.35))
    action = np.where(removed, np.where(kind < outside, 5, 4), action)
    action = np.where(removed & (severity == 5) & (kind < 0.02), 6, action)
    longest = np.array([1, 1, 2, 2, 3, 5])[severity]
    days = np.where(removed, rng.integers(1, longest + 1), 0)
    days = np.where(action == 6, 10, days)
    return action.astype(np.int8), days.astype(np.int8)


def _attend(
    state: State,
    traits: Traits,
    fixed: Setting,
    push: Floats,
    week: Week,
    rng: np.random.Generator,
) -> None:
    """Fill in who missed what, day by day: absence breeds absence."""
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
    """Fill in what became of the work due, and what it was worth."""
    n = len(state.active)
    absent = week.minutes.sum(axis=1, dtype=_f32) / _f32(DAY)
    odds = fixed.missing - _f32(0.8) * state.engagement + push[:, _AT["missing"]]
    odds = (odds + _f32(0.30) * absent)[:, None] + np.zeros((1, COURSES), _f32)
    marks = (_f32(6.0) * state.skill + _f32(1.5) * state.engagement + push[:, _AT["marks"]])[
        :, None
    ] + fixed.marks
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
    """Let the week leave its mark on engagement, skill and tension."""
    n = len(state.active)
    days = week.enrolled.sum(axis=1)
    absent = week.minutes.sum(axis=1, dtype=_f32) / _f32(DAY) / np.maximum(days, 1).astype(_f32)
    on_time = week.work == ON_TIME
    scored = on_time.sum(axis=1)
    mean = np.where(on_time, week.mark, _f32(0)).sum(axis=1) / np.maximum(scored, 1)
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
