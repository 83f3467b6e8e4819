"""Study sessions, the hours that they take, and what is known of each learner."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, look_up, numbered
from edupulse_core.demo.learning.curriculum import KINDS, Curriculum
from edupulse_core.demo.learning.minds import Learners, Minds, Seen, chance
from edupulse_core.demo.learning.practice import choose_skills, stamps
from edupulse_core.demo.population import Floats
from edupulse_core.demo.roster import Counts

NOISE = 0.2  # of the logarithm of the hours
METHODS = {"reading": 1.08, "practice": 0.92, "video": 1.0, "group": 1.15, "other": 1.0}
PLACES = {"home": 1.05, "library": 0.9, "school": 0.95, "cafe": 1.12, "other": 1.0}
_HOURS = np.array([9, 14, 19, 22.5])  # morning, afternoon, evening, night
_BY_TIME = np.array([0.94, 1.0, 1.03, 1.16])
_TIMES = (0.12, 0.40, 0.38, 0.10)
_FEWEST, _MOST = 10, 20  # sessions in the weeks that there are, for most students
_MANY_WEEKS = 55  # weeks enrolled, about, to which that applies
_STYLES = ("reading", "kinesthetic", "visual", "kinesthetic", "auditory")  # by what they like
_LEVELS = ((6, "elementary school"), (9, "middle school"), (99, "high school"))


@dataclass
class Sessions:
    """All study sessions of a group; each list has an array a week."""

    plan: Curriculum
    chance: Floats  # of a session in a week, by student
    columns: list[tuple[NDArray[np.generic], ...]] = field(default_factory=list)


def start(plan: Curriculum, n: int, rng: np.random.Generator) -> Sessions:
    """Before the first session of n students; one in ten hardly writes any down."""
    wanted = rng.uniform(_FEWEST, _MOST, n) * np.where(rng.random(n) < 0.1, 0.15, 1.0)
    return Sessions(plan, (wanted / _MANY_WEEKS).astype(np.float32))


def study(sessions: Sessions, minds: Minds, seen: Seen, rng: np.random.Generator) -> None:
    """One week: some students study one skill, on any of its seven days."""
    plan, learners = sessions.plan, minds.learners
    who = np.flatnonzero(
        seen.active & seen.here.any(axis=1) & (rng.random(len(seen.active)) < sessions.chance)
    )
    m = len(who)
    skill = choose_skills(minds, seen, minds.is_ready(), who, rng)
    time = rng.choice(4, m, p=_TIMES)
    method, place = (
        rng.integers(0, len(METHODS), m),
        rng.choice(5, m, p=(0.5, 0.15, 0.2, 0.07, 0.08)),
    )
    energy = np.clip(np.rint(3.2 - 0.5 * (time == 3) + rng.standard_normal(m)), 1, 5)
    noisy = np.isin(place, (0, 3))
    distraction = np.clip(np.rint(2.2 + 0.6 * noisy + rng.standard_normal(m)), 1, 5)
    breaks = rng.poisson(0.3 + 0.3 * distraction)
    median = (
        plan.base_hours[skill]
        * (0.5 + 0.1 * plan.difficulty[skill])
        * (35 / learners.focus[who]) ** 0.4
        * np.exp(-0.08 * (energy - 3) + 0.10 * (distraction - 2.5))
        * np.array([*METHODS.values()])[method]
        * np.array([*PLACES.values()])[place]
        * _BY_TIME[time]
        * learners.pace[who]
        * (1.25 - 0.5 * chance(minds.log_odds(who, skill)))
    )
    hours = np.clip(median * np.exp(NOISE * rng.standard_normal(m)), 0.05, 24)
    begins = 86400 * rng.integers(0, 7, m)
    begins = begins + np.rint(3600 * (_HOURS[time] + rng.uniform(-1.2, 1.2, m))).astype(int)
    at = seen.monday.astype("datetime64[s]") + begins
    mean = np.minimum(median * np.exp(NOISE**2 / 2), 24)
    columns = (who, skill, at, hours, method, place, energy, distraction, breaks, mean)
    sessions.columns.append(tuple(map(np.asarray, columns)))
    minds.learn(who, skill, minds.is_ready()[who, skill], 2.0)


def write(
    out: Folder, truth: Folder | None, sessions: Sessions, students: pa.Array, counts: Counts
) -> None:
    """Write a group's sessions, and the hours that each was expected to take."""
    if not sessions.columns:
        return
    who, skill, at, hours, method, place, energy, distraction, breaks, mean = map(
        np.concatenate, zip(*sessions.columns, strict=True)
    )
    n = len(who)
    ids = numbered("STS-", counts.take("sessions", n), 6)
    out["study_sessions"].write(
        n,
        {
            "sourcedId": ids,
            "studentSourcedId": look_up(students, who),
            "skillSourcedId": look_up(sessions.plan.skill_ids, skill),
            "startedAt": stamps(at),
            "hours": hours.round(2),
            "study_method": look_up([*METHODS], method),
            "environment": look_up([*PLACES], place),
            "energy_level": energy.astype(int),
            "distraction_level": distraction.astype(int),
            "breaks_taken": breaks,
        },
    )
    if truth is not None:
        truth["hours"].write(
            n, {"session_id": ids, "expected_hours": mean.round(3), "log_noise": NOISE}
        )


def write_learners(out: Folder, learners: Learners, students: pa.Array) -> None:
    """Write what a school knows of how each student learns."""
    n, grade = len(learners.age), learners.age - 5
    levels = [name for _, name in _LEVELS]
    out["learners"].write(
        n,
        {
            "studentSourcedId": students,
            "age": learners.age,
            "education_level": look_up(
                levels, np.searchsorted([most for most, _ in _LEVELS], grade, side="right")
            ),
            "learning_style": look_up([_STYLES[at] for at in range(len(KINDS))], learners.style),
            "avg_focus_duration": learners.focus,
        },
    )
