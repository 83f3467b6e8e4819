"""One school or all of them: risk levels by grade, and a few rates over the years."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries import small_cells
from edupulse_core.queries.district import District

KINDS = {"chronic": "attendance", "failing": "grades", "removed": "incidents"}  # what each needs


@dataclass(frozen=True)
class Tiers:
    """Students by risk level, with one row for each grade or each school.

    The viewer may open every one of these students by name, so no count is hidden.
    """

    label: str  # grade or school
    rows: list[dict[str, Any]]


def schools(viewer: Viewer, district: District) -> dict[str, str]:
    """The schools that the viewer may look at as a whole: id → name."""
    rows = district.rows("school_tiers", _whole(viewer, district.as_of))
    return {row["school_id"]: row["school"] or row["school_id"] for row in rows}


def tiers(viewer: Viewer, district: District, school_id: str | None) -> Tiers:
    """Risk levels by grade in one of the viewer's schools; None: by school, in all of them."""
    rows = district.rows("school_tiers", _whole(viewer, district.as_of))
    if school_id is not None:
        rows = [row for row in rows if row["school_id"] == school_id]
        return Tiers("grade", [row | {"grade": row["grade"] or "unknown"} for row in rows])
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = sums.setdefault(
            row["school_id"], {"school": row["school"], "students": 0} | dict.fromkeys(TIERS, 0)
        )
        for name in ("students", *TIERS):
            total[name] += row[name]
    return Tiers("school", list(sums.values()))


def rates(viewer: Viewer, district: District, school_id: str | None) -> list[dict[str, Any]]:
    """Shares of students by school year, oldest first; None is hidden or unknown.

    Each row: year, as_of, students, and the shares chronic, failing and removed, in whole percent
    of the students for whom each is known. A past year counts the students who were there at the
    same point of the year, because today's students would leave out everyone who has graduated or
    dropped out since. The viewer may open today's students by name and subtract them, so a share is
    hidden if it is small among those who left. A sum over schools is hidden if one of its schools
    is.
    """
    found = []
    for point in district.rows("school_year_points", {"as_of": district.as_of}):
        given = _whole(viewer, point["as_of"]) | {
            "school_year": point["school_year"],
            "today": district.as_of,
        }
        rows = district.rows("school_rates", given)
        year = _year(district, point["school_year"], rows, school_id)
        found += [year] if year else []
    return found


def _year(
    district: District, year: int, rows: list[dict[str, Any]], school_id: str | None
) -> dict[str, Any] | None:
    """One year of one school, or of all together."""
    chosen = [row for row in rows if school_id in (None, row["school_id"])]
    if not chosen:
        return None
    shown = all(not row["gone"] or small_cells.large(row["gone"]) for row in chosen)
    found: dict[str, Any] = {
        "year": f"{year - 1}–{year % 100:02}",
        "as_of": max(row["as_of"] for row in chosen),
        "students": sum(row["students"] for row in chosen) if shown else None,
    }
    for name, needs in KINDS.items():
        found[name] = _share(name, chosen) if needs in district.known else None
    return found


def _share(name: str, rows: list[dict[str, Any]]) -> float | None:
    """The share of these schools' students for whom it is true; None if any school hides it."""
    for row in rows:
        sides = row[f"{name}_gone"], row[f"not_{name}_gone"]
        if row["gone"] and not small_cells.large(*sides):
            return None
    part, whole = (sum(row[column] for row in rows) for column in (name, f"{name}_known"))
    return round(part / whole, 2) if whole else None


def _whole(viewer: Viewer, as_of: date) -> dict[str, Any]:
    """The parameters of a query of sums: the schools where the viewer may see everyone."""
    leads = "principal" in viewer.roles
    return access.parameters(viewer, as_of) | {
        "whole_schools": list(viewer.school_ids) if leads else []
    }
