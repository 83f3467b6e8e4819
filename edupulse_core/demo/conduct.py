"""Incidents of a week, and how the school responds to them."""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo.episodes import CHANNELS
from edupulse_core.demo.population import Floats
from edupulse_core.demo.states import Bools, Setting, State

_f32 = np.float32
_INCIDENTS, _SEVERITY = CHANNELS.index("incidents"), CHANNELS.index("severity")
_REMOVAL_ODDS = np.array([-99.0, -4.6, -3.1, -1.0, 0.9, 2.6])  # log, by severity from 0
_LONGEST_REMOVAL = np.array([1, 1, 2, 2, 3, 5])  # days, by severity from 0
_EXPULSION = 10  # days


def incidents(
    state: State,
    fixed: Setting,
    push: Floats,
    left_day: NDArray[np.int8],
    open_days: Bools,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int8], ...]:
    """Draw this week's incidents: count, severity, action, days removed, weekday."""
    n = len(state.active)
    rate = np.exp(
        fixed.incidents
        + _f32(0.9) * state.tension
        - _f32(0.25) * state.engagement
        + push[:, _INCIDENTS]
    )
    rate = np.minimum(rate, _f32(0.9)) * _f32(open_days.mean())
    u = rng.random(n, dtype=_f32)
    none = np.exp(-rate)
    count = ((u > none).astype(np.int8) + (u > none * (1 + rate))) * state.active
    who = np.flatnonzero(count)
    m = len(who)
    latent = 1.75 + 0.5 * state.tension[who] + push[who, _SEVERITY]
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
    odds = _REMOVAL_ODDS[severity] + strictness
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
    days = np.where(removed, rng.integers(1, _LONGEST_REMOVAL[severity] + 1), 0)
    days = np.where(action == 6, _EXPULSION, days)
    return action.astype(np.int8), days.astype(np.int8)
