"""Skills, items and resources of the whole district, the same for every group of schools."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo.bundle import Folder, numbered
from edupulse_core.demo.learning import wording
from edupulse_core.demo.learning.subjects import SUBJECTS, prerequisites, rows
from edupulse_core.demo.population import Floats
from edupulse_core.demo.roster import DOMAIN, grade_code

KINDS = ("reading", "practice", "video", "project", "other")
ITEMS = 8  # a skill
_RESOURCES = (2, 3)  # a skill, by turns
_TWO_SKILLS = 0.1  # share of the items
_UNKNOWN = 0.1  # share of the resources whose difficulty nobody has said
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Curriculum:
    """What can be learned, and with what; skills by position."""

    subject: Ints  # (skills,) of SUBJECTS
    grade: Ints
    difficulty: Ints  # 1 to 10
    base_hours: Floats
    earlier: NDArray[np.bool_]  # (skills, skills): row needs column
    second: Ints  # (skills, ITEMS) the other skill of an item, -1: none
    item_difficulty: Ints  # (skills, ITEMS) 1 to 5
    hardness: Floats  # (skills, ITEMS) log odds
    resource_skill: Ints  # (resources,)
    kind: Ints  # (resources,) of KINDS
    level: Ints  # (resources,) 1 to 5
    minutes: Ints
    quality: Floats  # (resources,) rating points

    @property
    def skill_ids(self) -> list[str]:
        """The sourcedIds of the skills."""
        return list(numbered("SKL-", np.arange(1, len(self.subject) + 1), 3).to_pylist())

    @property
    def item_ids(self) -> list[str]:
        """The sourcedIds of the items, skill by skill."""
        return list(numbered("QST-", np.arange(1, self.second.size + 1), 4).to_pylist())

    @property
    def resource_ids(self) -> list[str]:
        """The sourcedIds of the resources."""
        return list(numbered("RSC-", np.arange(1, len(self.kind) + 1), 4).to_pylist())


def draw(rng: np.random.Generator) -> Curriculum:
    """Draw the numbers of every skill, item and resource."""
    f32 = np.float32
    found = rows()
    n = len(found)
    subject, grade = (np.array([row[at] for row in found]) for at in (0, 1))
    earlier = np.zeros((n, n), bool)
    for at, needed in enumerate(prerequisites()):
        earlier[at, list(needed)] = True
    difficulty = np.clip(np.rint(1.5 + 0.6 * grade + rng.standard_normal(n)), 1, 10).astype(int)
    second = np.full((n, ITEMS), -1)
    for skill in np.flatnonzero(earlier.any(axis=1)):
        two = np.flatnonzero(rng.random(ITEMS) < _TWO_SKILLS * n / (n - 4))
        second[skill, two] = rng.choice(np.flatnonzero(earlier[skill]), len(two))
    item_difficulty = np.tile(np.array([1, 2, 2, 3, 3, 3, 4, 5]), (n, 1))
    resource_skill = np.repeat(np.arange(n), np.resize(_RESOURCES, n))
    r = len(resource_skill)
    level = np.rint(0.8 + grade[resource_skill] / 3.2 + 0.6 * rng.standard_normal(r))
    return Curriculum(
        subject=subject,
        grade=grade,
        difficulty=difficulty,
        base_hours=(0.8 + 0.22 * difficulty + 0.5 * rng.random(n)).round(1).astype(f32),
        earlier=earlier,
        second=second,
        item_difficulty=item_difficulty,
        hardness=(
            0.6 * (item_difficulty - 3)
            + 0.25 * rng.standard_normal((n, ITEMS))
            + 0.2 * (second >= 0)
        ).astype(f32),
        resource_skill=resource_skill,
        kind=rng.permutation(np.arange(r) % len(KINDS)),
        level=np.clip(level, 1, 5).astype(int),
        minutes=5 * rng.integers(2, 9, r),
        quality=(0.35 * rng.standard_normal(r)).astype(f32),
    )


def write(out: Folder, them: Curriculum, rng: np.random.Generator) -> None:
    """Write skills, items and resources."""
    found, ids = rows(), them.skill_ids
    kind = rng.integers(0, len(KINDS), len(ids))
    out["skills"].write(
        len(ids),
        {
            "sourcedId": ids,
            "title": [title for _, _, title, _ in found],
            "subject": [SUBJECTS[subject] for subject in them.subject],
            "gradeLevel": [grade_code(int(grade)) for grade in them.grade],
            "prerequisiteSourcedIds": [
                ",".join(ids[at] for at in np.flatnonzero(needed)) for needed in them.earlier
            ],
            "difficulty": them.difficulty,
            "base_hours": them.base_hours.astype(float).round(1),
            "content_type": [KINDS[at] for at in kind],
        },
    )
    skills, second = np.repeat(np.arange(len(ids)), ITEMS), them.second.ravel()
    out["items"].write(
        len(skills),
        {
            "sourcedId": them.item_ids,
            "skillSourcedIds": [
                ids[one] + (f",{ids[two]}" if two >= 0 else "")
                for one, two in zip(skills, second, strict=True)
            ],
            "title": [f"{found[one][2]} {at % ITEMS + 1}" for at, one in enumerate(skills)],
            "text": [
                wording.question(int(level), found[one][3], rng)
                for one, level in zip(skills, them.item_difficulty.ravel(), strict=True)
            ],
            "difficulty": them.item_difficulty.ravel(),
        },
    )
    _write_resources(out, them, rng)


def _write_resources(out: Folder, them: Curriculum, rng: np.random.Generator) -> None:
    found, ids = rows(), them.resource_ids
    skills, unknown = them.resource_skill, rng.random(len(ids)) < _UNKNOWN
    kinds = [KINDS[at] for at in them.kind]
    out["resources"].write(
        len(ids),
        {
            "sourcedId": ids,
            "title": apart(
                wording.title(kind, found[one][2]) for kind, one in zip(kinds, skills, strict=True)
            ),
            "kind": kinds,
            "skillSourcedIds": [them.skill_ids[one] for one in skills.tolist()],
            "text": [
                wording.text(int(level), found[one][3], rng)
                for one, level in zip(skills, them.level, strict=True)
            ],
            "difficulty": [
                None if hidden else str(level)
                for level, hidden in zip(them.level, unknown, strict=True)
            ],
            "minutes": them.minutes,
            "url": [f"https://{DOMAIN}/resources/{name}" for name in ids],
        },
    )


def apart(titles: Iterable[str]) -> list[str]:
    """The same titles, with a number where one came before."""
    times: Counter[str] = Counter()
    found = []
    for title in titles:
        times[title] += 1
        found.append(f"{title} {times[title]}" if times[title] > 1 else title)
    return found
