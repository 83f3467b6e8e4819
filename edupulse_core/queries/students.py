"""Students as rows, for whoever lists them or asks about several: never without the viewer."""

from typing import Any

from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District


def students(
    viewer: Viewer, district: District, skip: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Some of the viewer's active students by name, and how many there are in all."""
    rows = _rows(viewer, district, skip, limit)
    counted = rows or _rows(viewer, district, 0, 1)
    return rows, counted[0]["n_matching"] if counted else 0


def student(viewer: Viewer, district: District, student_id: str) -> dict[str, Any]:
    """One student's row; AccessError unless the viewer may see them."""
    district.why(viewer, student_id)
    return _rows(viewer, district, 0, 1, student_id)[0]


def seen(viewer: Viewer, district: District) -> frozenset[str]:
    """Every student whom the viewer may see; asked once for as long as the data stay the same."""

    def ask() -> frozenset[str]:
        rows = district.rows("seen_students", district.seen_by(viewer))
        return frozenset(row["student_id"] for row in rows)

    return district.remember(("seen", viewer), ask)


def _rows(
    viewer: Viewer, district: District, skip: int, limit: int, student_id: str | None = None
) -> list[dict[str, Any]]:
    given = district.seen_by(
        viewer,
        student_id=student_id,
        week_start=district.week_start,
        limit=limit,
        offset=skip,
    )
    return district.rows("students", given)
