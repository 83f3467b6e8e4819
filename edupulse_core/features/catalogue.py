"""The 42 features: the one source of their order, units and labels."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal

from edupulse_core.errors import ConfigError

Modality = Literal["attendance", "grades", "discipline"]
Unit = Literal["share", "days", "count", "points", "score", "slope", "weeks", "yes_no", "severity"]
NEVER = 20.0  # weeks since the last incident, when there was none; also the cap
_MODALITIES: dict[str, Modality] = {"att": "attendance", "grd": "grades", "dsc": "discipline"}
_NEEDS = {"attendance": "attendance", "grades": "grades", "discipline": "incidents"}


@dataclass(frozen=True)
class Feature:
    """One column of the features, and how people read it."""

    name: str  # begins with att_, grd_ or dsc_
    unit: Unit
    label: str  # short, for table heads and charts
    higher_is_worse: bool = True  # of the value as it is stored
    is_flipped: bool = False  # stored as absence, shown as attendance
    has_cap: bool = False  # NEVER and more stand for "none"
    grouped: str = ""  # its group, where the list at the end of this file does not name it

    @property
    def modality(self) -> Modality:
        """The kind of record that it is made of, and the branch of the model that reads it."""
        return _MODALITIES[self.name[:3]]

    @property
    def group(self) -> str:
        """What the feature tells of, one of GROUPS; those of a group rise and fall together.

        Raises ConfigError for a feature without one.
        """
        found = self.grouped or _GROUP.get(self.name, "")
        if found not in GROUPS:
            raise ConfigError(
                f"the feature {self.name!r} has no group; name it in features/catalogue.py, or say "
                f"grouped= one of {', '.join(GROUPS)}"
            )
        return found

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest value that it can have."""
        low, high = _RANGES.get(self.unit, (0.0, inf))
        may_fall = any(word in self.name for word in ("trend", "change", "acceleration"))
        return (-high if may_fall else low), high

    @property
    def needs(self) -> str:
        """The kind of record without which the feature is unknown, as in `has_records`."""
        return _NEEDS[self.modality]

    def shown(self, value: float) -> float:
        """The value as people see it everywhere: attendance, never absence."""
        if not self.is_flipped:
            return value
        return -value if self.unit == "slope" else 1 - value

    @property
    def stored_label(self) -> str:
        """The label beside the value as it is stored: absence, with its unit."""
        if not self.is_flipped:
            return self.label
        unit = "share of days, by week" if self.unit == "slope" else "share of days"
        return f"{self.label.replace('Attendance', 'Absence')} ({unit})"

    def words(self, value: float | None) -> str:
        """The value as it is shown, with its unit; "unknown" for None and NaN."""
        if value is None or value != value:
            return "unknown"
        if self.is_capped(value):
            return "none"
        return _WORDS[self.unit](self.shown(value))

    def is_capped(self, value: float) -> bool:
        """Whether the value stands for "never", rather than for a count."""
        return self.has_cap and value >= NEVER


_RANGES: dict[Unit, tuple[float, float]] = {  # without an entry: from 0 on
    "share": (0, 1),
    "points": (0, 10),  # a scale may go beyond 4
    "score": (0, 1.5),  # a score may be half again its maximum
    "weeks": (0, NEVER),
    "yes_no": (0, 1),
    "severity": (0, 5),
}


def number(value: float) -> str:
    """At most one decimal: days missed in part, and means, are not known any better."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 0.05 else "0"


def _counted(one: str, many: str) -> Callable[[float], str]:
    return lambda value: f"{number(value)} {one if number(value) == '1' else many}"


def _share(value: float) -> str:
    """A share in percent, with a decimal where it would else read as none or all."""
    percent = 100 * value
    is_close = 1e-9 < abs(percent) < 1 or 1e-9 < 100 - percent < 1
    return f"{percent:.1f}%" if is_close else f"{percent:.0f}%"


def _slope(value: float) -> str:
    """A change of a share per week, in percentage points."""
    points = number(100 * value)
    sign = "+" if value > 0 else ""
    return "0 points a week" if points == "0" else f"{sign}{points} points a week"


_WORDS: dict[Unit, Callable[[float], str]] = {
    "share": _share,
    "days": _counted("day", "days"),
    "count": number,
    "points": lambda value: f"{value + 0.0:.2f}",
    "score": _share,
    "slope": _slope,
    "weeks": _counted("week", "weeks"),
    "yes_no": lambda value: "yes" if value >= 0.5 else "no",
    "severity": lambda value: f"{number(value)} of 5",
}

FEATURES: tuple[Feature, ...] = (
    Feature("att_absence_rate_1w", "share", "Attendance, this week", is_flipped=True),
    Feature("att_absence_rate_4w", "share", "Attendance, 4 weeks", is_flipped=True),
    Feature("att_absence_rate_ytd", "share", "Attendance, this year", is_flipped=True),
    Feature("att_excused_days_1w", "days", "Excused absence, this week"),
    Feature("att_unexcused_days_1w", "days", "Unexcused absence, this week"),
    Feature("att_tardies_1w", "count", "Tardies, this week"),
    Feature("att_tardies_4w", "count", "Tardies, 4 weeks"),
    Feature("att_trend_4w", "slope", "Attendance trend, 4 weeks", is_flipped=True),
    Feature("att_volatility_8w", "share", "Uneven attendance, 8 weeks"),
    Feature("att_longest_streak_ytd", "days", "Longest absence, this year"),
    Feature("att_current_streak", "days", "Current absence"),
    Feature("att_mon_fri_share_ytd", "share", "Absences on Monday or Friday"),
    Feature("att_weekday_concentration_ytd", "share", "Absences on one weekday"),
    Feature("att_is_chronic", "yes_no", "Chronically absent"),
    Feature("grd_score_mean_1w", "score", "Grades, this week", False),
    Feature("grd_score_mean_4w", "score", "Grades, 4 weeks", False),
    Feature("grd_gpa_ytd", "points", "Grade point average", False),
    Feature("grd_gpa_change_4w", "points", "Grade point average, change in 4 weeks", False),
    Feature("grd_trend_8w", "slope", "Grade trend, 8 weeks", False),
    Feature("grd_volatility_8w", "score", "Uneven grades, 8 weeks"),
    Feature("grd_courses_failing", "count", "Courses failing"),
    Feature("grd_lowest_course", "score", "Lowest course", False),
    Feature("grd_course_spread", "score", "Gap between courses"),
    Feature("grd_missing_rate_4w", "share", "Missing work, 4 weeks"),
    Feature("grd_late_rate_4w", "share", "Work graded late, 4 weeks"),
    Feature("grd_math_ytd", "score", "Math", False),
    Feature("grd_english_ytd", "score", "English", False),
    Feature("grd_science_ytd", "score", "Science", False),
    Feature("grd_social_studies_ytd", "score", "Social studies", False),
    Feature("dsc_incidents_1w", "count", "Incidents, this week"),
    Feature("dsc_incidents_4w", "count", "Incidents, 4 weeks"),
    Feature("dsc_incidents_ytd", "count", "Incidents, this year"),
    Feature("dsc_severity_max_1w", "severity", "Most serious incident, this week"),
    Feature("dsc_severity_mean_ytd", "severity", "Average severity, this year"),
    Feature("dsc_severity_trend_8w", "count", "Severity, change in 8 weeks"),
    Feature("dsc_acceleration_4w", "count", "Incidents, change in 4 weeks"),
    Feature("dsc_days_removed_4w", "days", "Days suspended or expelled, 4 weeks"),
    Feature("dsc_days_removed_ytd", "days", "Days suspended or expelled, this year"),
    Feature("dsc_weeks_since_last", "weeks", "Time since the last incident", False, has_cap=True),
    Feature("dsc_repeats_30d_ytd", "count", "Incidents soon after another"),
    Feature("dsc_types_ytd", "count", "Kinds of incident"),
    Feature("dsc_referral_share_ytd", "share", "Incidents with a referral or suspension"),
)

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
MODALITIES: tuple[Modality, ...] = ("attendance", "grades", "discipline")

_GROUPED = {
    "absence": "att_absence_rate_1w att_absence_rate_4w att_absence_rate_ytd att_excused_days_1w "
    "att_unexcused_days_1w att_trend_4w att_volatility_8w att_longest_streak_ytd "
    "att_current_streak att_is_chronic",
    "tardies": "att_tardies_1w att_tardies_4w",
    "weekdays": "att_mon_fri_share_ytd att_weekday_concentration_ytd",
    "marks": "grd_score_mean_1w grd_score_mean_4w grd_gpa_ytd grd_gpa_change_4w grd_trend_8w "
    "grd_volatility_8w grd_math_ytd grd_english_ytd grd_science_ytd grd_social_studies_ytd",
    "courses": "grd_courses_failing grd_lowest_course grd_course_spread",
    "missing work": "grd_missing_rate_4w grd_late_rate_4w",
    "incidents": "dsc_incidents_1w dsc_incidents_4w dsc_incidents_ytd dsc_acceleration_4w "
    "dsc_weeks_since_last dsc_repeats_30d_ytd dsc_types_ytd",
    "severity": "dsc_severity_max_1w dsc_severity_mean_ytd dsc_severity_trend_8w "
    "dsc_days_removed_4w dsc_days_removed_ytd dsc_referral_share_ytd",
}
_GROUP = {name: group for group, names in _GROUPED.items() for name in names.split()}
GROUPS: tuple[str, ...] = tuple(_GROUPED)
