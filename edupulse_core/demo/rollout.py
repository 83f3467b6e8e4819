"""What happened in one feeder group, week by week, with the hidden state of each student."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo import dynamics, states
from edupulse_core.demo.calendar import WEEKS_A_YEAR, SchoolYear
from edupulse_core.demo.population import District, Traits, draw_traits
from edupulse_core.demo.schedule import Classes, Teachers, leniency, plan_year

_WARM_UP = 10  # weeks lived before the first recorded one, so that nobody starts at rest
_ARRIVALS = 0.03  # share of students who come during a given year, not at its start
_NEVER = 99
_RETURNS = 0.2  # share of those who moved away and are back the next year


@dataclass(eq=False)
class Plan:
    """One school year as arranged before it begins."""

    year: SchoolYear
    n_weeks: int  # that have happened
    fixed: states.Setting
    classes: Classes
    placed: NDArray[np.int32]  # (n, COURSES) class, -1: none
    begins: NDArray[np.int16]  # week in which each student starts; _NEVER: not this year
    works: NDArray[np.bool_]  # (classes, 36) where something is due
    due_day: NDArray[np.int8]  # (classes, 36) weekday


@dataclass
class Happened:
    """One week and, if kept, the state at its end."""

    plan: Plan
    week: int
    record: states.Week
    state: states.State


@dataclass
class Group:
    """A feeder group: its students, teachers and years."""

    traits: Traits
    teachers: Teachers
    plans: list[Plan]
    seed: tuple[int, ...]


def make_group(
    seed: tuple[int, ...],
    n: int,
    district: District,
    years: tuple[SchoolYear, ...],
    weeks: int,
) -> Group:
    """Draw the students and arrange their school years."""
    rng = np.random.default_rng([*seed, 1])
    traits, teachers, plans = draw_traits(rng, n, len(years)), Teachers(), []
    last = len(years) - 1
    arrives = np.where(rng.random(n) < _ARRIVALS * len(years), rng.integers(0, len(years), n), -1)
    arrival_grade = traits.cohort - (last - arrives)
    arrives[(arrival_grade < 0) | (arrival_grade > 12)] = -1
    for at, year in enumerate(years):
        grade = (traits.cohort - (last - at)).astype(np.int16)
        grade[(grade < 0) | (grade > 12) | (at < arrives)] = -1
        n_weeks = weeks if at == last else WEEKS_A_YEAR
        begins = np.where(arrives == at, rng.integers(0, min(30, n_weeks), n), 0)
        begins[grade < 0] = _NEVER
        plans.append(_plan(year, n_weeks, grade, begins, traits, teachers, district, rng))
    return Group(traits, teachers, plans, seed)


def _plan(
    year: SchoolYear,
    n_weeks: int,
    grade: NDArray[np.int16],
    begins: NDArray[np.int64],
    traits: Traits,
    teachers: Teachers,
    district: District,
    rng: np.random.Generator,
) -> Plan:
    classes, placed = plan_year(grade, teachers, rng)
    fixed = states.setting(traits, district, grade, leniency(classes, teachers, placed))
    works = rng.random((len(classes.grade), WEEKS_A_YEAR)) < 0.92
    works &= year.open_days.any(axis=1)
    habit = rng.integers(0, 4, len(classes.grade))
    due = (habit[:, None] + (rng.random(works.shape) < 0.3)) % 4
    last_open = 4 - np.argmax(year.open_days[:, ::-1], axis=1)
    due = np.minimum(due, np.maximum(last_open - 1, 0)).astype(np.int8)
    return Plan(year, n_weeks, fixed, classes, placed, begins.astype(np.int16), works, due)


def live(group: Group) -> Iterator[Happened]:
    """Yield all weeks in order; a yielded state is valid until the next one is asked for."""
    rng = np.random.default_rng([*group.seed, 2])
    state = states.start(len(group.traits.cohort))
    first = group.plans[0]
    for week in range(_WARM_UP):
        dynamics.step(state, group.traits, first.fixed, np.ones(5, bool), 26 + week, rng)
    gone = np.zeros(len(state.active), bool)  # for good
    for plan in group.plans:
        states.new_year(state, rng)
        away = np.zeros(len(gone), bool)
        shock_rng = np.random.default_rng([*group.seed, 3, plan.year.number])
        for week in range(plan.n_weeks):
            state.active = (plan.begins <= week) & ~gone & ~away
            news = 1.7 * shock_rng.standard_normal(len(plan.classes.grade)).astype(np.float32)
            record = dynamics.step(
                state,
                group.traits,
                plan.fixed,
                plan.year.open_days[week],
                week,
                rng,
                class_news=np.where(plan.placed >= 0, news[plan.placed], np.float32(0)),
                has_work=(plan.placed >= 0) & plan.works[:, week][plan.placed],
            )
            left = record.left
            back = (left == states.TRANSFER) & (rng.random(len(gone)) < _RETURNS)
            gone |= (left > 0) & ~back
            away |= back
            yield Happened(plan, week, record, state)
