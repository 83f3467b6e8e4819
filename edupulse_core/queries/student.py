"""One student: what is known, the score and its reasons, the weeks behind them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families.risk import explain, tiers
from edupulse_core.families.risk.agreement import Agreement
from edupulse_core.families.risk.bands import Band, bands_of
from edupulse_core.families.risk.student import StudentExplanation, explain_row
from edupulse_core.features.catalogue import FEATURES, Feature
from edupulse_core.lifecycle import registry
from edupulse_core.people import access, circle, trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.people.circle import Witness
from edupulse_core.queries.district import District, bands_of_version
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots

WEEKS = 20
EARLIEST = date(1900, 1, 1)  # a day to count back from, which the calendar's first has none of
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
GOOD_MARK = 0.7  # share of the maximum: a C
GOOD_RISE = 0.2  # grade points in 4 weeks
SELDOM_ABSENT = 0.05  # share of days
_BY_NAME = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True)
class Reason:
    """One of the at most five strongest factors."""

    feature: str
    label: str
    sentence: str  # with the value and the school's norm
    direction: str  # raises or lowers
    mover: str  # what does: "raises the score", or earlier weeks where this one reads as usual


@dataclass(frozen=True)
class Student:
    """What the page of one student shows."""

    student_id: str
    name: str
    grade: str
    school: str
    school_id: str
    why: str  # the viewer's own reason to see this student
    as_of: date  # the Sunday of the last week shown
    week_start: date | None  # the student's last school week up to then; None before any
    history_weeks: int
    score: float | None
    tier: str | None
    version: str | None  # of the model that made the score
    band: Band | None  # of tiers, around the score; None where the version has none
    strengths: tuple[str, ...]  # what goes well, in sentences
    reasons: tuple[Reason, ...]
    is_explained: bool  # whether reasons were looked for; none of them may have held
    indicators: tuple[tuple[str, str, str], ...]  # feature, label, value in words

    @property
    def score_in_words(self) -> str:
        """The score to two decimals, in its tier's band."""
        return "unknown" if self.score is None else tiers.in_words(self.score)


def student(
    viewer: Viewer, district: District, student_id: str, as_of: date | None = None
) -> Student:
    """A student as of a week, the latest unless given.

    Raises AccessError, the same for a student of others as for one who does not exist.
    """
    why = district.why(viewer, student_id)
    end = max(min(as_of or district.as_of, district.as_of), EARLIEST)
    monday = end - timedelta(days=6)
    row = district.rows("student", {"student_id": student_id, "week_start": monday})[0]
    sunday = _sunday(district, monday)
    said = _prediction(district, student_id, sunday) if row["week_start"] else None
    reasons = _reasons(said["factors"]) if said else ()
    return Student(
        student_id=student_id,
        name=row["name"] or student_id,
        grade=row["grade"] or "unknown",
        school=row["school"] or "no school",
        school_id=row["school_id"] or "",
        why=why,
        as_of=sunday,
        week_start=row["week_start"],
        history_weeks=row["history_weeks"] or 0,
        score=said["risk_score"] if said else None,
        tier=said["tier"] if said else None,
        version=said["version"] if said else None,
        band=_band(district, said) if said else None,
        strengths=tuple(_strengths(row)),
        reasons=reasons,
        is_explained=bool(reasons) or bool(said and _is_explained(district, said)),
        indicators=tuple((name, _BY_NAME[name].label, _indicator(name, row)) for name in PLAIN),
    )


def note_view(viewer: Viewer, district: District, shown: Student) -> None:
    """Write to the audit trail that the viewer opened this student."""
    details = {"as_of": shown.as_of.isoformat(), "why": shown.why}
    trail.note(district.settings, person(viewer), trail.VIEW_STUDENT, shown.student_id, details)


def timeline(viewer: Viewer, district: District, shown: Student) -> pa.Table:
    """The last 20 school weeks, oldest first; null is unknown."""
    district.why(viewer, shown.student_id)
    return district.ask(
        "student_timeline",
        _weeks_of(shown)
        | {
            "has_grades": "grades" in district.known,
            "has_incidents": "incidents" in district.known,
        },
    )


def gaps(viewer: Viewer, district: District, shown: Student, weeks: pa.Table) -> list[str]:
    """Why the timeline has weeks without values, in sentences."""
    district.why(viewer, shown.student_id)
    if not len(weeks):
        return []
    given = {
        "student_id": shown.student_id,
        "school_id": shown.school_id,
        "first": weeks["week_start"][0].as_py(),
        "last": weeks["week_start"][-1].as_py(),
    }
    sentences: list[str] = []
    for row in _stretches(district.rows("student_gaps", given)):
        first, last, was_school = row
        reason = "not enrolled" if was_school else "no school"
        until = "" if first == last else f" to {last + timedelta(days=4):%-d %B %Y}"
        start = "Week of " if first == last else ""
        sentences.append(f"{start}{first:%-d %B %Y}{until}: {reason}.")
    silent = [w["week_start"] for w in weeks.to_pylist() if w["days_absent"] is None]
    if silent and "attendance" in district.known:
        sentences.append(f"Attendance is unknown in {len(silent)} weeks: the school sent none.")
    if "grades" in district.known and not weeks["score_mean"].drop_null():
        sentences.append("No mark was given in these weeks.")
    return sentences


def feature_weeks(
    viewer: Viewer, district: District, shown: Student, names: tuple[str, ...]
) -> dict[str, list[tuple[date, float]]]:
    """The known values of features over the last 20 school weeks, oldest first."""
    district.why(viewer, shown.student_id)
    found: dict[str, list[tuple[date, float]]] = {name: [] for name in names}
    given = _weeks_of(shown) | {"features": list(names)}
    for row in district.rows("student_feature_weeks", given):
        found[row["feature"]].append((row["week_start"], row["value"]))
    return found


@dataclass(frozen=True)
class Heatmaps:
    """What the model looked at and what moved the score, over the student's known weeks."""

    weeks: list[str]  # Mondays, oldest first
    attention: list[list[float]]  # (T, T), mean of the heads: each row sums to 1
    attributions: dict[str, list[float]]  # feature → (T,), in the score's logit
    agreement: Agreement  # whether the ways to take the score apart tell the same

    @property
    def most(self) -> float:
        """The largest attribution, up or down, for one scale over all families."""
        return max(abs(value) for row in self.attributions.values() for value in row) or 1e-9

    def of(self, family: str) -> tuple[list[str], list[list[float]]]:
        """Labels and values of one family of features: att, grd or dsc."""
        names = [name for name in self.attributions if name.startswith(family)]
        return [_BY_NAME[name].label for name in names], [self.attributions[n] for n in names]

    def table(self, family: str) -> pa.Table:
        """The same values, a row a feature and a column a week."""
        labels, values = self.of(family)
        columns = {week: [round(row[t], 4) for row in values] for t, week in enumerate(self.weeks)}
        return pa.table({"Number": labels, **columns})

    def attention_table(self) -> pa.Table:
        """The weights, a row a week that looks and a column a week looked at."""
        columns = {
            week: [round(row[t], 4) for row in self.attention] for t, week in enumerate(self.weeks)
        }
        return pa.table({"From week of": self.weeks, **columns})


def heatmaps(viewer: Viewer, district: District, shown: Student) -> Heatmaps | None:
    """Attention and attributions of the score that is shown; None where its model is not active."""
    district.why(viewer, shown.student_id)
    try:
        folder = registry.active_version(district.settings, "risk")
        if shown.score is None or folder.name != shown.version:
            return None
        found = _explanation(district, folder.name, shown.student_id, shown.as_of)
    except (MissingError, ModelError):
        return None
    if found.explanation is None:
        return None
    known = sum(found.observed)
    names = tuple(feature.name for feature in FEATURES)
    mondays = district.rows("student_weeks", _weeks_of(shown) | {"n_weeks": known})
    given = found.explanation.attributions[-known:].T.tolist()
    return Heatmaps(
        [f"{row['week_start']:%-d %b %y}" for row in mondays],
        found.explanation.attention.mean(axis=0)[-known:, -known:].tolist(),
        dict(zip(names, given, strict=True)),
        found.explanation.agreement,
    )


def warm(settings: Settings) -> None:
    """Load what the first heatmaps of a process wait for; nothing without a usable model."""
    try:
        explain.warm(registry.active_version(settings, "risk"))
    except (MissingError, ModelError):
        return


def witnesses(viewer: Viewer, district: District, shown: Student) -> list[Witness]:
    """Everyone who may see this student, and why."""
    with access.cursor(district.con) as cursor:
        return circle.who_may_see(
            district.settings, cursor, shown.student_id, viewer, district.as_of
        )


def find(viewer: Viewer, district: District, text: str) -> list[dict[str, Any]]:
    """The first students by name whom the viewer may see."""
    return district.rows("find_students", district.seen_by(viewer, text=text.strip()))


def feature(name: str) -> Feature:
    """The catalogue's entry of a feature."""
    return _BY_NAME[name]


def _explanation(
    district: District, version: str, student_id: str, as_of: date
) -> StudentExplanation:
    def explain() -> StudentExplanation:
        with access.cursor(district.con) as cursor:
            folder = registry.version_folder(district.settings, "risk", version)
            return explain_row(district.settings, folder, cursor, student_id, as_of=as_of)

    return district.kept.keep(("explanation", version, student_id, as_of), explain)


def _sunday(district: District, monday: date) -> date:
    """The end of the district's last school week up to the one that starts on this day."""
    found = district.rows("last_week", {"week_start": monday})[0]["week_start"]
    return (found or monday) + timedelta(days=6)


def _weeks_of(shown: Student) -> dict[str, Any]:
    return {
        "student_id": shown.student_id,
        "week_start": shown.as_of - timedelta(days=6),
        "n_weeks": WEEKS,
    }


def _prediction(district: District, student_id: str, sunday: date) -> dict[str, Any] | None:
    """What was said of the student as of that week; of the latest week only when it is current.

    Nothing of data that were taken back.
    """
    run = district.standing.run
    if sunday == district.as_of and run is None:
        return None
    store, undone = open_store(district.settings), snapshots.undone(district.settings)
    for said in predictions.student_history(store, student_id, as_of=sunday):
        current = run is not None and said["run_id"] == run.run_id
        if current or (sunday != district.as_of and said["warehouse_version"] not in undone):
            return said
    return None


def _is_explained(district: District, said: Mapping[str, Any]) -> bool:
    """Whether the run of a score gave reasons to anybody: a week before may go without."""
    return predictions.has_factors(open_store(district.settings), said["run_id"])


def _band(district: District, said: Mapping[str, Any]) -> Band | None:
    """The tiers that may come, by the version that made the score."""
    names = ("risk_score", *(f"p_{tier}" for tier in tiers.TIERS))
    known = np.array([[said[name] for name in names]], dtype=np.float64)  # None is NaN
    bands = bands_of_version(district.settings, said["version"])
    return bands_of(district.settings, bands, known[:, 0], known[:, 1:])[0]


def _indicator(name: str, row: Mapping[str, Any]) -> str:
    """A value in words; that no work is missing says little where none is known."""
    words = _BY_NAME[name].words(row[name])
    if name == "grd_missing_rate_4w" and row[name] == 0 and not row["n_due_4w"]:
        return f"{words}, no work known"
    return words


def _strengths(row: Mapping[str, Any]) -> Iterator[str]:
    """What goes well, from the same numbers that the score reads; unknown ones say nothing."""
    taken = (f"grd_{name}_ytd" for name in SUBJECTS if name in row["subjects"])  # else: all's mean
    subjects = {name: row[name] for name in taken if row[name] is not None}
    best = max(subjects, key=subjects.__getitem__, default="")
    if best and subjects[best] >= GOOD_MARK and subjects[best] > min(subjects.values()):
        feature = _BY_NAME[best]
        yield f"Strongest subject: {feature.label}, {feature.words(row[best])} this year"
    if (row["grd_gpa_change_4w"] or 0) >= GOOD_RISE:
        rise = _BY_NAME["grd_gpa_change_4w"].words(row["grd_gpa_change_4w"])
        yield f"Grade points up by {rise} in 4 weeks"
    absent = row["att_absence_rate_4w"]
    if absent is not None and absent <= SELDOM_ABSENT:
        present = _BY_NAME["att_absence_rate_4w"].words(1 - absent)
        yield f"Present on {present} of the days of the last 4 weeks"
    if row["grd_missing_rate_4w"] == 0 and row["n_due_4w"]:
        yield "No work missing in the last 4 weeks"
    if row["dsc_incidents_ytd"] == 0:
        yield "No incident this school year"


def _reasons(factors: str) -> tuple[Reason, ...]:
    found = []
    for one in json.loads(factors):
        if one["feature"] in _BY_NAME:
            sentence, _, mover = one["sentence"].rpartition("; ")
            label = _BY_NAME[one["feature"]].label
            found.append(Reason(one["feature"], label, sentence, one["direction"], mover))
    return tuple(found)


def _stretches(rows: list[dict[str, Any]]) -> list[tuple[date, date, bool]]:
    """Weeks in a row with one reason, as first, last and reason."""
    found: list[tuple[date, date, bool]] = []
    for row in rows:
        week, was_school = row["week_start"], row["was_school"]
        if found and found[-1][2] == was_school and week - found[-1][1] == timedelta(days=7):
            found[-1] = (found[-1][0], week, was_school)
        else:
            found.append((week, week, was_school))
    return found
