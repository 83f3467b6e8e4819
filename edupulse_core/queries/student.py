"""One student: the records, the score and its reasons, and the weeks behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import words
from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families.onnx import cores
from edupulse_core.families.risk import explain, factors, pictures, responses, tiers
from edupulse_core.families.risk.bands import Band, bands_of
from edupulse_core.families.risk.pictures import Picture
from edupulse_core.families.risk.reasons import Reason, reason
from edupulse_core.families.risk.responses import Advice
from edupulse_core.families.risk.score import school_norms
from edupulse_core.families.risk.student import explain_row
from edupulse_core.families.risk.version import verify
from edupulse_core.features.catalogue import FEATURES, Feature
from edupulse_core.features.flags import Flags, flags_of
from edupulse_core.lifecycle import registry
from edupulse_core.people import access, circle
from edupulse_core.people.access import Viewer
from edupulse_core.people.circle import Witness
from edupulse_core.queries import plainly, shown
from edupulse_core.queries.district import District
from edupulse_core.queries.heatmaps import Heatmaps
from edupulse_core.queries.precedent import Precedent, precedent
from edupulse_core.store import predictions, verdicts
from edupulse_core.store.database import open_store
from edupulse_core.store.verdicts import Verdict
from edupulse_core.warehouse import snapshots

WEEKS = 20
AT_ONCE = cores()  # students' pages, or their pictures, that are worked out at once; others queue
_turns = BoundedSemaphore(AT_ONCE)
EARLIEST = date(1900, 1, 1)  # a day to count back from, which the calendar's first has none of
_BY_NAME = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True)
class StudentRecord:
    """One student's record as of a week, the only way to read about a student.

    Making one checks the viewer's access, so nobody holds the record of a student whom they may not
    see. It raises the same AccessError for someone else's student and for one who does not exist.
    Pages and jobs get it from `actions.students.open_student`, which audits the opening.
    """

    viewer: Viewer
    district: District = field(repr=False)
    student_id: str
    asked: date | None = None  # the day to look back from; the latest week unless given
    why: str = field(init=False)  # the viewer's own reason to see this student

    def __post_init__(self) -> None:
        object.__setattr__(self, "why", self.district.why(self.viewer, self.student_id))

    @cached_property
    def as_of(self) -> date:
        """The Sunday of the last week shown."""
        found = self.district.rows("last_week", {"week_start": self._monday})[0]["week_start"]
        sunday: date = (found or self._monday) + timedelta(days=6)
        return sunday

    @property
    def name(self) -> str:
        """Given and family name; the id if the district has no name."""
        return self._row["name"] or self.student_id

    @property
    def grade(self) -> str:
        """The grade level, or "unknown"."""
        return self._row["grade"] or "unknown"

    @property
    def school(self) -> str:
        """The school's name."""
        return self._row["school"] or "no school"

    @property
    def week_start(self) -> date | None:
        """The student's last school week up to `as_of`; None before any."""
        week: date | None = self._row["week_start"]
        return week

    @property
    def known_weeks(self) -> int:
        """School weeks of the student with attendance or grades known, of the 20 looked at."""
        return self._row["known_weeks"] or 0

    @property
    def indicators(self) -> tuple[tuple[str, str, str], ...]:
        """What is shown for everyone, with or without a score: feature, label, value in words."""
        return tuple(plainly.indicators(self._row))

    @property
    def flags(self) -> Flags:
        """The flags of the school year so far."""
        return flags_of(self._row)

    @property
    def advice(self) -> Advice | None:
        """How soon to act, and what to do; None without a score."""
        if self.tier is None:
            return None
        raising = [reason.feature for reason in self.reasons if reason.direction == "raises"]
        return responses.suggested(self.tier, raising, self._row, self.flags)

    @property
    def strengths(self) -> tuple[str, ...]:
        """What the student does well, in sentences; none before the records can bear them."""
        needed = self.district.settings.outcomes.min_history_weeks
        return tuple(plainly.strengths(self._row)) if self.known_weeks >= needed else ()

    @property
    def score(self) -> float | None:
        """The risk score, 0..1; None without one."""
        return self._said["risk_score"] if self._said else None

    @property
    def score_in_words(self) -> str:
        """The score to two decimals, in its risk level's band."""
        return "unknown" if self.score is None else tiers.in_words(self.score)

    @property
    def tier(self) -> str | None:
        """The risk level."""
        return self._said["tier"] if self._said else None

    @property
    def version(self) -> str | None:
        """The version of the model that made the score."""
        return self._said["version"] if self._said else None

    @cached_property
    def band(self) -> Band | None:
        """The risk levels that may follow, by the score's version; None if it has no bands."""
        if self._said is None:
            return None
        names = ("risk_score", *(f"p_{tier}" for tier in tiers.TIERS))
        known = np.array([[self._said[name] for name in names]], dtype=np.float64)  # None is NaN
        settings = self.district.settings
        bands = shown.bands_of_version(settings, self._said["version"])
        return bands_of(settings, bands, known[:, 0], known[:, 1:])[0]

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """At most five, strongest first."""
        found = factors.read(self._said["factors"]) if self._said else []
        return tuple(reason(factor, self.district.settings) for factor in found)

    @property
    def is_explained(self) -> bool:
        """Whether reasons were worked out, even if none of them held up."""
        if self.reasons or self._said is None:
            return bool(self.reasons)
        store = open_store(self.district.settings)  # a week before may go without
        return predictions.has_factors(store, self._said["run_id"])

    @property
    def verdict(self) -> Verdict | None:
        """What somebody who knows the student said of the score; None if nobody did."""
        store = open_store(self.district.settings)
        return verdicts.standing(store, "risk", self.student_id, self.as_of)

    def timeline(self) -> pa.Table:
        """The last 20 school weeks, oldest first; null is unknown."""
        known = self.district.known
        has = {"has_grades": "grades" in known, "has_incidents": "incidents" in known}
        return self.district.ask("student_timeline", self._weeks | has)

    def gaps(self, weeks: pa.Table) -> list[str]:
        """Why the timeline has empty weeks, in sentences."""
        if not len(weeks):
            return []
        given = {
            "student_id": self.student_id,
            "school_id": self._row["school_id"] or "",
            "first": weeks["week_start"][0].as_py(),
            "last": weeks["week_start"][-1].as_py(),
        }
        sentences = list(plainly.gaps(self.district.rows("student_gaps", given)))
        silent = [w["week_start"] for w in weeks.to_pylist() if w["days_absent"] is None]
        if silent and "attendance" in self.district.known:
            weeks_said = "1 week" if len(silent) == 1 else f"{len(silent)} weeks"
            sentences.append(f"Attendance is unknown in {weeks_said}: the school sent none.")
        sentences += plainly.unsent(self._row["unknown_kinds"], self.district.known)
        if "grades" in self.district.known and not weeks["score_mean"].drop_null():
            sentences.append("No grade was given in these weeks.")
        return sentences

    def feature_weeks(self, names: tuple[str, ...]) -> dict[str, list[tuple[date, float]]]:
        """The known values of features over the last 20 school weeks, as shown, oldest first."""
        found: dict[str, list[tuple[date, float]]] = {name: [] for name in names}
        given = self._weeks | {"features": list(names)}
        for row in self.district.rows("student_feature_weeks", given):
            shown = _BY_NAME[row["feature"]].shown(row["value"])
            found[row["feature"]].append((row["week_start"], shown))
        return found

    def heatmaps(self) -> Heatmaps | None:
        """Attention and attributions of the score; None if its model is no longer active."""
        try:
            if self.score is None or not self._is_serving(self.version):
                return None
            folder = registry.checked_version(self.district.settings, "risk", self.version or "")
            found = self._of_the_night(folder.name) or self._worked_out(folder)
            version = verify(folder)
        except (MissingError, ModelError):
            return None
        if found is None:
            return None
        known = int(found.observed.sum())
        mondays = self.district.rows("student_weeks", self._weeks | {"n_weeks": known})
        given = found.attributions[-known:].T.tolist()
        return Heatmaps(
            [words.day(row["week_start"]) for row in mondays],
            None if found.attention is None else found.attention[-known:, -known:].tolist(),
            dict(zip(version.features, given, strict=True)),
            found.agreement,
            version.algorithm,
        )

    def precedent(self) -> Precedent | None:
        """What followed for other students with this risk level from the same version."""
        return precedent(self.district, self.tier, self.version, self.as_of)

    def witnesses(self) -> list[Witness]:
        """Everyone who may see this student, and why."""
        here = self.district
        with access.cursor(here.con) as cursor:
            return circle.who_may_see(
                here.settings, cursor, self.student_id, self.viewer, here.as_of
            )

    def _is_serving(self, version: str | None) -> bool:
        """Whether a version is active, or beside the active one in an A/B test."""
        here = self.district
        now = here.standing.now
        active = registry.active_version(here.settings, "risk").name
        return version in {active, *(now.versions if now else ())}

    @cached_property
    def _monday(self) -> date:
        end = max(min(self.asked or self.district.as_of, self.district.as_of), EARLIEST)
        return end - timedelta(days=6)

    @cached_property
    def _row(self) -> Mapping[str, Any]:
        rules = self.district.settings
        given = {
            "student_id": self.student_id,
            "week_start": self._monday,
            "chronic_rate": rules.attendance.chronic_rate,
            "incidents": rules.outcomes.incidents,
        }
        return self.district.rows("student", given)[0]

    @property
    def _weeks(self) -> dict[str, Any]:
        return {
            "student_id": self.student_id,
            "week_start": self.as_of - timedelta(days=6),
            "n_weeks": WEEKS,
        }

    @cached_property
    def _said(self) -> Mapping[str, Any] | None:
        """The stored prediction for the week; for the latest week, only if it is current.

        Predictions from data that were undone do not count.
        """
        here = self.district
        now, is_latest = here.standing.now, self.as_of == here.as_of
        if self.week_start is None or (is_latest and now is None):
            return None
        store, undone = open_store(here.settings), snapshots.undone(here.settings)
        run = now.run_of(self.student_id) if now else None
        for said in shown.said_of(store, self.student_id, as_of=self.as_of):
            current = run is not None and said["run_id"] == run.run_id
            if current or (not is_latest and said["warehouse_version"] not in undone):
                return said
        return None

    def _of_the_night(self, version: str) -> Picture | None:
        """What was worked out when the current score was made, where it is kept."""
        here, said, now = self.district, self._said, self.district.standing.now
        if said is None or now is None or said["run_id"] != now.run_of(self.student_id).run_id:
            return None
        path = pictures.file_of(here.snapshot, version)
        return pictures.read(path, self.student_id, said["risk_score"])

    def _worked_out(self, folder: Path) -> Picture | None:
        """The same, worked out now, once for everybody who asks meanwhile."""
        here = self.district

        def explain() -> Picture | None:
            norms = self._norms(folder)
            with _turns, access.cursor(here.con) as cursor:
                found = explain_row(
                    here.settings,
                    folder,
                    cursor,
                    self.student_id,
                    as_of=self.as_of,
                    norms=norms,
                    told=False,  # the page shows the reasons of the night
                )
            why = found.explanation
            if why is None:
                return None
            attention = None if why.attention is None else why.attention.mean(axis=0)
            seen = np.array(found.observed)
            return Picture(attention, why.attributions.astype(np.float32), seen, why.agreement)

        return here.remember(("picture", folder.name, self.student_id, self.as_of), explain)

    def _norms(self, folder: Path) -> dict[str, NDArray[np.float64]]:
        """Each school's typical week, which all students of the week share."""
        here, monday = self.district, self.as_of - timedelta(days=6)

        def ask() -> dict[str, NDArray[np.float64]]:
            with access.cursor(here.con) as cursor:
                return school_norms(cursor, monday, verify(folder).features)

        return here.remember(("norms", folder.name, monday), ask)


def find(viewer: Viewer, district: District, text: str) -> list[dict[str, Any]]:
    """The first students by name whom the viewer may see."""
    return district.rows("find_students", district.seen_by(viewer, text=text.strip()))


def feature(name: str) -> Feature:
    """The catalogue's entry of a feature."""
    return _BY_NAME[name]


def warm(settings: Settings) -> None:
    """Load what makes a process's first heatmaps slow; does nothing without a usable model."""
    try:
        explain.warm(registry.active_version(settings, "risk"))
    except (MissingError, ModelError):
        return
