"""What staff said about a prediction after the fact. It can be taken back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from edupulse_core.store.database import Store
from edupulse_core.store.tables import estimates, predictions, verdicts

LONGEST = 2000  # letters of a note
OUTCOMES = ("true_positive", "false_positive", "true_negative", "false_negative")


@dataclass(frozen=True)
class Verdict:
    """Whether a prediction came true, as somebody who knows the student says."""

    verdict_id: str
    at: datetime
    actor: str
    role: str
    family: str
    version: str
    as_of: date  # of the prediction
    student_id: str
    outcome: str  # of OUTCOMES
    notes: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def is_positive(self) -> bool:
        """Whether what the family warns of happened."""
        return self.outcome in ("true_positive", "false_negative")


def is_predicted(store: Store, run_id: int, student_id: str) -> bool:
    """Whether a run holds a prediction for a student."""
    found = (
        select(table.c.run_id).where(table.c.run_id == run_id, column == student_id)
        for table, column in (
            (predictions, predictions.c.student_id),
            (estimates, estimates.c.subject),
        )
    )
    with store.reading() as connection:
        return any(connection.execute(query.limit(1)).first() is not None for query in found)


def add(store: Store, given: Sequence[Verdict]) -> None:
    """Keep some verdicts."""
    with store.writing() as connection:
        connection.execute(insert(verdicts), [asdict(each) for each in given])


def listed(store: Store, family: str, student_id: str | None = None) -> list[Verdict]:
    """A family's verdicts that stand, or one student's, the oldest first.

    Of several on one prediction, the last one counts.
    """
    query = select(verdicts).where(verdicts.c.family == family, verdicts.c.withdrawn_at.is_(None))
    if student_id is not None:
        query = query.where(verdicts.c.student_id == student_id)
    with store.reading() as connection:
        found = [
            Verdict(**row._mapping) for row in connection.execute(query.order_by(verdicts.c.at))
        ]
    return list({(each.student_id, each.as_of): each for each in found}.values())


def standing(store: Store, family: str, student_id: str, as_of: date) -> Verdict | None:
    """The verdict that counts on one prediction; None if nobody gave one."""
    given = listed(store, family, student_id)
    return next((each for each in given if each.as_of == as_of), None)


def withdraw(store: Store, verdict_id: str, actor: str, now: datetime) -> bool:
    """Take a verdict back; False if somebody already did."""
    query = update(verdicts).where(
        verdicts.c.verdict_id == verdict_id, verdicts.c.withdrawn_at.is_(None)
    )
    with store.writing() as connection:
        made = connection.execute(query.values(withdrawn_at=now, withdrawn_by=actor))
    return bool(made.rowcount)
