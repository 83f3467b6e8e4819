"""Which students would change level with another version, for whoever may see them."""

from dataclasses import dataclass

from edupulse_core.families import shelf
from edupulse_core.lifecycle import comparison
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.students import students

EVERYONE = 1_000_000  # more students than a district has


@dataclass(frozen=True)
class LevelChange:
    """A student whose level is another one with the second version."""

    student_id: str
    name: str
    grade: str | None
    before: str
    after: str


def level_changes(
    viewer: Viewer, district: District, family: str, a: str, b: str
) -> list[LevelChange]:
    """The viewer's students whose level of the newest week changes from version a to b, by name."""
    name = shelf.check_name(family)
    moved = district.remember(
        ("moves", name, a, b), lambda: comparison.moves(district.settings, name, a, b)
    )
    if moved is None or not moved.levels:
        return []
    seen, _ = students(viewer, district, 0, EVERYONE)
    return [
        LevelChange(
            row["id"],
            f"{row['first_name']} {row['last_name']}",
            row["grade"],
            *moved.levels[row["id"]],
        )
        for row in seen
        if row["id"] in moved.levels
    ]
