"""What staff say about a prediction: it was right, or wrong. The next update learns from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from edupulse_core.actions.sessions import check_student
from edupulse_core.actions.students import STUDENT_ROLES
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families import shelf
from edupulse_core.families.risk import NAME
from edupulse_core.families.risk.tiers import TIERS, tier_of
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries import shown
from edupulse_core.queries.district import District, open_district
from edupulse_core.store import runs, verdicts
from edupulse_core.store.database import open_store
from edupulse_core.store.verdicts import LONGEST, OUTCOMES, Verdict


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
        if district is not None:
            check_student(actor, district, student_id)
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


def judge(
    actor: Actor, district: District, student_id: str, is_at_risk: bool, notes: str = ""
) -> Verdict:
    """Say of the score that the pages show of a student whether it is right.

    is_at_risk: what somebody who knows the student says. A later verdict takes an earlier one's
    place. Raises MissingError where the student has no score now, AccessError as `give`.
    """
    actor.require(*STUDENT_ROLES)
    check_student(actor, district, student_id)  # before anything tells whether there is a score
    store, row = open_store(district.settings), None
    if district.standing.now is not None:
        row = next(shown.said_of(store, student_id, as_of=district.as_of, limit=10), None)
    if row is None or row["risk_score"] is None:
        raise MissingError("nobody has this ID, or there is no score now: nothing to judge")
    was_named = tier_of(district.settings, row["risk_score"]) != TIERS[0]
    outcome = f"{str(is_at_risk == was_named).lower()}_{'positive' if was_named else 'negative'}"
    said = Correction(f"{row['run_id']}:{student_id}", outcome, notes)
    return give(actor, district.settings, NAME, [said])[0]


def withdraw(actor: Actor, district: District, student_id: str) -> Verdict:
    """Take back the verdict that stands on the shown week of a student.

    Raises MissingError where none does, AccessError as `give`.
    """
    actor.require(*STUDENT_ROLES)
    check_student(actor, district, student_id)
    store = open_store(district.settings)
    found = verdicts.standing(store, NAME, student_id, district.as_of)
    if found is None:
        raise MissingError("nobody has said anything of this student's score")
    details = {"family": NAME, "by": found.actor, "outcome": found.outcome}
    act = trail.act(district.settings, actor, trail.WITHDRAW_VERDICT, student_id, details=details)
    with act:
        if not verdicts.withdraw(store, found.verdict_id, actor.name, datetime.now(UTC)):
            raise MissingError("somebody took this verdict back already")
    return found
