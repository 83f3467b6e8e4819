"""The 42 features once more, in plain pandas: a student and a week at a time.

Written from the contract, not from the SQL; it checks the values and is the benchmark's peer. It is
the plainest way, not pandas at its fastest: every window is cut out of the student's records anew.
"""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pandas as pd

from edupulse_core.config import Settings
from edupulse_core.features.catalogue import NAMES
from tests.features.reference_rules import of_class, of_school
from tests.features.reference_silence import REMOVALS
from tests.features.reference_tables import Warehouse

WEEK = pd.Timedelta(days=7)


def features(warehouse: Warehouse, settings: Settings, *, first: int | None = None) -> pd.DataFrame:
    """student_id, week_start and the 42 columns, NaN where unknown; all students or the first."""
    rows = [
        {"student_id": student.student_id, "week_start": week, **values}
        for student in islice(students(warehouse, settings), first)
        for week, values in student.features()
        if week + pd.Timedelta(days=6) <= warehouse.rows_end
    ]
    return pd.DataFrame(rows, columns=["student_id", "week_start", *NAMES])


def students(warehouse: Warehouse, settings: Settings) -> Iterator["Student"]:
    parts = {
        name: dict(tuple(getattr(warehouse, name).groupby(key)))
        for name, key in [
            ("attendance", "student_id"),
            ("incidents", "student_id"),
            ("results", "student_id"),
            ("withdrawals", "student_id"),
            ("spans", "user_id"),
        ]
    }
    for student_id, days in warehouse.days.groupby("student_id"):
        own = {
            name: groups.get(student_id, getattr(warehouse, name).iloc[:0])
            for name, groups in parts.items()
        }
        yield Student(warehouse, settings, str(student_id), days.sort_values("date"), **own)


def rounded(value: float) -> float:
    return round(float(value), 9)


def slope(values: pd.Series) -> float:
    """By row position; 0 with fewer than two known values."""
    known = values.dropna()
    if len(known) < 2:
        return 0.0
    return float(np.polyfit(known.index.to_numpy(float), known.to_numpy(float), 1)[0])


def course_rule(results: pd.DataFrame, course: object, settings: Settings, name: str) -> Any:
    """A rule of a course: that of the class of its latest result."""
    mine = results[results.course_id == course].sort_values(["score_date", "class_id"])
    last = mine.iloc[-1]
    return of_class(settings, last.school_id, last.grades, last.student_grade, name)


def n_failing(results: pd.DataFrame, settings: Settings) -> int:
    """How many courses have a mean that fails."""
    means = results.groupby("course_id").mark.mean()
    return sum(
        rounded(mean) < course_rule(results, course, settings, "failing_below")
        for course, mean in means.items()
    )


def mean_or(values: pd.Series, otherwise: float) -> float:
    return float(values.mean()) if len(values) else otherwise


class Student:
    """One student's records, and what they say week by week."""

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        student_id: str,
        days: pd.DataFrame,
        attendance: pd.DataFrame,
        incidents: pd.DataFrame,
        results: pd.DataFrame,
        withdrawals: pd.DataFrame,
        spans: pd.DataFrame,
    ) -> None:
        self.warehouse = warehouse
        self.settings = settings
        self.student_id = student_id
        self.spans = spans
        self.withdrawals = withdrawals
        end = max(warehouse.data_end, warehouse.rows_end)
        days = days[days.date <= end]
        days = days.assign(week=days.date - pd.to_timedelta(days.date.dt.day_of_week, unit="D"))
        days["year"] = warehouse.year_of(days.date)
        self.year_of_week = days.groupby("week").year.last().to_dict()
        self.weeks = sorted(self.year_of_week)
        days = days[days.year == days.week.map(self.year_of_week)]
        days = days.merge(self._shares(attendance, days), on="date", how="left")
        silent = warehouse.silent[["school_id", "date", "known_on"]]
        days = days.merge(silent, on=["school_id", "date"], how="left")
        days["known_on"] = pd.to_datetime(days.known_on)
        self.school_of_week = days.groupby("week").school_id.last().to_dict()
        self.days = days.fillna({"absent": 0, "excused": 0, "unexcused": 0, "tardies": 0})
        self.incidents = self._with_year(incidents, "date")
        self.results = results.assign(
            score_year=warehouse.year_of(pd.to_datetime(results.score_date)),
            due_year=warehouse.year_of(pd.to_datetime(results.due_date)),
        )

    def _with_year(self, frame: pd.DataFrame, column: str) -> pd.DataFrame:
        return frame.assign(year=self.warehouse.year_of(pd.to_datetime(frame[column])))

    def _shares(self, attendance: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
        rows = []
        for day, marks in attendance[attendance.date.isin(days.date)].groupby("date"):
            of_day = marks[marks.class_id.isna() & (marks.status != "tardy")]
            used = of_day if len(of_day) else marks[marks.class_id.notna()]
            school = days[days.date == day].school_id.iloc[0]
            shares = used.apply(
                lambda mark, day=day, school=school: self._share(mark, day, school), axis=1
            )
            total = float(shares.sum()) if len(used) else 0.0
            scale = 1 / max(total, 1)
            if not len(of_day) and total < 1 and self._missed_all(used, day):
                gone = used.status == "absent"
                shares = shares if total else gone.astype(float)
                scale = 1 / float(shares.sum())
                total = float(shares.sum())
            by_reason = {
                reason: float(shares[used.reason == reason].sum()) * scale if len(used) else 0.0
                for reason in ("excused", "unexcused")
            }
            tardies = int((marks.status == "tardy").sum())
            rows.append({"date": day, "absent": total * scale, "tardies": tardies, **by_reason})
        names = ["date", "absent", "excused", "unexcused", "tardies"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"date": days.date.dtype, **dict.fromkeys(names[1:], float)})

    def _share(self, mark: pd.Series, day: pd.Timestamp, school: str) -> float:
        if mark.status not in ("absent", "partial"):
            return 0.0
        if not pd.isna(mark.class_id):
            school = self.warehouse.school_of_class[mark.class_id]
        minutes = mark.minutes_missed / of_school(self.settings, school, "minutes_a_day")
        if pd.isna(mark.class_id):
            if mark.status == "absent":
                return 1.0
            return 0.5 if np.isnan(minutes) else min(minutes, 1.0)
        if not np.isnan(minutes):
            return min(float(minutes), 1.0)
        share = 1 / self._meeting(day, school)
        return share / 2 if mark.status == "partial" else share

    def _meeting(self, day: pd.Timestamp, school: str) -> int:
        """The student's classes of a day, at most as many as meet at a school."""
        most = of_school(self.settings, school, "classes_a_day")
        held = self._classes_on(day)
        return held if most is None else min(held, most)

    def _missed_all(self, used: pd.DataFrame, day: pd.Timestamp) -> bool:
        """Whether the student was absent from every class that met."""
        counted = used[used.status.isin(["absent", "partial", "tardy", "present"])]
        schools = {self.warehouse.school_of_class[name] for name in counted.class_id}
        missed = used[used.status == "absent"].class_id.nunique()
        if not missed:
            return False
        return bool(missed >= max(self._meeting(day, school) for school in schools))

    def _classes_on(self, day: pd.Timestamp) -> int:
        open_today = self.warehouse.school_days
        open_today = open_today[open_today.date == day].school_id
        held = self.spans[(self.spans.start_date <= day) & (self.spans.end_date > day)]
        return int(held[held.school_id.isin(open_today)].class_id.nunique())

    def features(self) -> Iterator[tuple[pd.Timestamp, dict[str, float]]]:
        """Every week's features, oldest first."""
        has = self.warehouse.has
        for year in sorted(set(self.year_of_week.values())):
            weeks = [week for week in self.weeks if self.year_of_week[week] == year]
            grades = self._grades(year, weeks) if has.get("grades") else [{}] * len(weeks)
            for i, week in enumerate(weeks):
                values = dict.fromkeys(NAMES, np.nan)
                if has.get("attendance"):
                    values |= self._attendance(year, weeks[: i + 1])
                values |= grades[i]
                if has.get("incidents"):
                    values |= self._discipline(year, weeks[: i + 1])
                for name in self._unknown(week):
                    values[name] = np.nan
                yield week, values

    def _unknown(self, week: pd.Timestamp) -> Iterator[str]:
        """The features that the school's records do not tell in a week."""
        sunday = week + pd.Timedelta(days=6)
        kinds = self.warehouse.silence.known(self.school_of_week[week], sunday)
        if "incidents" in kinds:
            yield from (name for name in NAMES if name.startswith("dsc_"))
        if "missing_work" in kinds:
            yield "grd_missing_rate_4w"
        if "marks" in kinds:
            yield from ("grd_courses_failing", "grd_late_rate_4w")
        if "days_removed" in kinds:
            year = self.year_of_week[week]
            mine = [monday for monday in self.weeks if self.year_of_week[monday] == year]
            removals = self.incidents[
                self.incidents.action.isin(REMOVALS)
                & (self.incidents.year == year)
                & (self.incidents.date <= sunday)
            ]
            if len(removals):
                yield "dsc_days_removed_ytd"
            i = mine.index(week)
            since = mine[i - 4] + WEEK if i >= 4 else pd.Timestamp.min
            if (removals.date >= since).any():
                yield "dsc_days_removed_4w"

    def _attendance(self, year: int, weeks: list[pd.Timestamp]) -> dict[str, float]:
        rules = self.settings.attendance
        sunday = weeks[-1] + pd.Timedelta(days=6)
        ytd = self.days[(self.days.year == year) & (self.days.date <= sunday)]
        is_unknown = ytd.known_on <= sunday
        known = ytd[~is_unknown]
        month = known[known.week.isin(weeks[-4:])]
        week = known[known.week == weeks[-1]]
        by_week = known.groupby("week").absent.mean().reindex(weeks).reset_index(drop=True)
        out: dict[str, float] = {}
        if by_week.tail(8).notna().any():
            out["att_volatility_8w"] = float(by_week.tail(8).std(ddof=0))
        if len(week):
            out["att_absence_rate_1w"] = float(week.absent.mean())
            out["att_excused_days_1w"] = float(week.excused.sum())
            out["att_unexcused_days_1w"] = float(week.unexcused.sum())
            out["att_tardies_1w"] = float(week.tardies.sum())
        if len(month):
            out["att_absence_rate_4w"] = float(month.absent.mean())
            out["att_tardies_4w"] = float(month.tardies.sum())
            out["att_trend_4w"] = slope(by_week.tail(4))
        runs = [0]
        for share in ytd.absent:
            runs.append(runs[-1] + 1 if rounded(share) >= 1 else 0)
        if not is_unknown.iloc[-1]:
            out["att_current_streak"] = runs[-1]
        if len(known):
            rate = float(known.absent.mean())
            total = float(known.absent.sum())
            by_weekday = known.groupby(known.date.dt.day_of_week).absent.sum()
            on_edges = float(by_weekday.reindex([0, 4], fill_value=0).sum())
            is_long = len(known) >= rules.min_days_enrolled
            out["att_absence_rate_ytd"] = rate
            out["att_longest_streak_ytd"] = max(runs)
            out["att_mon_fri_share_ytd"] = on_edges / total if total else 0
            out["att_weekday_concentration_ytd"] = by_weekday.max() / total if total else 0
            out["att_is_chronic"] = float(is_long and rounded(rate) >= rules.chronic_rate)
        return out

    def _grades(self, year: int, weeks: list[pd.Timestamp]) -> list[dict[str, float]]:
        out: list[dict[str, float]] = []
        subjects = {"math", "english", "science", "social_studies"}
        for i in range(len(weeks)):
            sunday = weeks[i] + pd.Timedelta(days=6)
            since = weeks[i - 4] + WEEK if i >= 4 else pd.Timestamp.min
            scored = self.results[self.results.scored & (self.results.score_date <= sunday)]
            ytd = scored[scored.score_year == year]
            month = ytd[ytd.score_date >= since]
            week = ytd[ytd.score_date >= (weeks[i - 1] + WEEK if i else pd.Timestamp.min)]
            last = out[-1] if out else {}
            now = {
                "grd_score_mean_1w": mean_or(week.mark, last.get("grd_score_mean_1w", np.nan)),
                "grd_score_mean_4w": mean_or(month.mark, last.get("grd_score_mean_4w", np.nan)),
            }
            means = ytd.groupby("course_id").mark.mean()
            points = [
                max(
                    [
                        point
                        for edge, point in course_rule(ytd, course, self.settings, "points")
                        if rounded(mean) >= edge
                    ],
                    default=0.0,
                )
                for course, mean in means.items()
            ]
            now["grd_gpa_ytd"] = float(np.mean(points)) if points else np.nan
            before = out[i - 4]["grd_gpa_ytd"] if i >= 4 else np.nan
            change = now["grd_gpa_ytd"] - before
            now["grd_gpa_change_4w"] = 0.0 if np.isnan(change) else change
            line = pd.Series([*(row["grd_score_mean_1w"] for row in out), *[week.mark.mean()]])
            line.iloc[-1] = now["grd_score_mean_1w"]
            spread = line.tail(8).std(ddof=0)
            now["grd_trend_8w"] = slope(line.tail(8))
            now["grd_volatility_8w"] = 0.0 if np.isnan(spread) else float(spread)
            now["grd_courses_failing"] = n_failing(ytd, self.settings)
            now["grd_lowest_course"] = float(means.min()) if len(means) else np.nan
            now["grd_course_spread"] = float(means.max() - means.min()) if len(means) else 0.0
            now |= self._work(year, since, sunday, month)
            subject_of = ytd.groupby("course_id").subject.first()
            for subject in subjects:
                own = means[subject_of == subject] if len(means) else means
                now[f"grd_{subject}_ytd"] = float(
                    own.mean() if len(own) else means.mean() if len(means) else np.nan
                )
            out.append(now)
        return out

    def _work(
        self, year: int, since: pd.Timestamp, sunday: pd.Timestamp, month: pd.DataFrame
    ) -> dict[str, float]:
        due = self.results[
            (self.results.due_year == year)
            & (self.results.due_date >= since)
            & (self.results.due_date <= sunday)
        ]
        missing = int((due.score_status == "not submitted").sum())
        is_handed = (due.scored | due.worded | (due.score_status == "submitted")) & (
            due.score_date <= sunday
        )
        n_due = missing + int(is_handed.sum())
        allowed = pd.to_timedelta(self.settings.grades.late_days, unit="D")
        late = int((month.score_date > month.due_date + allowed).sum())
        return {
            "grd_missing_rate_4w": missing / n_due if n_due else 0.0,
            "grd_late_rate_4w": late / len(month) if len(month) else 0.0,
        }

    def _discipline(self, year: int, weeks: list[pd.Timestamp]) -> dict[str, float]:
        rules = self.settings.discipline
        sunday = weeks[-1] + pd.Timedelta(days=6)
        i = len(weeks) - 1

        def since(n: int) -> pd.Timestamp:
            return weeks[i - n] + WEEK if i >= n else pd.Timestamp.min

        mine = self.incidents
        ytd = mine[(mine.year == year) & (mine.date <= sunday)]
        week = ytd[ytd.date >= since(1)]
        month = ytd[ytd.date >= since(4)]
        term = ytd[ytd.date >= since(8)]
        removed = ytd.days_removed.where(ytd.action.isin(REMOVALS), 0).fillna(0)
        if len(ytd):
            last = next(n for n in range(i + 1) if (ytd.date >= since(n + 1)).any())
        else:
            last = rules.never_weeks
        gaps = [(b - a).days for a, b in pairwise(ytd.date)]
        referred = ytd.action.isin([*REMOVALS, "referral"])
        return {
            "dsc_incidents_1w": len(week),
            "dsc_incidents_4w": len(month),
            "dsc_incidents_ytd": len(ytd),
            "dsc_severity_max_1w": float(week.severity.max()) if len(week) else 0,
            "dsc_severity_mean_ytd": mean_or(ytd.severity, 0),
            "dsc_severity_trend_8w": mean_or(term.severity, 0)
            - mean_or(ytd[ytd.date < since(8)].severity, 0),
            "dsc_acceleration_4w": len(month) - (len(term) - len(month)),
            "dsc_days_removed_4w": float(removed[month.index].sum()),
            "dsc_days_removed_ytd": float(removed.sum()),
            "dsc_weeks_since_last": min(last, rules.never_weeks),
            "dsc_repeats_30d_ytd": sum(gap <= rules.repeat_days for gap in gaps),
            "dsc_types_ytd": ytd.type.str.strip().str.lower().nunique(),
            "dsc_referral_share_ytd": float(referred.mean()) if len(ytd) else 0,
        }
