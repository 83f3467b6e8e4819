"""Answers to items: which skills students work on, and how practice raises their mastery."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, look_up
from edupulse_core.demo.learning.curriculum import ITEMS, Curriculum, Ints
from edupulse_core.demo.learning.minds import Minds, Seen, p_correct
from edupulse_core.demo.learning.subjects import A_SUBJECT, SUBJECTS
from edupulse_core.demo.population import Floats

_SITTINGS = (0.93, 0.15)  # P(a first, a second) a week for the average student
_ANSWERS = (2, 5)  # at a sitting; two more for half of the students
_f32 = np.float32


@dataclass
class Answers:
    """All answers of a group; each list has an array a step."""

    plan: Curriculum
    n_before: NDArray[np.int16]  # (n, items) answers to each item
    who: list[Ints] = field(default_factory=list)
    item: list[Ints] = field(default_factory=list)
    at: list[NDArray[np.datetime64]] = field(default_factory=list)
    chance: list[Floats] = field(default_factory=list)
    is_correct: list[NDArray[np.bool_]] = field(default_factory=list)
    seconds: list[Ints] = field(default_factory=list)
    attempt: list[Ints] = field(default_factory=list)
    hints: list[Ints] = field(default_factory=list)


def start(plan: Curriculum, n: int) -> Answers:
    """Before the first answer of n students."""
    return Answers(plan, np.zeros((n, plan.second.size), np.int16))


def practice(answers: Answers, minds: Minds, seen: Seen, rng: np.random.Generator) -> None:
    """One week: each student sits down for a skill once or twice and answers some items."""
    ready = minds.is_ready()
    for sitting, usual in enumerate(_SITTINGS):
        p = np.clip(usual + 0.08 * seen.engagement, 0.1, 1.0) * (0.4 + 0.12 * seen.here.sum(axis=1))
        drawn = rng.random(len(p))
        who = np.flatnonzero(seen.here.any(axis=1) & (drawn < p))
        skill = choose_skills(minds, seen, ready, who, rng)
        begins = _begins(seen, who, sitting, rng)
        _sit(answers, minds, who, skill, ready[who, skill], begins, rng)


def choose_skills(
    minds: Minds, seen: Seen, ready: Floats, who: Ints, rng: np.random.Generator
) -> Ints:
    """A skill near each student's grade whose prerequisites they have and it they lack."""
    plan, m = minds.plan, len(who)
    subject = rng.integers(0, len(SUBJECTS), m)
    skills = subject[:, None] * A_SUBJECT + np.arange(A_SUBJECT)
    gap = plan.grade[skills] - seen.grade[who, None]
    here = who[:, None]
    pull = -(gap**2) / 3.0 + 2.5 * ready[here, skills]
    pull = pull - 0.4 * np.maximum(minds.log_odds(here, skills) - 1.0, 0.0)
    at = (pull + rng.gumbel(size=pull.shape)).argmax(axis=1) if m else np.zeros(0, np.int64)
    return np.asarray(subject * A_SUBJECT + at)


def _begins(
    seen: Seen, who: Ints, sitting: int, rng: np.random.Generator
) -> NDArray[np.datetime64]:
    """When each sitting begins: in the morning at school, or later in the day at home."""
    days = np.where(seen.here[who], rng.random((len(who), 5)), -1.0).argmax(axis=1)
    first, last = ((8, 13), (15, 20))[sitting]
    seconds = 3600 * first + rng.integers(0, 3600 * (last - first), len(who))
    return np.asarray(seen.monday.astype("datetime64[s]") + 86400 * days + seconds)


def _sit(
    answers: Answers,
    minds: Minds,
    who: Ints,
    skill: Ints,
    ready: Floats,
    begins: NDArray[np.datetime64],
    rng: np.random.Generator,
) -> None:
    """Answer some items of one skill, one after the other."""
    plan = answers.plan
    n = rng.integers(_ANSWERS[0], _ANSWERS[1] + 1, len(who)) + 2 * (rng.random(len(who)) < 0.25)
    first = rng.integers(0, ITEMS, len(who))
    for step in range(n.max(initial=0)):
        on = np.flatnonzero(n > step)
        w, k = who[on], skill[on]
        item = (first[on] + step) % ITEMS  # an item once a sitting
        second = plan.second[k, item]
        two = second >= 0
        odds = minds.log_odds(w, k)
        odds = np.where(two, (odds + minds.log_odds(w, second)) / 2, odds)
        p = p_correct(odds - plan.hardness[k, item])
        correct = rng.random(len(on)) < p
        hints = rng.binomial(3, 0.25 * (1 - p))
        taken = (12 + 9 * plan.item_difficulty[k, item]) * (1.25 - 0.25 * correct)
        seconds = np.maximum(3, np.rint(taken * np.exp(0.4 * rng.standard_normal(len(on)))))
        begins[on] += seconds.astype("timedelta64[s]")
        number = k * ITEMS + item
        answers.n_before[w, number] += 1
        for name, value in (
            ("who", w),
            ("item", number),
            ("at", begins[on].copy()),
            ("chance", p),
            ("is_correct", correct),
            ("seconds", seconds.astype(int)),
            ("attempt", answers.n_before[w, number].astype(int)),
            ("hints", hints),
        ):
            getattr(answers, name).append(value)
        minds.learn(w, k, ready[on], np.where(two, 0.6, 1.0).astype(_f32))
        minds.learn(w[two], second[two], ready[on][two], 0.4)


def write(out: Folder, truth: Folder | None, answers: Answers, students: pa.Array) -> None:
    """Write a group's answers, and how likely each was to be right."""
    if not answers.who:
        return
    who, at = np.concatenate(answers.who), np.concatenate(answers.at)
    order = np.lexsort((who, at))
    ids = {
        "studentSourcedId": look_up(students, who[order]),
        "itemSourcedId": look_up(answers.plan.item_ids, np.concatenate(answers.item)[order]),
        "answeredAt": stamps(at[order]),
    }
    numbers = {
        "correct": np.concatenate(answers.is_correct).astype(int),
        "seconds": np.concatenate(answers.seconds),
        "attempt": np.concatenate(answers.attempt),
        "hints": np.concatenate(answers.hints),
    }
    out["interactions"].write(
        len(who), ids | {name: values[order] for name, values in numbers.items()}
    )
    if truth is not None:
        chance = np.concatenate(answers.chance)[order]
        named = zip(("student_id", "item_id", "answered_at"), ids.values(), strict=True)
        truth["answers"].write(len(who), dict(named) | {"p_correct": chance})


def stamps(at: NDArray[np.datetime64]) -> pa.Array:
    """Times as ISO text."""
    return pa.array(np.datetime_as_string(at, unit="s"))
