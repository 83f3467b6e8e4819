"""A teacher's sections: who changed this week, misses work, is at risk, to watch, or fine."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

DAYS_OUT = 2  # days absent in the week that a teacher wants to hear of
MISSING = 2  # pieces of work not handed in over four weeks
FLAGS = 2  # plain flags that a teacher wants to hear of where there is no score

_NEW = {
    "new_a": "now absent {rate} or more this year",  # chronic only after 20 days; a flag is sooner
    "new_b": "behaviour flag raised",
    "new_c": "now fails a course",
}
_FLAGS = {
    "flag_a": "absent {rate} or more this year",
    "flag_b": "behaviour flag",
    "flag_c": "fails a course",
}


@dataclass
class Section:
    """One section and its students, each in the first group that fits."""

    class_id: str
    title: str
    school: str
    changed: list[dict[str, Any]] = field(default_factory=list)
    missing_work: list[dict[str, Any]] = field(default_factory=list)
    at_risk: list[dict[str, Any]] = field(default_factory=list)  # as a week ago
    watch: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)  # nothing stands, nor is all known
    fine: list[dict[str, Any]] = field(default_factory=list)

    @property
    def n_students(self) -> int:
        """How many are in it."""
        risks = (self.changed, self.missing_work, self.at_risk, self.watch)
        return sum(map(len, (*risks, self.unknown, self.fine)))


def sections(viewer: Viewer, district: District) -> list[Section]:
    """The sections that the viewer teaches now, with the students in them."""
    given = district.seen_by(
        viewer,
        has_grades="grades" in district.known,
        has_incidents="incidents" in district.known,
    )
    found: dict[str, Section] = {}
    rate = f"{100 * district.settings.attendance.chronic_rate:.3g} %"
    for row in district.rows("sections", given):
        section = found.setdefault(
            row["class_id"], Section(row["class_id"], row["section"], row["school"] or "")
        )
        row["news"] = _news(row).format(rate=rate)
        row["flags"] = _flags(row).format(rate=rate)
        row["unknown"] = "; ".join(_unknown(row, district))
        if row["news"]:
            section.changed.append(row)
        elif (row["n_missing"] or 0) >= MISSING:
            section.missing_work.append(row)
        elif _is_at_risk(row):
            section.at_risk.append(row)
        elif _is_watched(row):
            section.watch.append(row)
        elif row["unknown"]:
            section.unknown.append(row)
        else:
            section.fine.append(row)
    for section in found.values():
        section.changed.sort(key=lambda row: -row["tier_order"])
        section.missing_work.sort(key=lambda row: -row["n_missing"])
        section.at_risk.sort(key=lambda row: -row["tier_order"])
        section.watch.sort(key=lambda row: -row["tier_order"])
        section.unknown.sort(key=lambda row: row["unknown"])
    return list(found.values())


def _is_at_risk(row: dict[str, Any]) -> bool:
    """High or critical; without a score, with the two plain flags that make one high."""
    if row["tier"] is None:
        return bool(row["n_flags"] >= FLAGS)
    return row["tier"] in ("high", "critical")


def _is_watched(row: dict[str, Any]) -> bool:
    """A flag that stands, a tier above low or an uncertain score."""
    return bool(row["flags"]) or row["tier"] not in (None, "low") or row["uncertain"]


def _unknown(row: dict[str, Any], district: District) -> Iterator[str]:
    """What one would have to know to call a student fine, and does not, in words."""
    if not row["has_history"]:
        needed = district.settings.outcomes.min_history_weeks
        yield f"not enough data: {row['history_weeks']} of {needed} school weeks"
    elif district.standing.run is not None and row["tier"] is None:
        yield "no score of this week"
    if "attendance" not in district.known:
        yield "attendance was never imported"
    elif not row["has_attendance"]:
        since = row["silent_since"]
        when = f"since {since:%-d %B %Y}" if since else "this week"
        yield f"the school has sent no attendance {when}"
    if "grades" not in district.known:
        yield "marks were never imported"
    elif not row["has_marks"]:
        yield "no mark yet this school year"
    if "incidents" not in district.known:
        yield "incidents were never imported"


def _flags(row: dict[str, Any]) -> str:
    """The plain flags that are known to stand, in words."""
    return "; ".join(words for name, words in _FLAGS.items() if row[name])


def _news(row: dict[str, Any]) -> str:
    """What changed for a student this week, in words; empty when nothing did."""
    news = []
    if row["tier"] and row["previous_tier"] and row["tier"] != row["previous_tier"]:
        news.append(f"from {row['previous_tier']} to {row['tier']}")
    news += [words for name, words in _NEW.items() if row[name]]
    if (row["days_absent_1w"] or 0) >= DAYS_OUT:
        news.append(f"absent {row['days_absent_1w']:.2g} days")
    if row["incidents_1w"]:
        n = int(row["incidents_1w"])
        news.append(f"{n} incident{'s' if n > 1 else ''}")
    return "; ".join(news)
