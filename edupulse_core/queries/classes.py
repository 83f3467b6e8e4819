"""A teacher's sections: who changed this week, who misses work, who is fine."""

from dataclasses import dataclass, field
from typing import Any

from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

DAYS_OUT = 2  # days absent in the week that a teacher wants to hear of
MISSING = 2  # pieces of work not handed in over four weeks

_NEW = {
    "new_a": "is now chronically absent",
    "new_b": "raised the behaviour flag",
    "new_c": "now fails a course",
}


@dataclass
class Section:
    """One section and its students, each in exactly one group."""

    class_id: str
    title: str
    school: str
    changed: list[dict[str, Any]] = field(default_factory=list)
    missing_work: list[dict[str, Any]] = field(default_factory=list)
    fine: list[dict[str, Any]] = field(default_factory=list)

    @property
    def n_students(self) -> int:
        """How many are in it."""
        return len(self.changed) + len(self.missing_work) + len(self.fine)


def sections(viewer: Viewer, district: District) -> list[Section]:
    """The sections that the viewer teaches now, with the students in them."""
    given = district.seen_by(
        viewer,
        has_grades="grades" in district.known,
        has_incidents="incidents" in district.known,
    )
    found: dict[str, Section] = {}
    for row in district.rows("sections", given):
        section = found.setdefault(
            row["class_id"], Section(row["class_id"], row["section"], row["school"] or "")
        )
        row["news"] = _news(row)
        if row["news"]:
            section.changed.append(row)
        elif (row["n_missing"] or 0) >= MISSING:
            section.missing_work.append(row)
        else:
            section.fine.append(row)
    for section in found.values():
        section.changed.sort(key=lambda row: -row["tier_order"])
        section.missing_work.sort(key=lambda row: -row["n_missing"])
    return list(found.values())


def _news(row: dict[str, Any]) -> str:
    """What changed for a student this week, in words; empty when nothing did."""
    news = []
    if row["tier"] and row["previous_tier"] and row["tier"] != row["previous_tier"]:
        news.append(f"went from {row['previous_tier']} to {row['tier']}")
    news += [words for name, words in _NEW.items() if row[name]]
    if (row["days_absent_1w"] or 0) >= DAYS_OUT:
        news.append(f"was absent {row['days_absent_1w']:.2g} days this week")
    if row["incidents_1w"]:
        n = int(row["incidents_1w"])
        news.append(f"had {n} incident{'s' if n > 1 else ''} this week")
    return "; ".join(news)
