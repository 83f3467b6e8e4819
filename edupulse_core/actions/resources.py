"""Being told which resources fit a student."""

from datetime import date

from edupulse_core.actions import answers
from edupulse_core.actions.mastery import known_mastery
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, UntrainedError
from edupulse_core.families.recommend import NAME, NONE_YET
from edupulse_core.lifecycle.serving import Answered
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.queries.recommended import Offer, offers

MORE = 3  # times as many are asked for, because some train what is mastered
MOST = 100  # that the family can be asked for


def ask_resources(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    count: int = 10,
    as_of: date | None = None,
) -> tuple[Answered, list[Offer]]:
    """The resources that fit a student best, and the run that named them; no page changes.

    A resource that trains only skills the student has mastered is left out, unless nothing else is
    there. Raises AccessError for a student whom the actor may not see, the same as for one who does
    not exist, and MissingError without resources or a version that serves.
    """
    return _told(actor, settings, student_id, count, as_of, is_page=False)


def show_resources(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    count: int = 10,
    as_of: date | None = None,
) -> tuple[Answered, list[Offer]]:
    """What a page shows, as `ask_resources`: stored for this week, or worked out and stored now."""
    return _told(actor, settings, student_id, count, as_of, is_page=True)


def _told(
    actor: Actor,
    settings: Settings,
    student_id: str,
    count: int,
    as_of: date | None,
    *,
    is_page: bool,
) -> tuple[Answered, list[Offer]]:
    from edupulse_core.families.recommend.family import Question  # which loads torch

    question = Question(count=min(MORE * count, MOST))
    try:
        if is_page:
            found = answers.shown(actor, settings, NAME, student_id, question, as_of=as_of)
        else:
            found = answers.ask(actor, settings, NAME, [student_id], question, as_of=as_of)
    except UntrainedError:
        if "resources" in open_district(settings).known:
            raise
        raise MissingError(NONE_YET) from None
    mastered = known_mastery(actor, settings, student_id, as_of).mastered
    return found, offers(found.rows, student_id, mastered, count)
