"""A warehouse's tables as pandas frames, for the reference."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd

from edupulse_core.config import Settings
from tests.features.reference_rules import of_class
from tests.features.reference_silence import Silence

SCORED = ("fully graded", "partially graded")


class Warehouse:
    """The tables of a warehouse as frames, with dates as timestamps."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        last_day: date | None = None,
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings()

        def frame(name: str) -> pd.DataFrame:
            return con.sql("from query_table($name)", params={"name": name}).df()

        self.days = frame("student_days")
        self.school_days = frame("school_days")
        self.spans = frame("enrollment_spans").query("role == 'student'")
        self.attendance = frame("attendance")
        incidents = frame("incidents").sort_values(["date", "incident_id"])
        self.incidents = pd.merge_asof(
            incidents,
            self.days[["student_id", "date", "school_id"]].sort_values("date"),
            on="date",
            by="student_id",
        )
        self.withdrawals = frame("withdrawals")
        self.years = frame("school_years").sort_values("start_date")
        self.has = dict(con.sql("select name, present from has_records").fetchall())
        classes = frame("classes")
        self.school_of_class = dict(zip(classes.class_id, classes.school_id, strict=True))
        courses = classes.merge(frame("courses"), on="course_id")
        self.items = frame("line_items").merge(courses, on="class_id")
        results = frame("results").merge(self.items, on="line_item_id")
        results["mark"] = (results.score - results.value_min) / (
            results.value_max - results.value_min
        )
        grade_of = dict(frame("users")[["user_id", "grade"]].itertuples(index=False, name=None))
        results["student_grade"] = results.student_id.map(grade_of)
        has_word = results.score.isna() & results.letter.notna()
        for place, row in results[has_word].iterrows():
            where = row.school_id, row.grades, row.student_grade
            letters = dict(of_class(settings, *where, "letters"))
            results.loc[place, "mark"] = letters.get(row.letter, np.nan)
        is_graded = results.score_status.isin(SCORED)
        results["scored"] = is_graded & results.mark.notna()
        results["worded"] = is_graded & has_word & results.mark.isna()  # handed in, says a word
        self.results = results
        self.import_day = con.sql("select max(import_day) from imports").fetchall()[0][0]
        rules = settings.attendance
        self.silence = Silence(self, rules.silent_rows, rules.silent_days)
        self.silent = self.silence.silent()
        self.data_end = self._data_end()
        self.rows_end = self._finished(pd.Timestamp(last_day) if last_day else self.data_end)

    def _data_end(self) -> pd.Timestamp:
        graded = self.results[self.results.scored].score_date
        dates = [self.attendance.date, self.incidents.date, self.withdrawals.date, graded]
        latest = max(pd.to_datetime(d).max() for d in dates if len(d))
        return self._finished(monday(latest) + pd.Timedelta(days=6))

    def _finished(self, day: pd.Timestamp) -> pd.Timestamp:
        if self.import_day is None:
            return day
        return min(day, monday(pd.Timestamp(self.import_day)) - pd.Timedelta(days=1))

    def year_of(self, dates: pd.Series) -> pd.Series:
        """The school year that each date lies in; 0 before the first."""
        starts = pd.to_datetime(self.years.start_date).to_numpy()
        names = np.array([0, *self.years.school_year])
        return pd.Series(names[np.searchsorted(starts, dates.to_numpy(), "right")], dates.index)


def monday(day: pd.Timestamp) -> pd.Timestamp:
    return day - pd.Timedelta(days=day.weekday())
