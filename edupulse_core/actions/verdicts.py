"""What staff say about a prediction after the fact."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.families import shelf
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.store import runs, verdicts
from edupulse_core.store.database import open_store
from edupulse_core.store.verdicts import OUTCOMES, Verdict

LONGEST = 2000  # letters of a note


@dataclass(frozen=True)
class Correction:
    """One verdict as it is given."""

    prediction_id: str  # run:student, as the predictions are told
    outcome: str  # of OUTCOMES
    notes: str = ""


def give(
    actor: Actor, settings: Settings, family: str, given: Collection[Correction]
) -> list[Verdict]:
    """Keep what somebody says about predictions: whether what was warned of happened.

    They serve the next update. Raises InputError for an outcome or a prediction that doesn't exist,
    AccessError for a student whom the actor may not see; then nothing is kept.
    """
    name, store, now = shelf.check_name(family), open_store(settings), datetime.now(UTC)
    district = open_district(settings) if actor.viewer is not None else None
    made = []
    for each in given:
        if each.outcome not in OUTCOMES:
            raise InputError(f"no outcome {each.outcome!r}; there are {', '.join(OUTCOMES)}")
        run_id, _, student_id = each.prediction_id.partition(":")
        if district is not None and actor.viewer is not None:
            try:
                district.why(actor.viewer, student_id)
            except AccessError:
                trail.note(settings, actor, trail.REFUSED_ACCESS, student_id)
                raise
        run = runs.read(store, int(run_id)) if run_id.isdecimal() else None
        if (
            run is None
            or run.family != name
            or not verdicts.is_predicted(store, int(run_id), student_id)
        ):
            raise MissingError(f"no prediction {each.prediction_id!r}")
        made.append(
            Verdict(
                uuid4().hex,
                now,
                actor.name,
                actor.role,
                name,
                run.version,
                run.as_of,
                student_id,
                each.outcome,
                each.notes[:LONGEST],
            )  # fmt: skip
        )
    students = [each.student_id for each in made]
    with trail.act(settings, actor, trail.GIVE_VERDICT, *students, details={"family": name}):
        if made:
            verdicts.add(store, made)
    return made
