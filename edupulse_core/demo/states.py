"""The hidden state of every student in a week, their school year, and what gets recorded."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo.episodes import KINDS
from edupulse_core.demo.population import COURSES, District, Floats, Traits

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
    hazards: Floats  # (n, kinds) of a new episode, at rest

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


def across(values: NDArray[Any], dtype: type) -> NDArray[Any]:
    """Sum each row of a narrow array; adding its columns is much faster than NumPy's sum."""
    total: NDArray[Any] = values[:, 0].astype(dtype)
    for column in range(1, values.shape[1]):
        total += values[:, column]
    return total


def start(n: int) -> State:
    """The state before anything has happened."""
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
    """Let a summer pass: most effects fade, and some episodes end."""
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
        removals=(district.removals - 0.8 * (grade <= 5)).astype(_f32),
        marks=np.nan_to_num(marks).astype(_f32),
        has_course=~np.isnan(teachers),
        hazards=np.exp(onset),
    )
