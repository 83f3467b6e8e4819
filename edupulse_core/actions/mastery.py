"""Being told a student's mastery of every skill."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from edupulse_core.actions import answers
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.families.tracing import NAME
from edupulse_core.families.tracing.examples import BRING
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.queries.mastery import ORDER, Mastery, mastery


@dataclass(frozen=True)
class Known:
    """A student's mastery, for what builds on it."""

    chances: dict[str, float] = field(default_factory=dict)  # of a right answer, by skill_id
    mastered: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()  # without an answer: their chances are only a guess
    run_id: int = 0  # that said it


def known_mastery(
    actor: Actor, settings: Settings, student_id: str, as_of: date | None = None
) -> Known:
    """A student's mastery as the model for it says; empty where it can say nothing."""
    with suppress(InputError, MissingError, RefusedError):
        found = answers.shown(actor, settings, NAME, student_id, as_of=as_of)
        rows = [row for row in found.rows.to_pylist() if row["value"] is not None]
        mastered, unseen = (
            frozenset(row["object"] for row in rows if row["label"] == label)
            for label in (ORDER[0], ORDER[-1])
        )
        return Known({row["object"]: row["value"] for row in rows}, mastered, unseen, found.run_id)
    return Known()


def show_mastery(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    as_of: date | None = None,
    is_page: bool = False,
) -> Mastery:
    """Today's mastery of every skill: what is stored for this week, or worked out and stored now.

    is_page: as in `answers.shown`.
    Raises AccessError for a student whom the actor may not see, the same as for one who does not
    exist, and MissingError without answers to items or without a version that serves.
    """
    district = open_district(settings)
    if not district.rows("mastery_skills"):
        raise MissingError(BRING)
    found = answers.shown(actor, settings, NAME, student_id, as_of=as_of, is_page=is_page)
    return mastery(actor.viewer, district, student_id, found)
