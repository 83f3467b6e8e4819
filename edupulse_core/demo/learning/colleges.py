"""College programs, who applied to them, and what was decided. Sex and race play no part."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, look_up, numbered
from edupulse_core.demo.learning.curriculum import Ints
from edupulse_core.demo.learning.minds import Seen, chance
from edupulse_core.demo.population import Floats, Traits
from edupulse_core.demo.roster import Counts

_TITLES = (
    "Computer Science,Nursing,Business Administration,Biology,Psychology,Mechanical Engineering,"
    "Elementary Education,Economics,English,Environmental Studies,Political Science,Mathematics,"
    "Communication,Chemistry,History,Graphic Design,Public Health,Accounting,Physics,Sociology,"
    "Criminal Justice,Music,Data Science,Social Work,Marketing"
).split(",")
_COLLEGES = (
    "Ashworth University,Bellhaven College,Cresthill University,Dunmore Institute,Eastbrook "
    "College,Fenwick State University,Glenrock University,Harlow College,Ironwood Polytechnic,"
    "Juniper State University,Kingsley College,Larkspur University,Marston State College,"
    "Northfall University,Oakmere College"
).split(",")
_RATES = ((0.07, 0.15), (0.2, 0.34), (0.4, 0.54), (0.6, 0.74), (0.8, 0.93))  # tier 1 chooses most
_MIN_GPA = (3.6, 3.2, 2.8, 2.4, 2.0)
_A_TIER = 5  # programs
_SENIOR, _JUNIOR = (6, 11), (2, 4)  # applications, the upper end left out
_FIRST_WEEK, _LAST_WEEK = 3, 19  # in which people apply
_DECIDED = (28, 85)  # days later, the upper end left out
_OUTCOMES = (None, "admitted", "denied", "waitlisted", "withdrawn")
_WITHDRAWN, _WAITLISTED = 0.03, 0.2  # shares: of all decided, of those not admitted
_UNKNOWN = 0.05  # share of test and language scores that were not sent


@dataclass(frozen=True)
class Programs:
    """What can be applied for; one entry a program."""

    tier: Ints  # 1 to 5
    min_gpa: Floats
    admit_rate: Floats

    @property
    def ids(self) -> list[str]:
        """The sourcedIds."""
        return list(numbered("PRG-", np.arange(1, len(self.tier) + 1), 3).to_pylist())


def draw_programs(rng: np.random.Generator) -> Programs:
    """Five programs in each of five tiers."""
    tier = np.repeat(np.arange(1, 6), _A_TIER)
    low, high = np.array(_RATES)[tier - 1].T
    return Programs(
        tier=tier,
        min_gpa=np.round(np.array(_MIN_GPA)[tier - 1] + 0.1 * rng.integers(-1, 2, len(tier)), 1),
        admit_rate=np.round(rng.uniform(low, high), 2),
    )


def write_programs(out: Folder, programs: Programs, rng: np.random.Generator) -> None:
    """Write the programs; a college has one or two of the same tier."""
    n = len(programs.tier)
    own = rng.permutation(len(_COLLEGES)).reshape(5, 3)  # three colleges a tier
    out["programs"].write(
        n,
        {
            "sourcedId": programs.ids,
            "title": [_TITLES[at] for at in rng.permutation(len(_TITLES))[:n]],
            "institution": [
                _COLLEGES[own[tier - 1, at % 3]] for at, tier in enumerate(programs.tier)
            ],
            "tier": programs.tier,
            "min_gpa": programs.min_gpa,
            "admit_rate": programs.admit_rate,
        },
    )


def odds(programs: Programs, at: Ints, f: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Log odds of each application, from the program and the eight facts about the student."""
    rate, least = programs.admit_rate[at], programs.min_gpa[at]
    return np.asarray(
        -0.05
        + 1.2 * np.log(rate / (1 - rate))
        + 0.15 * (programs.tier[at] - 3)
        + 1.4 * (f["gpa"] - 3.0)
        + 2.4 * (f["gpa"] - least)
        + 0.9 * np.nan_to_num((f["test_score"] - 1050) / 200)
        + 0.4 * np.nan_to_num((f["language_score"] - 95) / 12)
        + 0.7 * (f["statement"] - 3)
        + 0.6 * (f["letters"] - 3)
        + 0.7 * f["research"]
        + 0.12 * (f["extracurriculars"] - 4)
        - 0.012 * (f["rank_in_class"] - 40)
    )


def write_applications(
    out: Folder,
    truth: Folder | None,
    programs: Programs,
    seen: list[Seen],
    traits: Traits,
    students: pa.Array,
    counts: Counts,
    rng: np.random.Generator,
) -> None:
    """Write the applications of a group's grades 11 and 12, with their odds in the truth."""
    last_day = seen[-1].monday + 6
    for year in sorted({week.year for week in seen}):
        weeks = [week for week in seen if week.year == year]
        _write_year(out, truth, programs, weeks, traits, students, counts, last_day, rng)


def _write_year(
    out: Folder,
    truth: Folder | None,
    programs: Programs,
    weeks: list[Seen],
    traits: Traits,
    students: pa.Array,
    counts: Counts,
    last_day: np.datetime64,
    rng: np.random.Generator,
) -> None:
    grade, n_weeks = weeks[0].grade, len(weeks)
    facts = _facts(weeks[-1], traits, rng)
    applicants = np.flatnonzero(grade >= 11)
    n_each = np.where(
        grade[applicants] == 12,
        rng.integers(*_SENIOR, len(applicants)),
        rng.integers(*_JUNIOR, len(applicants)),
    )
    gap = facts["gpa"][applicants, None] - programs.min_gpa - 0.15
    order = np.argsort(gap**2 / 0.4 - rng.gumbel(size=gap.shape), axis=1)
    row = np.repeat(np.arange(len(applicants)), n_each)
    nth = np.arange(len(row)) - np.repeat(n_each.cumsum() - n_each, n_each)
    week = rng.integers(_FIRST_WEEK, _LAST_WEEK, len(row))
    here = np.array([each.active for each in weeks])[np.minimum(week, n_weeks - 1), applicants[row]]
    came = np.flatnonzero((week < n_weeks) & here)
    who, at, week = applicants[row[came]], order[row, nth][came], week[came]
    m = len(who)
    mondays = np.array([each.monday for each in weeks], "datetime64[D]")
    applied = mondays[week] + rng.integers(0, 7, m)
    f = {name: values[who] for name, values in facts.items()}
    for name in ("statement", "letters"):  # written anew for each program
        f[name] = np.clip(np.rint(2 * (f[name] + 0.4 * rng.standard_normal(m))) / 2, 1, 5)
    p = chance(odds(programs, at, f))
    decided_on = applied + rng.integers(*_DECIDED, m)
    outcome = _outcomes(p, np.asarray(decided_on <= last_day), rng)
    ids = numbered("APP-", counts.take("applications", m), 6)
    out["applications"].write(
        m,
        {
            "sourcedId": ids,
            "studentSourcedId": look_up(students, who),
            "programSourcedId": look_up(programs.ids, at),
            "appliedOn": applied,
            "outcome": pa.array([_OUTCOMES[k] for k in outcome.tolist()], pa.string()),
            **{name: pa.array(values, mask=np.isnan(values)) for name, values in f.items()},
        },
    )
    if truth is not None:
        truth["odds"].write(m, {"application_id": ids, "p_admitted": p})


def _outcomes(p: Floats, is_decided: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """Positions of _OUTCOMES."""
    u, other = rng.random((2, len(p)))
    refused = np.where(other < _WAITLISTED, 3, 2)
    withdrawn = rng.random(len(p)) < _WITHDRAWN
    decided = np.where(withdrawn, 4, np.where(u < p, 1, refused))
    return np.where(is_decided, decided, 0)


def _facts(seen: Seen, traits: Traits, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """The facts about every student of the group in a year; they follow from the hidden state."""
    n = len(seen.grade)
    form, effort = seen.ability.mean(axis=1).astype(float), seen.engagement.astype(float)
    gpa = np.clip(2.95 + 0.5 * form + 0.1 * rng.standard_normal(n), 0.5, 4.0).round(2)
    test = np.clip(1050 + 130 * form + 70 * rng.standard_normal(n), 400, 1600)
    language = 97 + 6 * form - 9 * traits.english_learner + 6 * rng.standard_normal(n)
    test[rng.random(n) < _UNKNOWN] = np.nan
    language[rng.random(n) < _UNKNOWN] = np.nan
    rank = np.zeros(n)
    for grade in (11, 12):
        peers = np.flatnonzero(seen.grade == grade)
        rank[peers[np.argsort(-gpa[peers], kind="stable")]] = np.arange(1, len(peers) + 1)
    return {
        "gpa": gpa,
        "test_score": np.round(test, -1),
        "language_score": np.clip(np.round(language), 40, 120),
        "statement": 3.1 + 0.3 * effort + 0.5 * rng.standard_normal(n),
        "letters": 3.3 + 0.3 * effort + 0.2 * form + 0.4 * rng.standard_normal(n),
        "research": (rng.random(n) < chance(-1.6 + 0.5 * form)).astype(float),
        "extracurriculars": rng.poisson(np.exp(1.2 + 0.15 * effort)).astype(float),
        "rank_in_class": rank,
    }
