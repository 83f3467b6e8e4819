"""What can happen to a student, and how it shows in the weeks that follow.

Every kind of episode acts on what the school can record through a kernel: for each week since
its onset, how much it adds to each channel. Tardies rise before absences, missing work comes
before low grades, and a conflict gets worse before it ends. So episodes that look alike in one
week differ in the order of what they do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHANNELS = (
    "tardy",  # log rate of late arrivals
    "excused",  # log rate of excused absences
    "unexcused",  # log rate of unexcused absences
    "partial",  # log rate of missing part of a day
    "monday_friday",  # log rate of absence on Mondays and Fridays
    "missing",  # log odds that work is not handed in
    "marks",  # marks, in hundredths
    "course_missing",  # the same two, in one course only
    "course_marks",
    "incidents",  # log rate of incidents
    "severity",  # steps of 1 to 5
    "engagement",  # a push that stays, and fades only slowly
    "tension",
    "leaving",  # log rate of moving away
)
LENGTH = 26  # weeks; every kernel has ended by then
SHORT, LONG, SUPPORT = 0, 1, 2  # a student lives through at most one of each at a time

Points = tuple[tuple[float, float], ...]  # (weeks since onset, effect), straight between


@dataclass(frozen=True)
class Kind:
    """One kind of episode."""

    name: str
    slot: int
    weeks: int
    hazard: float  # a week, for the average student
    drivers: dict[str, float]  # what makes it likelier: log hazard for one standard deviation
    shape: dict[str, Points]


KINDS = (
    Kind("none", SHORT, 0, 0.0, {}, {}),
    Kind(
        "illness",
        SHORT,
        4,
        0.030,
        {"health": 0.4, "winter": 0.35},
        {
            "excused": ((0, 2.6), (1, 1.2), (2, 0.2), (3, 0)),
            "missing": ((0, 0.3), (1, 0.8), (3, 0)),
            "marks": ((0, -1), (1, -4), (4, 0)),
        },
    ),
    Kind(
        "rough patch",
        SHORT,
        4,
        0.010,
        {"engagement": -0.3},
        {
            "tardy": ((0, 0.9), (1, 1.6), (3, 0.4), (4, 0)),
            "missing": ((0, 0.2), (1, 0.9), (3, 0.5), (4, 0)),
        },
    ),
    Kind(
        "outburst",
        SHORT,
        2,
        0.006,
        {"conduct": 0.6},
        {"incidents": ((0, 3.0), (1, 0.4), (2, 0)), "severity": ((0, 0.8), (1, 0))},
    ),
    Kind(
        "drifting away",
        LONG,
        20,
        0.0115,
        {"engagement": -0.3, "older": 0.4},
        {
            "tardy": ((0, 2.0), (1, 2.8), (6, 2.6), (10, 1.5), (18, 0)),
            "partial": ((2, 0), (5, 1.5), (9, 1.3), (16, 0)),
            "unexcused": ((4, 0), (6, 1.4), (8, 2.7), (15, 2.8), (18, 1.0), (20, 0)),
            "monday_friday": ((3, 0), (5, 1.0), (9, 0.4), (12, 0)),
            "missing": ((2, 0), (5, 1.2), (8, 1.9), (14, 1.3), (19, 0)),
            "marks": ((5, 0), (9, -10), (14, -14), (17, -6), (20, 0)),
            "engagement": ((5, 0), (6, -0.05), (11, -0.05), (12, 0)),
        },
    ),
    Kind(
        "conflict",
        LONG,
        14,
        0.0045,
        {"conduct": 0.6},
        {
            "incidents": ((0, 2.0), (2, 3.0), (6, 4.2), (10, 3.4), (14, 0)),
            "severity": ((0, -0.6), (2, 0), (5, 1.1), (10, 0.8), (14, 0)),
            "unexcused": ((3, 0), (5, 1.3), (9, 1.1), (12, 0)),
            "marks": ((4, 0), (7, -5), (12, 0)),
            "tension": ((3, 0), (4, 0.10), (8, 0.10), (9, 0)),
        },
    ),
    Kind(
        "class gone wrong",
        LONG,
        18,
        0.0085,
        {"skill": -0.4},
        {
            "course_missing": ((0, 1.2), (1, 2.4), (5, 2.6), (12, 1.4), (16, 0)),
            "course_marks": ((1, 0), (3, -6), (6, -20), (12, -22), (17, -4), (18, 0)),
            "engagement": ((6, 0), (7, -0.02), (12, -0.02), (13, 0)),
        },
    ),
    Kind(
        "family crisis",
        LONG,
        14,
        0.0045,
        {"engagement": -0.2, "hardship": 0.4},
        {
            "excused": ((0, 1.4), (2, 0.5), (4, 0)),
            "unexcused": ((0, 0.4), (1, 1.6), (4, 1.0), (9, 0.9), (13, 0)),
            "tardy": ((0, 0.2), (2, 1.0), (10, 0.6), (14, 0)),
            "missing": ((1, 0.4), (4, 1.2), (10, 0.6), (14, 0)),
            "marks": ((2, 0), (5, -8), (10, -8), (14, 0)),
            "incidents": ((2, 0), (4, 1.2), (7, 0.8), (9, 0)),
            "engagement": ((1, -0.04), (5, -0.04), (6, 0)),
        },
    ),
    Kind(
        "long illness",
        LONG,
        15,
        0.0022,
        {"health": 0.5},
        {
            "excused": ((0, 1.0), (2, 1.7), (9, 1.9), (12, 1.0), (15, 0)),
            "marks": ((2, 0), (6, -7), (12, -7), (15, 0)),
            "missing": ((1, 0), (4, 0.7), (12, 0.5), (15, 0)),
        },
    ),
    Kind(
        "move",
        LONG,
        10,
        0.0030,
        {"hardship": 0.5},
        {
            "tardy": ((0, 0.5), (3, 1.1), (8, 0.4), (10, 0)),
            "unexcused": ((0, 0.3), (3, 1.3), (6, 1.0), (9, 0)),
            "leaving": ((2, 0), (3, 4.2), (8, 4.2), (9, 0)),
        },
    ),
    Kind(
        "support",
        SUPPORT,
        24,
        0.006,
        {},
        {
            "unexcused": ((1, 0), (5, -0.9), (16, -1.0), (24, 0)),
            "partial": ((1, 0), (5, -0.8), (24, 0)),
            "tardy": ((0, 0), (3, -0.8), (16, -0.6), (24, 0)),
            "missing": ((1, 0), (4, -1.0), (16, -0.8), (24, 0)),
            "marks": ((3, 0), (7, 6), (16, 7), (24, 0)),
            "course_marks": ((3, 0), (7, 4), (16, 4), (24, 0)),
            "incidents": ((1, 0), (5, -0.9), (18, -0.7), (24, 0)),
            "engagement": ((2, 0), (4, 0.05), (10, 0.05), (11, 0)),
        },
    ),
)
NAMES = tuple(kind.name for kind in KINDS)
DURATIONS = np.array([kind.weeks for kind in KINDS], np.int8)
FEATURE_GROUPS = {  # what of the 42 features an active channel moves
    "tardy": ("attendance", "tardies"),
    "excused": ("attendance", "absence"),
    "unexcused": ("attendance", "absence"),
    "partial": ("attendance", "absence"),
    "monday_friday": ("attendance", "weekdays"),
    "missing": ("grades", "missing work"),
    "course_missing": ("grades", "missing work"),
    "marks": ("grades", "marks"),
    "course_marks": ("grades", "courses"),
    "incidents": ("discipline", "incidents"),
    "severity": ("discipline", "severity"),
}
STRENGTH_UNIT = {"marks": 10.0, "course_marks": 10.0}  # this much counts as strength 1


def kernels() -> NDArray[np.float32]:
    """What each kind adds: (kind, weeks since onset, channel)."""
    table = np.zeros((len(KINDS), LENGTH, len(CHANNELS)), np.float32)
    ages = np.arange(LENGTH)
    for k, kind in enumerate(KINDS):
        for channel, points in kind.shape.items():
            at, effect = zip(*points, strict=True)
            effects = np.interp(ages, at, effect, right=0.0)
            effects[: int(np.ceil(at[0]))] = 0.0
            effects[kind.weeks :] = 0.0
            table[k, :, CHANNELS.index(channel)] = effects
    return table
