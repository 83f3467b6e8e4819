"""What a district could use without a model: the last session, or what is usual."""

import numpy as np

from edupulse_core.families.study_time.examples import NUMBERS, Array, StudyExamples


def last_session(train: StudyExamples, cases: StudyExamples) -> Array:
    """The hours of the student's session before; the median of all where there is none."""
    last = cases.last()[0]
    return np.where(np.isnan(last), np.median(train.target()), last)


def median(train: StudyExamples, cases: StudyExamples) -> Array:
    """The median of all sessions."""
    return np.full(len(cases), float(np.median(train.target())))


def skill_median(train: StudyExamples, cases: StudyExamples) -> Array:
    """The median of the skill's sessions; of all where there is none."""
    found = {
        str(skill): float(np.median(train.target()[train.skill == skill]))
        for skill in np.unique(train.skill)
    }
    start = float(np.median(train.target()))
    return np.array([found.get(skill, start) for skill in cases.skill.tolist()])


def base_hours(train: StudyExamples, cases: StudyExamples) -> Array:
    """The skill's own hours, times what sessions usually take of them."""
    at = NUMBERS.index("base_hours")
    known = train.own.numbers[:, at]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = train.target() / known
    usable = np.isfinite(ratios)
    factor = float(np.median(ratios[usable])) if usable.any() else np.nan
    said = cases.own.numbers[:, at] * factor
    return np.where(np.isfinite(said), said, np.median(train.target()))


BASELINES = {
    "last_session": last_session,
    "median": median,
    "skill_median": skill_median,
    "base_hours": base_hours,
}
