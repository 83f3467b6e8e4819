"""Learning records of the demo district: skills, answers, resources, study, applications.

They follow the hidden state that also drives grades (`minds`), and draw from streams of their own:
the other files are the same without them.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa

from edupulse_core.demo.bundle import Folder, look_up
from edupulse_core.demo.learning import colleges, curriculum, minds, practice, study, tastes
from edupulse_core.demo.learning.minds import Seen, see
from edupulse_core.demo.population import Floats
from edupulse_core.demo.rollout import Group
from edupulse_core.demo.roster import Counts

FILES = {
    "skills": "sourcedId title subject gradeLevel prerequisiteSourcedIds difficulty base_hours "
    "content_type",
    "items": "sourcedId skillSourcedIds title text difficulty",
    "interactions": "studentSourcedId itemSourcedId answeredAt correct seconds attempt hints",
    "resources": "sourcedId title kind skillSourcedIds text difficulty minutes url",
    "ratings": "studentSourcedId resourceSourcedId usedAt rating minutes completed",
    "study_sessions": "sourcedId studentSourcedId skillSourcedId startedAt hours study_method "
    "environment energy_level distraction_level breaks_taken",
    "learners": "studentSourcedId age education_level learning_style avg_focus_duration",
    "programs": "sourcedId title institution tier min_gpa admit_rate",
    "applications": "sourcedId studentSourcedId programSourcedId appliedOn outcome gpa test_score "
    "language_score statement letters research extracurriculars rank_in_class",
}
TRUTH = {
    "mastery": "student_id skill_id mastery p_correct",
    "answers": "student_id item_id answered_at p_correct",
    "preferences": "student_id aspect name points",
    "resources": "resource_id points difficulty",
    "hours": "session_id expected_hours log_noise",
    "odds": "application_id p_admitted",
}
_OWN = 11  # of the seed's streams


@dataclass(frozen=True)
class Learning:
    """The district's part of the records, and where those of each group are written."""

    out: Folder
    truth: Folder | None
    plan: curriculum.Curriculum
    programs: colleges.Programs

    @classmethod
    def begin(cls, out: Folder, truth: Folder | None, seed: int) -> Self:
        """Draw and write what all groups share."""
        rng = np.random.default_rng([seed, _OWN])
        plan, programs = curriculum.draw(rng), colleges.draw_programs(rng)
        curriculum.write(out, plan, rng)
        colleges.write_programs(out, programs, rng)
        if truth is not None:
            tastes.write_quality(truth, plan)
        return cls(out, truth, plan, programs)

    def write_group(
        self, group: Group, seen: list[Seen], students: pa.Array, counts: Counts
    ) -> None:
        """Live a group's weeks once more, with what its students learned in them.

        students: their sourcedIds.
        """
        rngs = [np.random.default_rng([*group.seed, _OWN, stream]) for stream in range(5)]
        n = len(group.traits.cohort)
        learners = minds.draw(group.traits, len(self.plan.subject), rngs[0])
        knowing = minds.start(self.plan, learners)
        answers = practice.start(self.plan, n)
        uses, sessions = tastes.start(self.plan, n), study.start(self.plan, n, rngs[3])
        for before, week in zip([None, *seen], seen, strict=False):
            is_new = before is not None and before.year != week.year
            knowing.begin(week, is_new_year=is_new)
            practice.practice(answers, knowing, week, rngs[1])
            tastes.use(uses, knowing, week, rngs[2])
            study.study(sessions, knowing, week, rngs[3])
        practice.write(self.out, self.truth, answers, students)
        tastes.write(self.out, uses, students)
        study.write(self.out, self.truth, sessions, students, counts)
        study.write_learners(self.out, learners, students)
        colleges.write_applications(
            self.out, self.truth, self.programs, seen, group.traits, students, counts, rngs[4]
        )
        if self.truth is not None:
            tastes.write_preferences(self.truth, knowing, students)
            _write_mastery(self.truth, knowing, students)


def _write_mastery(truth: Folder, knowing: minds.Minds, students: pa.Array) -> None:
    """What every student knows at the end, and P(correct) on the skill's usual items."""
    odds: Floats = knowing.base + knowing.gain
    right = minds.p_correct(odds[:, :, None] - knowing.plan.hardness).mean(axis=2)
    who, skill = np.nonzero(np.ones(odds.shape))
    truth["mastery"].write(
        len(who),
        {
            "student_id": look_up(students, who),
            "skill_id": look_up(knowing.plan.skill_ids, skill),
            "mastery": minds.chance(odds).ravel(),
            "p_correct": right.ravel(),
        },
    )


__all__ = ["FILES", "TRUTH", "Learning", "Seen", "see"]
