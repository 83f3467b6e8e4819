"""The 42 features: the one source of their order, units and plain words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Modality = Literal["attendance", "grades", "discipline"]
Unit = Literal["share", "days", "count", "points", "score", "slope", "weeks", "yes_no", "severity"]
NEVER = 20.0  # weeks since the last incident, when there was none; also the cap


@dataclass(frozen=True)
class Feature:
    """One column of the features, and how to speak of it."""

    name: str
    modality: Modality
    unit: Unit
    label: str  # short, for table heads and tooltips
    plain: str  # a statement with {value} in it
    higher_is_worse: bool = True
    at_cap: str = ""  # the statement from NEVER on, where the feature stops counting there
    weeks: int = 0  # of marks that it speaks of; 0: of no such weeks
    grouped: str = ""  # its group, where the list at the end of this file does not name it
    carried: str = ""  # what to say instead where none of those weeks had a mark

    @property
    def group(self) -> str:
        """What the feature tells of, one of GROUPS; those of a group rise and fall together."""
        return self.grouped or _GROUP[self.name]

    @property
    def needs(self) -> str:
        """The kind of record without which the feature is unknown, as in `has_records`."""
        return {"attendance": "attendance", "grades": "grades", "discipline": "incidents"}[
            self.modality
        ]

    def words(self, value: float | None) -> str:
        """A value as people say it, with its unit; "unknown" for None and NaN."""
        if value is None or value != value:
            return "unknown"
        if self._is_capped(value):
            return "none"
        return _WORDS[self.unit](value)

    def sentence(
        self,
        value: float | None,
        norm: float | None = None,
        pieces: int | None = None,
        mark_age: float = 0,
    ) -> str:
        """The value in a sentence, beside the school's typical value where that is known.

        pieces: what a share is a share of, to say it as "1 of 2"; None says it in percent.
        mark_age: the student's school weeks since the week of their last mark; NaN unknown.
        """
        if value is None or value != value:
            return f"{self.label}: unknown"
        words = self.words(value) if pieces is None else f"{pieces * value:.0f} of {pieces}"
        plain = self.carried if self.carried and mark_age >= self.weeks else self.plain
        said = self.at_cap if self._is_capped(value) else plain.format(value=words)
        if norm is None or norm != norm:
            return said
        return f"{said} (typical at this school: {self.words(norm)})"

    def _is_capped(self, value: float) -> bool:
        return bool(self.at_cap) and value >= NEVER


def _number(value: float) -> str:
    """At most one decimal: days missed in part, and means, are not known any better."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 0.05 else "0"


def _counted(one: str, many: str) -> Callable[[float], str]:
    return lambda value: f"{_number(value)} {one if _number(value) == '1' else many}"


def _share(value: float) -> str:
    percent = 100 * value
    return f"{percent:.1f} %" if 0 < abs(percent) < 1 else f"{percent:.0f} %"


def _signed_points(value: float) -> str:
    """A slope of a share per week, in percentage points."""
    points = _number(100 * value)
    return (
        "0 points a week" if points == "0" else f"{'+' if value > 0 else ''}{points} points a week"
    )


_WORDS: dict[Unit, Callable[[float], str]] = {
    "share": _share,
    "days": _counted("day", "days"),
    "count": _number,
    "points": lambda value: f"{value + 0.0:.2f}",
    "score": _share,
    "slope": _signed_points,
    "weeks": _counted("week", "weeks"),
    "yes_no": lambda value: "yes" if value >= 0.5 else "no",
    "severity": lambda value: f"{_number(value)} of 5",
}


def _attendance(
    name: str, unit: Unit, label: str, plain: str, higher_is_worse: bool = True
) -> Feature:
    return Feature(f"att_{name}", "attendance", unit, label, plain, higher_is_worse)


def _grades(
    name: str,
    unit: Unit,
    label: str,
    plain: str,
    higher_is_worse: bool = True,
    weeks: int = 0,
    carried: str = "",
) -> Feature:
    return Feature(
        f"grd_{name}", "grades", unit, label, plain, higher_is_worse, weeks=weeks, carried=carried
    )


def _discipline(
    name: str, unit: Unit, label: str, plain: str, higher_is_worse: bool = True, at_cap: str = ""
) -> Feature:
    return Feature(f"dsc_{name}", "discipline", unit, label, plain, higher_is_worse, at_cap)


FEATURES: tuple[Feature, ...] = (
    _attendance(
        "absence_rate_1w",
        "share",
        "Absence, this week",
        "Absent on {value} of this week's school days",
    ),
    _attendance(
        "absence_rate_4w",
        "share",
        "Absence, 4 weeks",
        "Absent on {value} of the last 4 weeks' school days",
    ),
    _attendance(
        "absence_rate_ytd",
        "share",
        "Absence, this year",
        "Absent on {value} of this year's school days",
    ),
    _attendance(
        "excused_days_1w", "days", "Excused absence, this week", "Excused for {value} this week"
    ),
    _attendance(
        "unexcused_days_1w",
        "days",
        "Unexcused absence, this week",
        "Absent without excuse for {value} this week",
    ),
    _attendance("tardies_1w", "count", "Tardies, this week", "Times tardy this week: {value}"),
    _attendance(
        "tardies_4w", "count", "Tardies, 4 weeks", "Times tardy in the last 4 weeks: {value}"
    ),
    _attendance(
        "trend_4w",
        "slope",
        "Absence trend, 4 weeks",
        "Absence moved by {value} over the last 4 weeks",
    ),
    _attendance(
        "volatility_8w",
        "share",
        "Absence swings, 8 weeks",
        "Weekly absence swung by {value} around its mean over 8 weeks",
    ),
    _attendance(
        "longest_streak_ytd",
        "days",
        "Longest absence, this year",
        "Longest absence this year: {value} in a row",
    ),
    _attendance(
        "current_streak", "days", "Current absence", "Absent for {value} in a row by the week's end"
    ),
    _attendance(
        "mon_fri_share_ytd",
        "share",
        "Absences on Monday or Friday",
        "{value} of this year's absences fell on a Monday or Friday",
    ),
    _attendance(
        "weekday_concentration_ytd",
        "share",
        "Absences on one weekday",
        "{value} of this year's absences fell on the same weekday",
    ),
    _attendance("is_chronic", "yes_no", "Chronically absent", "Chronically absent: {value}"),
    _grades(
        "score_mean_1w",
        "score",
        "Marks, this week",
        "Marks this week: {value} on average",
        False,
        1,
        "Last marks known: {value} on average, none this week",
    ),
    _grades(
        "score_mean_4w",
        "score",
        "Marks, 4 weeks",
        "Marks of the last 4 weeks: {value} on average",
        False,
        4,
        "Last marks known: {value} on average, none in the last 4 weeks",
    ),
    _grades("gpa_ytd", "points", "Grade points", "Grade point average {value} this year", False),
    _grades(
        "gpa_change_4w",
        "points",
        "Grade points, change in 4 weeks",
        "Grade point average changed by {value} in 4 weeks",
        False,
    ),
    _grades(
        "trend_8w", "slope", "Marks trend, 8 weeks", "Marks moved by {value} over 8 weeks", False
    ),
    _grades(
        "volatility_8w",
        "score",
        "Marks swings, 8 weeks",
        "Weekly marks swung by {value} around their mean over 8 weeks",
    ),
    _grades("courses_failing", "count", "Courses failing", "Courses failing this year: {value}"),
    _grades("lowest_course", "score", "Lowest course", "Lowest course at {value}", False),
    _grades(
        "course_spread",
        "score",
        "Spread between courses",
        "{value} between the highest and the lowest course",
    ),
    _grades(
        "missing_rate_4w",
        "share",
        "Missing work, 4 weeks",
        "Missing work, last 4 weeks: {value}",
    ),
    _grades(
        "late_rate_4w",
        "share",
        "Late work, 4 weeks",
        "Of the work handed in over 4 weeks, {value} came late",
    ),
    _grades("math_ytd", "score", "Math", "Math this year: {value}", False),
    _grades("english_ytd", "score", "English", "English this year: {value}", False),
    _grades("science_ytd", "score", "Science", "Science this year: {value}", False),
    _grades(
        "social_studies_ytd", "score", "Social studies", "Social studies this year: {value}", False
    ),
    _discipline("incidents_1w", "count", "Incidents, this week", "Incidents this week: {value}"),
    _discipline(
        "incidents_4w", "count", "Incidents, 4 weeks", "Incidents in the last 4 weeks: {value}"
    ),
    _discipline(
        "incidents_ytd", "count", "Incidents, this year", "Incidents this school year: {value}"
    ),
    _discipline(
        "severity_max_1w",
        "severity",
        "Gravest incident, this week",
        "Gravest incident this week: severity {value}",
    ),
    _discipline(
        "severity_mean_ytd",
        "severity",
        "Mean severity, this year",
        "Incidents this year had severity {value} on average",
    ),
    _discipline(
        "severity_trend_8w",
        "count",
        "Severity, change in 8 weeks",
        "Severity of the last 8 weeks less that of before: {value}",
    ),
    _discipline(
        "acceleration_4w",
        "count",
        "Incidents, change in 4 weeks",
        "Incidents of the last 4 weeks less those of the 4 before: {value}",
    ),
    _discipline(
        "days_removed_4w",
        "days",
        "Days removed, 4 weeks",
        "Removed from class for {value} in the last 4 weeks",
    ),
    _discipline(
        "days_removed_ytd",
        "days",
        "Days removed, this year",
        "Removed from class for {value} this year",
    ),
    _discipline(
        "weeks_since_last",
        "weeks",
        "Time since the last incident",
        "{value} since the last incident this year",
        False,
        f"No incident this year, or none for {NEVER:.0f} weeks",
    ),
    _discipline(
        "repeats_30d_ytd",
        "count",
        "Repeats within 30 days",
        "Incidents this year within 30 days of another: {value}",
    ),
    _discipline(
        "types_ytd", "count", "Kinds of incident", "Different kinds of incident this year: {value}"
    ),
    _discipline(
        "referral_share_ytd",
        "share",
        "Referrals and removals",
        "{value} of this year's incidents led to a referral or removal",
    ),
)

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
MODALITIES: tuple[Modality, ...] = ("attendance", "grades", "discipline")
MODALITY_SIZES: tuple[int, ...] = tuple(
    sum(feature.modality == modality for feature in FEATURES) for modality in MODALITIES
)

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
