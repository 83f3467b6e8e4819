"""Why a step is in a path, as fields; `sayings` makes the sentences."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.practice import MASTERED, NEARLY, Practice, Walk

GOAL, PREREQUISITE, NEARLY_MASTERED, FORGOTTEN, NEXT = (
    "goal",  # the skill that was asked for
    "prerequisite",  # of the goal, or of a later step
    "nearly_mastered",
    "forgotten",  # by the path's own count it was mastered once; it may be fading
    "next",  # in the course: all its prerequisites are there
)
AWAY = 14  # days without practice; with fewer, a lower chance is no forgetting


@dataclass(frozen=True)
class Step:
    """One step of a path."""

    skill: str
    reason: str
    gain: float  # mastery that a session is expected to add
    mastery: float  # before it
    toward: str = ""  # the skill that it is a prerequisite of
    after: str = ""  # the last of its prerequisites, where it comes next
    idle_days: int | None = None  # from the last practice to the day that is asked about; 0: on it

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return asdict(self)


def why(practice: Practice, examples: PathExamples, paths: NDArray[np.int64]) -> list[list[Step]]:
    """Each path's steps with their reasons.  paths: (N, L), -1 after the last step."""
    walk = Walk(practice, examples)
    once = practice.mastery(examples, fresh=True) >= MASTERED
    at_first = walk.mastery.copy()
    steps: list[list[Step]] = [[] for _ in range(len(paths))]
    for at, step in enumerate(paths.T):
        before = walk.mastery.copy()
        gain = walk.take(step)
        for row in np.flatnonzero(step >= 0):
            skill = int(step[row])
            begun, idle = bool(examples.weight[row, skill] > 0), examples.idle[row, skill]
            told = _reason(
                examples,
                skill,
                paths[row, at + 1 :],
                is_forgotten=begun and bool(once[row, skill] and idle > AWAY),
                is_nearly=begun and bool(at_first[row, skill] >= NEARLY),
            )
            steps[row].append(
                Step(
                    examples.course.skills[skill],
                    gain=round(float(gain[row]), 6),
                    mastery=round(float(before[row, skill]), 6),
                    idle_days=None if np.isnan(idle) else int(idle) - 1,
                    **told,
                )
            )
    return steps


def _reason(
    examples: PathExamples,
    skill: int,
    later: NDArray[np.int64],
    *,
    is_forgotten: bool,
    is_nearly: bool,
) -> dict[str, str]:
    """The first reason that fits.  later: the steps after this one, -1 after the last."""
    course = examples.course
    if skill == examples.goal:
        return {"reason": GOAL}
    if examples.goal >= 0:
        return {"reason": PREREQUISITE, "toward": course.skills[examples.goal]}
    if is_forgotten:
        return {"reason": FORGOTTEN}
    if is_nearly:
        return {"reason": NEARLY_MASTERED}
    opened = [each for each in later.tolist() if each >= 0 and course.before[each, skill]]
    if opened:
        return {"reason": PREREQUISITE, "toward": course.skills[opened[0]]}
    own = np.flatnonzero(course.before[skill])
    return {"reason": NEXT, "after": course.skills[own[-1]] if len(own) else ""}
