"""One sentence for the value of each feature, whether it is high or low."""

from collections.abc import Callable

from edupulse_core.config import Settings
from edupulse_core.families.risk.factors import Factor
from edupulse_core.features.built import named
from edupulse_core.features.catalogue import NEVER, Feature, number


def statement(factor: Factor, settings: Settings) -> str:
    """The student's value, without the school's typical one."""
    feature = named(factor.feature)
    say = _SAY.get(factor.feature)
    return say(factor, settings) if say else f"{feature.label}: {feature.words(factor.value)}"


# Each way to say a value takes the factor and the district's rules.
_Say = Callable[[Factor, Settings], str]


def _words(factor: Factor) -> str:
    return named(factor.feature).words(factor.value)


def _said(many: str, one: str = "", none: str = "", every: str = "") -> _Say:
    """Say the value in words, {v}, or as a bare number, {n}, with other texts for 1, 0 and 100%."""

    def say(factor: Factor, settings: Settings) -> str:
        words = _words(factor)
        n = number(factor.value)
        if none and (words == "0%" if words.endswith("%") else n == "0"):
            return none
        if every and words == "100%":
            return every
        return (one if one and n == "1" else many).format(v=words, n=n)

    return say


def _graded(many: str, weeks: int, carried: str) -> _Say:
    """An average of grades, or the last one known if these weeks have none."""

    def say(factor: Factor, settings: Settings) -> str:
        is_old = factor.mark_age is not None and factor.mark_age >= weeks
        said = (carried if is_old else many).format(v=_words(factor))
        if is_old or not factor.pieces:
            return said
        pieces = "1 piece" if factor.pieces == 1 else f"{factor.pieces} pieces"
        return f"{said}, from {pieces} of work"

    return say


def _moved(what: str, over: str) -> _Say:
    """A slope in percentage points a week, the way the pages show it."""

    def say(factor: Factor, settings: Settings) -> str:
        shown = 100 * named(factor.feature).shown(factor.value)
        points = number(abs(shown))
        if points == "0":
            return f"{what} held steady over {over}"
        way = "rose" if shown > 0 else "fell"
        unit = "percentage point" if points == "1" else "percentage points"
        return f"{what} {way} by {points} {unit} a week over {over}"

    return say


def _uneven(what: str, verb: str) -> _Say:
    """Whether a weekly figure is steady; a number for its swing would tell nobody anything."""

    def say(factor: Factor, settings: Settings) -> str:
        above = factor.direction == "raises" and factor.value > 0
        if factor.norm is not None:
            if _words(factor) == named(factor.feature).words(factor.norm):
                return f"{what} {verb} about as even from week to week as for most students"
            above = factor.value > factor.norm
        return f"{what} {verb} {'uneven' if above else 'steady'} from week to week"

    return say


def _gpa_change(factor: Factor, settings: Settings) -> str:
    change = f"{abs(factor.value):.2f}"
    if change == "0.00":
        return "Grade point average has not changed in 4 weeks"
    return f"Grade point average {'rose' if factor.value > 0 else 'fell'} by {change} in 4 weeks"


def _spread(factor: Factor, settings: Settings) -> str:
    points = f"{100 * factor.value:.0f}"
    return f"Highest and lowest course averages are {points} points apart"


def _chronic(factor: Factor, settings: Settings) -> str:
    if factor.value < 0.5:
        return "Not chronically absent this year"
    attended = named("att_absence_rate_ytd").words(settings.attendance.chronic_rate)
    return f"Chronically absent: attended {attended} or less of this year"


def _late(factor: Factor, settings: Settings) -> str:
    """Late means graded late, because the day that work was handed in is not known."""
    span = _span(settings.grades.late_days)
    words = _words(factor)
    graded = "graded in these 4 weeks"
    if words == "0%":
        return f"All work {graded} was graded within {span} of its due date"
    if factor.pieces is None:
        share = "All work" if words == "100%" else f"{words} of the work"
        return f"{share} {graded} was graded more than {span} after it was due"
    n = round(factor.pieces * factor.value)
    were, they = ("was", "it was") if n == 1 else ("were", "they were")
    some = f"{n} of {factor.pieces} pieces of work {graded}"
    return f"{some} {were} graded more than {span} after {they} due"


def _span(days: int) -> str:
    """A number of days as people say it: a week, 2 weeks, 10 days, 1 day."""
    weeks, rest = divmod(days, 7)
    if days and not rest:
        return "a week" if weeks == 1 else f"{weeks} weeks"
    return "1 day" if days == 1 else f"{days} days"


def _repeats(factor: Factor, settings: Settings) -> str:
    within = f"within {settings.discipline.repeat_days} days"
    n = number(factor.value)
    if n == "0":
        return f"No incidents this year followed another {within}"
    return f"{n} incident{'' if n == '1' else 's'} followed another {within}"


def _more_incidents(factor: Factor, settings: Settings) -> str:
    n = number(abs(factor.value))
    if n == "0":
        return "As many incidents in the last 4 weeks as in the 4 weeks before"
    noun = "incident" if n == "1" else "incidents"
    return f"{n} {'more' if factor.value > 0 else 'fewer'} {noun} than in the 4 weeks before"


def _severity_change(factor: Factor, settings: Settings) -> str:
    """How severity changed. A first incident is not a rise, and no new incident is not a fall."""
    if factor.earlier == 0:
        if not factor.recent:
            return "No incidents this school year"
        so_far = "This year's only incident" if factor.recent == 1 else "All incidents this year"
        severity = f"severity {number(factor.value)} of 5"
        average = "" if factor.recent == 1 else " on average"
        return f"{so_far} came in the last 8 weeks, {severity}{average}"
    if factor.recent == 0:
        return "No incidents in the last 8 weeks, after incidents earlier this year"
    n = number(abs(factor.value))
    if n == "0":
        return "Incidents in the last 8 weeks were as serious as those earlier this year"
    more = "more" if factor.value > 0 else "less"
    way = f"{'up' if factor.value > 0 else 'down'} {n} on a scale of 5"
    return f"Incidents in the last 8 weeks were {more} serious than earlier this year ({way})"


def _last_incident(factor: Factor, settings: Settings) -> str:
    if named(factor.feature).is_capped(factor.value):
        if factor.earlier or factor.recent:
            return f"No incidents for {NEVER:.0f} school weeks or more"
        return "No incidents this school year"
    n = number(factor.value)
    when = {"0": "this week", "1": "1 week ago"}.get(n, f"{n} weeks ago")
    return f"Last incident: {when}"


_SAY: dict[str, _Say] = {
    "att_absence_rate_1w": _said(
        "Attended {v} of this week",
        none="Attended none of this week",
        every="Attended all of this week",
    ),
    "att_absence_rate_4w": _said(
        "Attended {v} of the last 4 weeks",
        none="Attended none of the last 4 weeks",
        every="Attended all of the last 4 weeks",
    ),
    "att_absence_rate_ytd": _said(
        "Attended {v} of this school year",
        none="Attended none of this school year",
        every="Attended all of this school year",
    ),
    "att_excused_days_1w": _said(
        "Absent {v} this week with an excuse", none="No excused absence this week"
    ),
    "att_unexcused_days_1w": _said(
        "Absent {v} this week without an excuse", none="No unexcused absence this week"
    ),
    "att_tardies_1w": _said(
        "Tardy {n} times this week", "Tardy once this week", "Not tardy this week"
    ),
    "att_tardies_4w": _said(
        "Tardy {n} times in the last 4 weeks",
        "Tardy once in the last 4 weeks",
        "Not tardy in the last 4 weeks",
    ),
    "att_trend_4w": _moved("Attendance", "the last 4 weeks"),
    "att_volatility_8w": _uneven("Attendance", "is"),
    "att_longest_streak_ytd": _said(
        "Longest absence this year: {n} school days in a row",
        "Longest absence this year: 1 school day",
        "Not absent for a whole day this year",
    ),
    "att_current_streak": _said(
        "Absent the last {n} school days",
        "Absent the last school day",
        "At school on the last school day",
    ),
    "att_mon_fri_share_ytd": _said(
        "{v} of this year's absences fell on a Monday or Friday",
        none="No absence this year fell on a Monday or Friday",
        every="All of this year's absences fell on a Monday or Friday",
    ),
    "att_weekday_concentration_ytd": _said(
        "{v} of this year's absences fell on the same weekday",
        none="No absence this year",
        every="All of this year's absences fell on the same weekday",
    ),
    "att_is_chronic": _chronic,
    "grd_score_mean_1w": _graded(
        "Grades this week average {v}", 1, "Last known grades average {v}, none this week"
    ),
    "grd_score_mean_4w": _graded(
        "Grades in the last 4 weeks average {v}",
        4,
        "Last known grades average {v}, none in the last 4 weeks",
    ),
    "grd_gpa_ytd": _said("Grade point average this year: {v}"),
    "grd_gpa_change_4w": _gpa_change,
    "grd_trend_8w": _moved("Grades", "8 weeks"),
    "grd_volatility_8w": _uneven("Grades", "are"),
    "grd_courses_failing": _said("Failing {n} courses", "Failing 1 course", "Failing no course"),
    "grd_lowest_course": _said("Lowest course average: {v}"),
    "grd_course_spread": _spread,
    "grd_missing_rate_4w": _said(
        "Missing {v} of the work due in the last 4 weeks",
        none="No missing work in the last 4 weeks",
        every="Missing all work due in the last 4 weeks",
    ),
    "grd_late_rate_4w": _late,
    "grd_math_ytd": _said("Math average this year: {v}"),
    "grd_english_ytd": _said("English average this year: {v}"),
    "grd_science_ytd": _said("Science average this year: {v}"),
    "grd_social_studies_ytd": _said("Social studies average this year: {v}"),
    "dsc_incidents_1w": _said(
        "{n} incidents this week", "1 incident this week", "No incidents this week"
    ),
    "dsc_incidents_4w": _said(
        "{n} incidents in the last 4 weeks",
        "1 incident in the last 4 weeks",
        "No incidents in the last 4 weeks",
    ),
    "dsc_incidents_ytd": _said(
        "{n} incidents this school year",
        "1 incident this school year",
        "No incidents this school year",
    ),
    "dsc_severity_max_1w": _said(
        "Most serious incident this week: severity {v}", none="No incidents this week"
    ),
    "dsc_severity_mean_ytd": _said(
        "Incidents this year average severity {v}", none="No incidents this school year"
    ),
    "dsc_severity_trend_8w": _severity_change,
    "dsc_acceleration_4w": _more_incidents,
    "dsc_days_removed_4w": _said(
        "Suspended or expelled for {v} in the last 4 weeks",
        none="Not suspended or expelled in the last 4 weeks",
    ),
    "dsc_days_removed_ytd": _said(
        "Suspended or expelled for {v} this school year",
        none="Not suspended or expelled this school year",
    ),
    "dsc_weeks_since_last": _last_incident,
    "dsc_repeats_30d_ytd": _repeats,
    "dsc_types_ytd": _said(
        "Incidents of {n} different kinds this year",
        "Incidents of one kind this year",
        "No incidents this school year",
    ),
    "dsc_referral_share_ytd": _said(
        "{v} of this year's incidents led to a referral, suspension or expulsion",
        none="No incidents this year led to a referral, suspension or expulsion",
        every="All of this year's incidents led to a referral, suspension or expulsion",
    ),
}

_OF_NOTHING = {  # what "No absence" and "No incident" cannot be compared with
    "att_weekday_concentration_ytd",
    "dsc_severity_max_1w",
    "dsc_severity_mean_ytd",
    "dsc_types_ytd",
    "dsc_referral_share_ytd",
}
_SAYS_TYPICAL = {  # sentences that compare already
    "att_volatility_8w",
    "grd_volatility_8w",
    "dsc_severity_trend_8w",
}


def typical(factor: Factor) -> str:
    """The school's typical value this week; empty if none is known."""
    if factor.norm is None or factor.feature in _SAYS_TYPICAL:
        return ""
    if factor.value == 0 and factor.feature in _OF_NOTHING:
        return ""
    feature, norm = named(factor.feature), factor.norm
    if feature.unit == "yes_no":
        return "most students are" if norm >= 0.5 else "most students are not"
    if feature.is_capped(norm):
        return "most students: none"
    if factor.feature == "grd_late_rate_4w" and factor.value == 0:
        return f"typical here: {feature.words(1 - norm)}"  # the sentence tells the other side
    words = _norm_words(feature, norm)
    return f"most students: {words}" if words in _NONE else f"typical here: {words}"


_NONE = {"0", "0%", "no change", "none"}  # a median of nothing is what most students have


def _norm_words(feature: Feature, norm: float) -> str:
    """A typical value in as few words as possible."""
    shown = feature.shown(norm)
    size = {
        "slope": f"{number(100 * abs(shown))} points a week",
        "grd_gpa_change_4w": f"{abs(shown):.2f}",
        "dsc_acceleration_4w": number(abs(shown)),
    }.get(feature.unit if feature.unit == "slope" else feature.name)
    if size is not None:
        is_still = size in ("0 points a week", "0.00", "0")
        return "no change" if is_still else f"{'up' if shown > 0 else 'down'} {size}"
    if feature.name == "grd_course_spread":
        return f"{100 * norm:.0f} points"
    if feature.name == "dsc_weeks_since_last":
        return f"{feature.words(norm)} ago"
    if feature.unit in ("days", "severity") and number(norm) == "0":
        return "none" if feature.unit == "severity" else "0"
    return feature.words(norm)
