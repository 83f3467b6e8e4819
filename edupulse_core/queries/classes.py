"""A teacher's sections: who changed this week, is missing work, is at risk, or is doing fine."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edupulse_core import words
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.features.flags import flags_of
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

DAYS_OUT = 2  # days absent in the week that a teacher wants to hear of
MISSING = 2  # pieces of work not handed in over four weeks
FLAGS = 2  # flags that count as at risk where there is no score

_NEW = {
    "new_a": "attendance now {attended} or lower",  # chronic only after 20 days; a flag is sooner
    "new_b": "new behavior flag",
    "new_c": "now failing a course",
}


@dataclass
class Section:
    """One section and its students.

    A student may be in `changed`, `missing_work` and `at_risk` at once. All others are in exactly
    one of `watch`, `unknown` and `fine`.
    """

    class_id: str
    title: str
    school: str
    changed: list[dict[str, Any]] = field(default_factory=list)
    missing_work: list[dict[str, Any]] = field(default_factory=list)
    at_risk: list[dict[str, Any]] = field(default_factory=list)
    watch: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)  # no flag, but not all is known
    fine: list[dict[str, Any]] = field(default_factory=list)
    n_students: int = 0

    @property
    def students(self) -> dict[str, str]:
        """The name of each student, by ID and in the order of names; no two are the same."""
        groups = (
            self.changed,
            self.missing_work,
            self.at_risk,
            self.watch,
            self.unknown,
            self.fine,
        )
        rows = {row["student_id"]: row for group in groups for row in group}
        ordered = sorted(rows.values(), key=lambda row: (row["sort_name"], row["student_id"]))
        return words.apart({row["student_id"]: row["name"] for row in ordered})


def sections(viewer: Viewer, district: District) -> list[Section]:
    """The sections that the viewer teaches now, with the students in them."""
    found: dict[str, Section] = {}
    attended = f"{100 * (1 - district.settings.attendance.chronic_rate):.3g}%"
    for row in district.rows("sections", district.seen_by(viewer)):
        section = found.setdefault(
            row["class_id"], Section(row["class_id"], row["section"], row["school"] or "")
        )
        row["news"] = _news(row).format(attended=attended)
        row["flags"] = flags_of(row)
        row["unknown"] = "; ".join(_unknown(row, district))
        section.n_students += 1
        for group in _groups(section, row):
            group.append(row)
    for section in found.values():
        section.changed.sort(key=lambda row: -row["tier_order"])
        section.missing_work.sort(key=lambda row: -row["n_missing"])
        section.at_risk.sort(key=lambda row: -row["tier_order"])
        section.watch.sort(key=lambda row: -row["tier_order"])
        section.unknown.sort(key=lambda row: row["unknown"])
    return list(found.values())


def _groups(section: Section, row: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The groups that a student belongs to: all that need attention, or one that does not."""
    asked = {
        "changed": bool(row["news"]),
        "missing_work": (row["n_missing"] or 0) >= MISSING,
        "at_risk": _is_at_risk(row),
    }
    if any(asked.values()):
        return [getattr(section, name) for name, fits in asked.items() if fits]
    if _is_watched(row):
        return [section.watch]
    return [section.unknown if row["unknown"] else section.fine]


def _is_at_risk(row: dict[str, Any]) -> bool:
    """High or Critical; without a score, two flags or more."""
    if row["tier"] is None:
        return bool(row["n_flags"] >= FLAGS)
    return row["tier"] in ("high", "critical")


def _is_watched(row: dict[str, Any]) -> bool:
    """A flag that is up, a level above Low, or an uncertain score."""
    return bool(row["n_flags"]) or row["tier"] not in (None, "low") or row["uncertain"]


def _unknown(row: dict[str, Any], district: District) -> Iterator[str]:
    """What is unknown about a student, in words; until it is known, nobody can call them fine."""
    if not row["has_history"]:
        needed = district.settings.outcomes.min_history_weeks
        yield f"not enough data: {row['known_weeks']} of {needed} school weeks"
    elif district.standing.run is not None and row["tier"] is None:
        yield "no score this week"
    if "attendance" not in district.known:
        yield "attendance was never imported"
    elif not row["has_attendance"]:
        since = row["silent_since"]
        when = f"since {words.day(since)}" if since else "this week"
        yield f"the school has sent no attendance {when}"
    if "grades" not in district.known:
        yield "grades were never imported"
    elif not row["has_marks"]:
        yield "no grade yet this school year"
    elif row["flag_c"] is None:
        yield "the school has sent no grades with a number"
    if "incidents" not in district.known:
        yield "incidents were never imported"
    elif row["flag_b"] is None:
        yield "the school has sent no incidents"


def _news(row: dict[str, Any]) -> str:
    """What changed for a student this week, in words; empty if nothing did."""
    news = []
    if row["tier"] and row["previous_tier"] and row["tier"] != row["previous_tier"]:
        rose = TIERS.index(row["tier"]) > TIERS.index(row["previous_tier"])
        moved = "up" if rose else "down"
        news.append(
            f"{moved} from {row['previous_tier'].capitalize()} to {row['tier'].capitalize()}"
        )
    news += [words for name, words in _NEW.items() if row[name]]
    if (row["days_absent_1w"] or 0) >= DAYS_OUT:
        news.append(f"absent {row['days_absent_1w']:.2g} days")
    if row["incidents_1w"]:
        n = int(row["incidents_1w"])
        news.append(f"{n} incident{'s' if n > 1 else ''}")
    return "; ".join(news)
