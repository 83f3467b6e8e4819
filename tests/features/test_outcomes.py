"""The labels, by hand; the window of week 1 is weeks 2 to 10."""

import pytest

from edupulse_core.config import OutcomeRules, Settings
from tests.features.district import FIRST_MONDAY, District, day


def district(weeks: int = 12) -> District:
    """Ana's school grades others, so that no grade of hers is news."""
    return District(weeks=weeks).ends(weeks).result(day(1), student="zoe")


def test_a_quiet_window_is_severity_zero():
    row = district().build().rows("outcomes")[0]

    assert (row["flag_a"], row["flag_b"], row["flag_c"]) == (0, 0, 0)
    assert (row["severity"], row["tier"]) == (0, "low")


@pytest.mark.parametrize(
    ("minutes", "flag"), [(389, 0), (390, 1), (None, 1)], ids=["below", "at", "above"]
)
def test_flag_a_begins_at_a_tenth_of_the_windows_days(minutes, flag):
    made = district()
    for week in (2, 3, 4, 5):  # 4 of 45 days; a tenth is 4.5
        made.mark(day(week))
    made.mark(day(6), "partial", minutes=195 if minutes == 390 else minutes and 194)
    if minutes is None:
        made.mark(day(7), "partial", minutes=1)

    assert made.build().outcome("flag_a", 1) == flag


def test_flag_a_looks_at_the_window_only():
    made = district()
    for n in range(5):
        made.mark(day(1, n)).mark(day(11, n))

    assert made.build().outcome("flag_a", 1) == 0
    assert made.outcome("flag_a", 2) == 1


@pytest.mark.parametrize(("incidents", "flag"), [(1, 0), (2, 1), (3, 1)])
def test_flag_b_takes_two_incidents(incidents, flag):
    made = district()
    for n in range(incidents):
        made.incident(day(2 + n))

    assert made.build().outcome("flag_b", 1) == flag


@pytest.mark.parametrize(
    "action", ["in_school_suspension", "out_of_school_suspension", "expulsion"]
)
def test_flag_b_takes_any_removal(action):
    assert district().incident(day(10, 6), action=action).build().outcome("flag_b", 1) == 1


@pytest.mark.parametrize("week", [1, 11])
def test_flag_b_looks_at_the_window_only(week):
    made = district().incident(day(week), action="expulsion").build()

    assert made.outcome("flag_b", 1) == 0


@pytest.mark.parametrize(("score", "flag"), [(59.99, 1), (60, 0), (60.01, 0)])
def test_flag_c_takes_a_course_under_sixty_percent(score, flag):
    made = district().result(day(2), score, "math").result(day(2), 100, "english")

    assert made.build().outcome("flag_c", 1) == flag


def test_flag_c_pools_a_courses_results_of_the_window():
    made = district().result(day(1), 0).result(day(2), 40).result(day(10), 80).result(day(11), 0)

    assert made.build().outcome("flag_c", 1) == 0


SEVERITIES = (  # the three flags, severity, tier
    (1, 0, 0, 0.3, "medium"),
    (0, 1, 0, 0.3, "medium"),
    (0, 0, 1, 0.4, "medium"),
    (1, 1, 0, 0.6, "high"),
    (1, 0, 1, 0.7, "high"),
    (0, 1, 1, 0.7, "high"),
    (1, 1, 1, 1.0, "critical"),
)


def test_severity_weighs_the_flags_and_the_tier_counts_them():
    names = [f"s{n}" for n in range(len(SEVERITIES))]
    made = District(weeks=12, students=names).ends(12).result(day(1), student="zoe")
    for name, (a, b, c, *_) in zip(names, SEVERITIES, strict=True):
        for n in range(5 * a):
            made.mark(day(2, n), student=name)
        if b:
            made.incident(day(2), action="expulsion", student=name)
        if c:
            made.result(day(2), 10, student=name)

    made.build()

    for name, (*flags, severity, tier) in zip(names, SEVERITIES, strict=True):
        row = made.rows("outcomes", name)[0]
        assert (row["severity"], row["tier"]) == (severity, tier), flags


def test_a_dropout_is_severity_one():
    row = district().leave("ana", day(6), "dropout").build().rows("outcomes")[0]

    assert (row["severity"], row["tier"], row["flag_a"]) == (1, "critical", 0)


def test_a_dropout_counts_even_with_fewer_than_five_days():
    made = district().leave("ana", day(2, 1), "dropout").build()

    assert made.outcome("severity", 1) == 1


def test_a_transfer_is_no_dropout():
    assert district().leave("ana", day(6), "transfer").build().outcome("severity", 1) == 0


@pytest.mark.parametrize(("weekday", "labeled"), [(4, False), (5, True)])
def test_a_label_takes_five_enrolled_days(weekday, labeled):
    made = district().leave("ana", day(2, weekday)).build()

    assert (made.outcome("severity", 1) is not None) == labeled


def test_a_label_takes_nine_weeks_of_data():
    made = district(weeks=11).build()

    assert [row["tier"] for row in made.rows("outcomes")] == ["low", "low"] + [None] * 9


def test_data_that_end_before_the_calendar_end_the_labels_too():
    made = District(weeks=20).ends(10).build()

    assert [row["tier"] for row in made.rows("outcomes")] == ["low"] + [None] * 9


def test_the_window_counts_instructional_weeks():
    made = district(weeks=11).close_school(*(day(5, n) for n in range(5)))
    made.incident(day(11), action="expulsion").build()

    assert made.outcome("flag_b", 1) == 1
    assert made.outcome("severity", 2) is None


def test_a_record_in_a_break_of_the_window_counts():
    made = district(weeks=11).close_school(*(day(5, n) for n in range(5)))

    assert made.incident(day(5), action="expulsion").build().outcome("flag_b", 1) == 1


@pytest.mark.parametrize(("start", "labeled"), [(day(10, 6), False), (day(11), True)])
def test_no_window_passes_the_school_year(start, labeled):
    made = district(weeks=20).year(2026, FIRST_MONDAY, start).year(2027, start, None).build()

    assert (made.outcome("severity", 1) is not None) == labeled


def test_the_window_follows_the_school_of_that_week():
    made = District(weeks=0, students=()).school("south", [day(w) for w in range(1, 21, 2)])
    made.enrol("ana", "south").ends(19).incident(day(19), action="expulsion").build()

    assert made.outcome("flag_b", 1) == 1


def test_a_student_of_two_schools_follows_the_weeks_of_both():
    made = District(weeks=0, students=())
    made.school("south", [day(w) for w in range(1, 21, 2)])
    made.school("west", [day(1), *(day(w) for w in range(2, 21, 2))])
    made.enrol("ana", "south").enrol("ana", "west").ends(20)

    made.incident(day(11), action="expulsion").build()

    assert made.outcome("flag_b", 1) == 0  # the ninth week of either school alone is later


def test_labels_may_read_past_an_as_of_day():
    made = district().incident(day(10), action="expulsion").build(last_day=day(1, 6))

    assert [row["flag_b"] for row in made.rows("outcomes")] == [1]


@pytest.mark.parametrize(
    ("kind", "flag"), [("attendance", "flag_a"), ("incidents", "flag_b"), ("grades", "flag_c")]
)
def test_a_flag_whose_file_is_missing_is_null_and_adds_nothing(kind, flag):
    row = district().has(**{kind: False}).build().rows("outcomes")[0]

    assert row[flag] is None
    assert row["severity"] == 0
    assert sum(row[name] is None for name in ("flag_a", "flag_b", "flag_c")) == 1


def test_a_window_in_which_no_attendance_is_known_has_no_flag_a():
    made = district()
    made.silent = day(1), day(3)

    assert made.build().outcome("flag_a", 1) is None


@pytest.mark.parametrize(("first_silent", "flag"), [(day(10, 0), None), (day(10, 1), 1)])
def test_flag_a_is_unknown_where_the_windows_last_week_is(first_silent, flag):
    made = district()
    for n in range(5):
        made.mark(day(2, n))
    made.silent = first_silent, day(12)

    assert made.build().outcome("flag_a", 1) == flag


@pytest.mark.parametrize(("kind", "flag"), [("incidents", "flag_b"), ("marks", "flag_c")])
@pytest.mark.parametrize(("week", "is_known"), [(9, True), (10, False), (11, True)])
def test_what_a_school_does_not_send_in_the_windows_last_week_raises_no_flag(
    kind, flag, week, is_known
):
    made = district().incident(day(3), action="expulsion").result(day(2), 10)
    made.unsent = ((kind, week),)

    row = made.build().rows("outcomes")[0]

    assert row[flag] == (1 if is_known else None)
    assert row["severity"] == (0.7 if is_known else 0.4 if kind == "incidents" else 0.3)


def test_where_no_flag_is_known_there_is_no_label_unless_of_a_dropout():
    made = district().has(attendance=False)
    made.unsent = (("incidents", 10), ("marks", 10))

    assert made.build().outcome("severity", 1) is None
    assert made.leave("ana", day(6), "dropout").build().outcome("severity", 1) == 1


def test_a_district_may_predict_its_own_horizon():
    rules = OutcomeRules(horizon_weeks=2, incidents=1, weight_b=0.5, tiers=(0.1, 0.5, 0.9))
    made = district().incident(day(3)).build(Settings(outcomes=rules))

    assert made.outcome("severity", 1) == 0.5
    assert made.outcome("tier", 1) == "high"
    assert made.outcome("severity", 3) == 0
