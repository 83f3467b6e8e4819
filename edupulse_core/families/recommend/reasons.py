"""Why a resource is offered, as fields; `sayings` makes the sentence."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.recommend.examples import Learners
from edupulse_core.families.recommend.resources import alike

if TYPE_CHECKING:  # slow to import
    from edupulse_core.families.recommend.recommender import Recommender

HISTORY, CONTENT, POPULAR = "history", "content", "popular"
LIKE = 0.5  # cosine from which two resources are called similar


class Reasons:
    """Finds the reason of each offer of a model to some learners."""

    def __init__(self, model: "Recommender", learners: Learners) -> None:
        self.model, self.learners = model, learners
        self.places = learners.resources.places(model.ids)
        self.features = model.vocabulary.encode(learners.resources)
        self.has_history = model.has_history(learners)
        self.often = np.sqrt(
            np.maximum(model.popular[""], 1e-9)
        )  # so that what all use is no reason

    def of(self, row: int, at: int) -> tuple[str, dict[str, Any]]:
        """By what way a resource came to a learner, and the fields that tell why.

        Another learner's use is never told, only how many used both, and only where they are many.
        """
        resource = self.learners.resources.rows[at]
        level = float(self.learners.level[row])
        because = self._because(row, at) if self.has_history[row] else None
        is_new = self.places[at] < 0  # nobody had used it, so it is popular nowhere
        way = CONTENT if is_new else HISTORY if self.has_history[row] else POPULAR
        return way, {
            "title": resource["title"],
            "kind": resource["kind"],
            "skills": [
                {"skill_id": one, "title": title}
                for one, title in zip(resource["skill_ids"], resource["skills"], strict=True)
            ],
            "level": resource["difficulty"],
            "student_level": None if np.isnan(level) else round(level, 2),
            "minutes": resource["minutes"],
            "url": resource["url"],
            "way": way,
            "grade": str(self.learners.grade[row]) or None,
            "because": because,
        }

    def _because(self, row: int, at: int) -> dict[str, Any] | None:
        """The resource of the learner's own history that fits it best, and how many used both."""
        ends = self.learners.before.indptr
        mine: NDArray[np.int64] = self.learners.before.indices[ends[row] : ends[row + 1]]
        mine = mine[mine != at]
        if not len(mine):
            return None
        rows = self.learners.resources.rows
        known = mine[self.places[mine] >= 0]
        if self.places[at] >= 0 and len(known):
            both = self.model.together[self.places[known], self.places[at]]
            best = int(np.argmax(both / self.often[self.places[known]]))
            if both[best]:
                return _named(rows[known[best]]) | {"students": int(both[best])}
        near = alike(self.features[[at]], self.features[mine])[0]
        best = int(np.argmax(near))
        return _named(rows[mine[best]]) | {"students": None} if near[best] >= LIKE else None


def _named(resource: dict[str, Any]) -> dict[str, Any]:
    return {"resource_id": resource["resource_id"], "title": resource["title"]}
