"""The resources that staff gave to a student, and what came of them."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import assignments
from edupulse_core.store.assignments import Assignment
from edupulse_core.store.database import open_store


@dataclass(frozen=True)
class Assigned:
    """A resource that a student was given."""

    given: Assignment
    on: date  # on which it was given, in the district's time zone
    title: str  # the ID if the district no longer has the resource
    kind: str | None
    url: str | None
    used_at: datetime | None  # first, since it was given
    is_completed: bool


def of_student(record: StudentRecord) -> list[Assigned]:
    """What a student was given and nobody took back, the newest first."""
    district = record.district
    found = assignments.standing(open_store(district.settings), [record.student_id])
    if not found:
        return []
    zone = ZoneInfo(district.settings.time_zone)
    moments = [each.at.astimezone(zone).replace(tzinfo=None) for each in found]
    rows = district.rows(
        "assigned",
        {
            "resources": [each.resource_id for each in found],
            "moments": moments,
            "student_id": record.student_id,
            "as_of": district.as_of,
        },
    )
    return [
        Assigned(
            each,
            at.date(),
            row["title"] or each.resource_id,
            row["kind"],
            row["url"],
            row["used_at"],
            row["is_completed"],
        )
        for each, at, row in zip(found, moments, rows, strict=True)
    ]
