"""The students of the demo district: their lasting traits and where these come from."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
COURSES = 6
RACES = ("white", "hispanic", "black", "asian", "two_or_more", "native", "pacific")
_RACE_SHARES = (0.46, 0.26, 0.15, 0.06, 0.05, 0.015, 0.005)
_HARDSHIP = (0.33, 0.56, 0.56, 0.30, 0.45, 0.58, 0.55)  # share of low-income families
_MULTILINGUAL = (0.02, 0.30, 0.03, 0.25, 0.04, 0.03, 0.15)  # share learning English


@dataclass(frozen=True)
class District:
    """How this district differs from others; drawn from its seed."""

    absence: float  # log rate
    marks: float  # hundredths
    incidents: float  # log rate
    removals: float  # log odds
    tardies: float  # log rate
    missing: float  # log odds


def draw_district(rng: np.random.Generator) -> District:
    """Draw one district out of many."""
    absence, marks, incidents, removals, tardies, missing = rng.standard_normal(6)
    return District(
        absence=0.12 * absence,
        marks=1.2 * marks,
        incidents=0.2 * incidents,
        removals=0.2 * removals,
        tardies=0.25 * tardies,
        missing=0.15 * missing,
    )


@dataclass
class Traits:
    """What does not change from week to week; one entry a student."""

    cohort: NDArray[np.int16]  # grade in the last year; over 12: graduated before it
    race: NDArray[np.int8]
    is_female: NDArray[np.bool_]
    hardship: NDArray[np.bool_]  # a low-income family: transport, health, mobility
    english_learner: NDArray[np.bool_]
    disability: NDArray[np.bool_]
    engagement: Floats
    skill: Floats
    conduct: Floats  # higher: more conflict
    health: Floats  # higher: more illness
    lateness: Floats  # a habit without consequences
    weekday: Floats  # log: how much likelier absent on Mondays and Fridays
    subjects: Floats  # (n, COURSES), hundredths

    def take(self, rows: NDArray[np.int64]) -> "Traits":
        """The traits of chosen students; a student may be chosen twice."""
        return Traits(*(getattr(self, field.name)[rows] for field in fields(self)))


def draw_traits(rng: np.random.Generator, n: int, years: int) -> Traits:
    """Draw n students of all grades, including those who graduate in earlier years."""
    race = rng.choice(len(RACES), n, p=_RACE_SHARES)
    hardship = rng.random(n) < np.array(_HARDSHIP)[race]
    english_learner = rng.random(n) < np.array(_MULTILINGUAL)[race]
    disability = rng.random(n) < 0.13
    is_female = rng.random(n) < 0.49
    common, engagement, skill, conduct, health, lateness, weekday = rng.standard_normal((7, n))
    f32 = np.float32
    return Traits(
        cohort=rng.permutation(np.arange(n) % (12 + years)).astype(np.int16),
        race=race.astype(np.int8),
        is_female=is_female,
        hardship=hardship,
        english_learner=english_learner,
        disability=disability,
        engagement=(0.6 * common + 0.72 * engagement - 0.40 * (hardship - 0.42)).astype(f32),
        skill=(
            0.55 * common
            + 0.75 * skill
            - 0.35 * (hardship - 0.42)
            - 0.45 * (disability - 0.13)
            - 0.30 * (english_learner - 0.12)
        ).astype(f32),
        conduct=(
            -0.35 * common
            + 0.85 * conduct
            + 0.30 * (disability - 0.13)
            + 0.20 * (hardship - 0.42)
            - 0.35 * (is_female - 0.49)
        ).astype(f32),
        health=(health + 0.35 * (hardship - 0.42) + 0.4 * (disability - 0.13)).astype(f32),
        lateness=lateness.astype(f32),
        weekday=np.maximum(0.0, 0.15 + 0.35 * weekday).astype(f32),
        subjects=(3.2 * rng.standard_normal((n, COURSES))).astype(f32),
    )
