"""What the records say about a student without any model: indicators, strengths and gaps."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from edupulse_core import words
from edupulse_core.families.risk.responses import GOOD_GRADE, SELDOM_ABSENT
from edupulse_core.features.catalogue import FEATURES
from edupulse_core.warehouse.silence import UNSENT

PLAIN = (  # what is shown of everyone, score or none
    "att_absence_rate_ytd",
    "att_absence_rate_4w",
    "grd_gpa_ytd",
    "grd_courses_failing",
    "grd_missing_rate_4w",
    "dsc_incidents_ytd",
    "dsc_days_removed_ytd",
)
SUBJECTS = ("math", "english", "science", "social_studies")
GOOD_RISE = 0.2  # grade points in 4 weeks
_BY_NAME = {feature.name: feature for feature in FEATURES}


def indicators(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Feature, label and value in words.  row: of `student.sql`."""
    for name in PLAIN:
        yield name, _BY_NAME[name].label, _indicator(name, row)


def _indicator(name: str, row: Mapping[str, Any]) -> str:
    """A value in words. A 0 that rests on nothing says so: no grade yet, or no work known."""
    words = _BY_NAME[name].words(row[name])
    if name == "grd_courses_failing" and row[name] == 0 and row["grd_gpa_ytd"] is None:
        return f"{words}, no grade yet"
    if name == "grd_missing_rate_4w" and row[name] == 0 and not row["n_due_4w"]:
        return f"{words}, no work known"
    return words


def strengths(row: Mapping[str, Any]) -> Iterator[str]:
    """Strengths, from the numbers that the score reads; unknown numbers are left out."""
    taken = (f"grd_{name}_ytd" for name in SUBJECTS if name in row["subjects"])  # else: all's mean
    subjects = {name: row[name] for name in taken if row[name] is not None}
    best = max(subjects, key=subjects.__getitem__, default="")
    if best and subjects[best] >= GOOD_GRADE and subjects[best] > min(subjects.values()):
        feature = _BY_NAME[best]
        yield f"Strongest subject: {feature.label}, {feature.words(row[best])} this year"
    if (row["grd_gpa_change_4w"] or 0) >= GOOD_RISE:
        rise = _BY_NAME["grd_gpa_change_4w"].words(row["grd_gpa_change_4w"])
        yield f"Grade point average up {rise} in 4 weeks"
    absent = row["att_absence_rate_4w"]
    if absent is not None and absent <= SELDOM_ABSENT:
        present = _BY_NAME["att_absence_rate_4w"].words(absent)
        yield f"Attended {present} of school days in the last 4 weeks"
    if row["grd_missing_rate_4w"] == 0 and row["n_due_4w"]:
        yield "No missing work in the last 4 weeks"
    if row["dsc_incidents_ytd"] == 0:
        yield "No incidents this school year"


def unsent(kinds: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """What the school is known not to send, in sentences.

    known: the kinds of record that were ever imported; of others, the page says so elsewhere.
    """
    for kind, (needs, said) in UNSENT.items():
        if kind in kinds and needs in known:
            yield f"The school {said}"


def gaps(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why weeks are missing, in sentences.  rows: of `student_gaps.sql`."""
    for first, last, was_school in _stretches(rows):
        reason = "not enrolled" if was_school else "no school"
        until = "" if first == last else f" to {words.day(last + timedelta(days=4))}"
        start = "Week of " if first == last else ""
        yield f"{start}{words.day(first)}{until}: {reason}."


def _stretches(rows: list[dict[str, Any]]) -> list[tuple[date, date, bool]]:
    """Stretches of weeks with the same reason: first week, last week, reason."""
    found: list[tuple[date, date, bool]] = []
    for row in rows:
        week, was_school = row["week_start"], row["was_school"]
        if found and found[-1][2] == was_school and week - found[-1][1] == timedelta(days=7):
            found[-1] = (found[-1][0], week, was_school)
        else:
            found.append((week, week, was_school))
    return found
