"""What staff said about a prediction after the fact; never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import insert, select

from edupulse_core.store.database import Store
from edupulse_core.store.tables import estimates, predictions, verdicts

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


def listed(store: Store, family: str) -> list[Verdict]:
    """A family's verdicts, the oldest first; of several on one prediction, the last one counts."""
    query = select(verdicts).where(verdicts.c.family == family).order_by(verdicts.c.at)
    with store.reading() as connection:
        found = [Verdict(**row._mapping) for row in connection.execute(query)]
    return list({(each.student_id, each.as_of): each for each in found}.values())
