"""Resources that students used, how they rated them, and what they learned from them."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, look_up
from edupulse_core.demo.learning.curriculum import KINDS, Curriculum, Ints
from edupulse_core.demo.learning.minds import Minds, Seen, chance
from edupulse_core.demo.learning.practice import stamps
from edupulse_core.demo.learning.subjects import SUBJECTS
from edupulse_core.demo.population import Floats

_USES = 0.5  # a week for the average student
_USUAL = 3.5  # rating
_TOO_HARD = 0.3  # rating points for each level off
_NOISE = 0.55  # rating points
_RATED = 0.88  # share of uses


@dataclass
class Uses:
    """All uses of resources by a group; each list has an array a week."""

    plan: Curriculum
    n_before: NDArray[np.int16]  # (n, resources)
    columns: list[tuple[NDArray[np.generic], ...]] = field(default_factory=list)


def start(plan: Curriculum, n: int) -> Uses:
    """Before the first use by n students."""
    return Uses(plan, np.zeros((n, len(plan.kind)), np.int16))


def expected(minds: Minds, seen: Seen, who: Ints) -> Floats:
    """The rating that each student would give each resource, before noise: (who, resources)."""
    plan, likes = minds.plan, minds.learners
    rating = _USUAL + likes.likes_kind[who][:, plan.kind] + plan.quality
    rating = rating + likes.likes_subject[who][:, plan.subject[plan.resource_skill]]
    suits = np.clip(0.8 + seen.grade[who] / 3.2 + 0.4 * seen.ability[who].mean(axis=1), 1, 5)
    return np.asarray(rating - _TOO_HARD * np.abs(plan.level - suits[:, None]), np.float32)


def use(uses: Uses, minds: Minds, seen: Seen, rng: np.random.Generator) -> None:
    """One week: some students use a resource near their grade that they expect to like."""
    plan = uses.plan
    p = np.clip(_USES + 0.1 * seen.engagement, 0.1, 0.9)
    who = np.flatnonzero(seen.here.any(axis=1) & (rng.random(len(p)) < p))
    if len(who) == 0:
        return
    rating = expected(minds, seen, who)
    gap = plan.grade[plan.resource_skill] - seen.grade[who, None]
    pull = 1.3 * rating - gap**2 / 5.0 - 1.5 * uses.n_before[who]
    chosen = (pull + rng.gumbel(size=pull.shape)).argmax(axis=1)
    rating = rating[np.arange(len(who)), chosen]
    uses.n_before[who, chosen] += 1
    skill = plan.resource_skill[chosen]
    completed = rng.random(len(who)) < chance(1.2 * (rating - 2.6))
    share = np.where(completed, 1.0, rng.uniform(0.1, 0.8, len(who)))
    spent = plan.minutes[chosen] * share * np.exp(0.2 * rng.standard_normal(len(who)))
    given = np.clip(np.rint(rating + _NOISE * rng.standard_normal(len(who))), 1, 5).astype(int)
    given[rng.random(len(who)) >= _RATED] = 0  # used, not rated
    days = np.where(seen.here[who], rng.random((len(who), 5)), -1.0).argmax(axis=1)
    seconds = 86400 * days + 3600 * 14 + rng.integers(0, 3600 * 7, len(who))
    at = seen.monday.astype("datetime64[s]") + seconds
    minutes = np.maximum(1, np.rint(spent)).astype(int)
    uses.columns.append((who, chosen, at, given, minutes, completed.astype(int)))
    minds.learn(who, skill, minds.is_ready()[who, skill], np.asarray(share, np.float32))


def write(out: Folder, uses: Uses, students: pa.Array) -> None:
    """Write a group's uses of resources with their ratings."""
    if not uses.columns:
        return
    who, chosen, at, given, minutes, completed = map(
        np.concatenate, zip(*uses.columns, strict=True)
    )
    out["ratings"].write(
        len(who),
        {
            "studentSourcedId": look_up(students, who),
            "resourceSourcedId": look_up(uses.plan.resource_ids, chosen),
            "usedAt": stamps(at),
            "rating": pa.array(given, mask=given == 0),
            "minutes": minutes,
            "completed": completed,
        },
    )


def write_preferences(truth: Folder, minds: Minds, students: pa.Array) -> None:
    """Write what each student likes: rating points for each kind and subject."""
    for aspect, names, likes in (
        ("kind", KINDS, minds.learners.likes_kind),
        ("subject", SUBJECTS, minds.learners.likes_subject),
    ):
        who, which = np.nonzero(np.ones(likes.shape))
        truth["preferences"].write(
            len(who),
            {
                "student_id": look_up(students, who),
                "aspect": aspect,
                "name": look_up(names, which),
                "points": likes[who, which],
            },
        )


def write_quality(truth: Folder, plan: Curriculum) -> None:
    """Write how good and how difficult each resource is."""
    truth["resources"].write(
        len(plan.kind),
        {"resource_id": plan.resource_ids, "points": plan.quality, "difficulty": plan.level},
    )
