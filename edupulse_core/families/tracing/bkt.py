"""Bayesian knowledge tracing (Corbett and Anderson 1995): four numbers a skill, fitted by EM.

Each student either has learned a skill or not. `init` is the chance that they had before the first
answer, `learn` that they learn it at an answer, `guess` that an answer is right without it, `slip`
that it is wrong with it. Nobody forgets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.families.tracing import model as models
from edupulse_core.families.tracing.counts import Tally
from edupulse_core.families.tracing.examples import Examples, Whole
from edupulse_core.families.tracing.model import TracingModel, TracingPlan, Vocabulary
from edupulse_core.families.version import read_json, write_json

WORDS, NUMBERS = "vocabulary.json", "bkt.safetensors"
START = (0.4, 0.15, 0.25, 0.1)  # init, learn, guess, slip before the first round
HIGHEST = np.array([0.99, 0.6, 0.5, 0.3])  # beyond these, learned and not learned change places
LOWEST = 0.005


@dataclass(frozen=True)
class BktPlan(TracingPlan):
    """How `bkt` is fitted."""

    rounds: int = 20
    longest: int = 100  # answers of a student to a skill, of which it learns
    prior: float = 10.0  # answers that speak for the numbers of all skills together

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rounds < 1 or self.longest < 1 or self.prior < 0:
            raise ConfigError("training: rounds and longest must be above 0, prior not below 0")


@dataclass(frozen=True)
class Bkt:
    """The four numbers of each skill."""

    vocabulary: Vocabulary
    numbers: Array  # (4, M) init, learn, guess, slip by skill number; number 0: any other skill

    def logits(self, examples: Examples) -> Array:
        """The logit of a right answer, (N,); of several skills, the mean of their chances."""
        log = examples.log
        number = self.vocabulary.skill_numbers(log.skill_names)
        tally = log.by_skill
        after = np.append(known_after(tally, log.correct, self.numbers, number), 0.0)
        init, _, guess, slip = self.numbers[:, number[examples.skills]]
        row = examples.on_skills.row
        known = np.where(row >= 0, after[row], init)
        right = known * (1 - slip) + (1 - known) * guess
        mask = examples.mask
        chance = (right * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
        chance = np.clip(chance, 1e-4, 1 - 1e-4)
        return np.asarray(np.log(chance / (1 - chance)))

    def save(self, folder: Path) -> None:
        """Write the numbers, and the names of their skills."""
        save_file({"numbers": self.numbers}, folder / NUMBERS)
        write_json(folder / WORDS, self.vocabulary.as_json())


@dataclass(frozen=True)
class Steps:
    """The answers of G students to a skill each, the longest first, an answer a step."""

    start: Whole  # (G,) the first pair of each in the tally
    length: Whole  # (G,)
    group: Whole  # (G,) student and skill in one number

    @classmethod
    def of(cls, tally: Tally, students: Whole | None = None) -> "Steps":
        """students: whose answers; all unless given."""
        groups, start, length = np.unique(tally.group, return_index=True, return_counts=True)
        if students is not None:
            mine = np.isin(groups // tally.codes, students)
            groups, start, length = groups[mine], start[mine], length[mine]
        order = np.argsort(-length, kind="stable")
        return cls(start[order], length[order], groups[order])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Each step, and how many still have an answer there."""
        longest = int(self.length[0]) if len(self.length) else 0
        left = np.searchsorted(-self.length, -np.arange(1, longest + 1), side="right")
        return iter(enumerate(left.tolist()))


def known_after(tally: Tally, correct: Array, numbers: Array, number: Whole) -> Array:
    """The chance that a skill is known after each pair of a tally, (P,)."""
    steps = Steps.of(tally)
    init, learn, guess, slip = numbers[:, number[steps.group % max(tally.codes, 1)]]
    known, after = init.copy(), np.zeros(len(tally.places))
    for at, n in steps:
        rows = steps.start[:n] + at
        is_right = correct[tally.places[rows]] > 0
        yes = np.where(is_right, 1 - slip[:n], slip[:n])
        no = np.where(is_right, guess[:n], 1 - guess[:n])
        now = known[:n] * yes / (known[:n] * yes + (1 - known[:n]) * no)
        known[:n] = now + (1 - now) * learn[:n]
        after[rows] = known[:n]
    return after


def fit(split: Split[Examples], plan: BktPlan, run: Run) -> TracingModel:
    """Fit by EM on the training students' answers, all skills at once."""
    train = split.train
    words, log = Vocabulary.of(train), train.log
    number = words.skill_numbers(log.skill_names)
    steps = Steps.of(log.by_skill, np.unique(train.student))
    skill = number[steps.group % max(log.by_skill.codes, 1)]
    right = log.correct[log.by_skill.places] > 0
    numbers = np.repeat(np.array(START)[:, None], len(words.skills) + 1, axis=1)
    for at in range(plan.rounds):
        if run.cancel is not None and run.cancel():
            raise RefusedError("the training was stopped")
        numbers, loss = _round(steps, skill, right, numbers, plan)
        run.tell({"epoch": at + 1, "train_loss": loss})
        if run.progress is not None:
            run.progress("train", at + 1, plan.rounds)
    return models.finish(Bkt(words, numbers), split, plan, run)


def _round(
    steps: Steps, skill: Whole, right: Any, numbers: Array, plan: BktPlan
) -> tuple[Array, float]:
    """One round of EM; returns the new numbers and the loss of the old ones."""
    init, learn, guess, slip = numbers[:, skill]
    shown = [(at, n) for at, n in steps if at < plan.longest]
    known, filtered, scales, total = init.copy(), [], [], 0.0
    for at, n in shown:  # forward
        yes, no = _seen(right[steps.start[:n] + at], guess[:n], slip[:n])
        scale = known[:n] * yes + (1 - known[:n]) * no
        now = known[:n] * yes / scale
        filtered.append(now)
        scales.append(scale)
        total += float(-np.log(scale).sum())
        known[:n] = now + (1 - now) * learn[:n]
    sums = np.zeros((8, len(skill)))  # for each of the four: how often, and of how many
    later_yes, later_no = np.ones(len(skill)), np.ones(len(skill))
    for back, (at, n) in reversed(list(enumerate(shown))):
        is_right = right[steps.start[:n] + at]
        smooth = filtered[back] * later_yes[:n]
        smooth = smooth / (smooth + (1 - filtered[back]) * later_no[:n])
        sums[4, :n] += (1 - smooth) * is_right
        sums[5, :n] += 1 - smooth
        sums[6, :n] += smooth * ~is_right
        sums[7, :n] += smooth
        if at == 0:
            sums[0, :n] += smooth
            sums[1, :n] += 1
            break
        before = filtered[back - 1][:n]
        yes, no = _seen(is_right, guess[:n], slip[:n])
        gain = (1 - before) * learn[:n] * yes * later_yes[:n] / scales[back]
        stay = (1 - before) * (1 - learn[:n]) * no * later_no[:n] / scales[back]
        sums[2, :n] += gain
        sums[3, :n] += gain + stay
        turn = learn[:n] * yes * later_yes[:n] + (1 - learn[:n]) * no * later_no[:n]
        later_no[:n], later_yes[:n] = turn / scales[back], yes * later_yes[:n] / scales[back]
    by_skill = np.stack([np.bincount(skill, each, numbers.shape[1]) for each in sums])
    hits, cases = by_skill[::2], by_skill[1::2]
    usual = hits.sum(axis=1) / np.maximum(cases.sum(axis=1), 1e-9)
    found = (hits + plan.prior * usual[:, None]) / np.maximum(cases + plan.prior, 1e-9)
    found[:, 0] = usual  # any skill that it did not learn
    answers = sum(n for _, n in shown)
    return np.clip(found, LOWEST, HIGHEST[:, None]), total / max(answers, 1)


def _seen(is_right: Any, guess: Array, slip: Array) -> tuple[Array, Array]:
    """How likely each answer is with the skill and without it."""
    return np.where(is_right, 1 - slip, slip), np.where(is_right, guess, 1 - guess)


def open_version(folder: Path, form: str) -> TracingModel:
    """A saved model."""
    value = read_json(folder, WORDS)
    words = Vocabulary(tuple(value["items"]), tuple(value["skills"]))
    return models.opened(Bkt(words, load_file(folder / NUMBERS)["numbers"]), folder)


def space(trial: Any) -> BktPlan:
    """The plans among which tuning chooses."""
    return BktPlan(prior=trial.suggest_float("prior", 1.0, 100.0, log=True))


GRID = {"prior": (3.0, 10.0, 30.0)}
