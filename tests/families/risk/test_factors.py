"""The five reasons: strongest first, each told by a known feature that pushed that way."""

import json

import numpy as np
import pytest

from edupulse_core.families.risk.factors import FEWEST_HANDED_IN, factor, read, strongest
from edupulse_core.features.catalogue import GROUPS, NAMES
from tests.families.risk.by_hand import GROUP_OF

ABSENCE = NAMES.index("att_absence_rate_4w")
FAILING = NAMES.index("grd_courses_failing")
TARDIES = NAMES.index("att_tardies_4w")
MISSING = NAMES.index("grd_missing_rate_4w")
LATE = NAMES.index("grd_late_rate_4w")
INCIDENTS = NAMES.index("dsc_incidents_4w")
GPA = NAMES.index("grd_gpa_ytd")


@pytest.fixture
def nothing() -> np.ndarray:
    return np.zeros((1, 20, 42))


def values(**known: float) -> np.ndarray:
    week = np.zeros((1, 20, 42), np.float32)
    for name, value in known.items():
        week[0, -1, NAMES.index(name)] = value
    return week


def test_a_school_without_a_norm_gets_none() -> None:
    assert factor(NAMES[FAILING], 2.0, float("nan"), 0.2).norm is None


@pytest.mark.parametrize(
    "made",
    [
        factor(NAMES[ABSENCE], 0.3, 0.05, 0.8),
        factor(NAMES[FAILING], 0.0, float("nan"), -0.2, is_apart=False),
        factor(NAMES[LATE], 0.5, 0.05, 0.8, pieces=2),
        factor("dsc_severity_trend_8w", 2.0, 0.0, 0.8, recent=1, earlier=0),
    ],
)
def test_the_store_keeps_a_factor_as_fields(made) -> None:
    assert read(json.dumps([made.as_json()])) == [made]


def test_an_earlier_factor_keeps_its_sentence_and_one_of_no_feature_is_left_out() -> None:
    kept = factor(NAMES[FAILING], 2.0, 1.0, 0.2).as_json()
    old = {name: kept[name] for name in ("feature", "value", "norm", "direction", "attribution")}

    found = read(json.dumps([old | {"sentence": "as said"}, old | {"feature": "no_more"}]))

    assert [(each.feature, each.said) for each in found] == [("grd_courses_failing", "as said")]


def reasons(
    share: np.ndarray,
    now: np.ndarray,
    norms: np.ndarray,
    lost: np.ndarray | None = None,
    handed_in: int | None = None,
):
    """Of one student; deletion agrees with the attributions unless it is given."""
    agreed = share.sum(axis=1) @ np.eye(len(GROUPS))[GROUP_OF]
    pieces = None if handed_in is None else np.array([handed_in])
    spread = np.ones(42, np.float32)
    return strongest(share, agreed if lost is None else lost, now, norms, spread, pieces)[0]


def test_a_group_counts_as_the_sum_of_its_features(nothing) -> None:
    nothing[0, -3, NAMES.index("att_absence_rate_1w")] = -0.5
    nothing[0, -4, ABSENCE] = 0.9
    nothing[0, -3, TARDIES] = 0.3
    week = values(att_absence_rate_1w=0.77, att_absence_rate_4w=0.3, att_tardies_4w=3.0)

    found = reasons(nothing, week, np.zeros((1, 42)))

    assert [(each.group, each.attribution) for each in found] == [
        ("absence", pytest.approx(0.4)),
        ("tardies", pytest.approx(0.3)),
    ]
    assert found[0].direction == "raises"  # though one feature seems to lower it


def test_of_those_that_pushed_that_way_the_furthest_from_the_norm_tells_of_its_group(
    nothing,
) -> None:
    pushed = {"att_absence_rate_1w": 0.2, "att_absence_rate_4w": 0.5, "att_absence_rate_ytd": -0.1}
    for name, attribution in pushed.items():
        nothing[0, -3, NAMES.index(name)] = attribution
    week = values(att_absence_rate_1w=0.6, att_absence_rate_4w=0.3, att_absence_rate_ytd=0.9)

    found = reasons(nothing, week, np.zeros((1, 42)))

    assert [each.feature for each in found] == ["att_absence_rate_1w"]


@pytest.mark.parametrize(("earlier", "told"), [(-0.5, []), (-0.2, ["att_absence_rate_4w"])])
def test_a_number_that_pushed_the_other_way_over_all_its_weeks_tells_nothing(
    nothing, earlier, told
) -> None:
    nothing[0, -3, ABSENCE], nothing[0, 2, ABSENCE] = 0.4, earlier

    found = reasons(nothing, values(att_absence_rate_4w=0.3), np.zeros((1, 42)))

    assert [each.feature for each in found] == told


def test_the_five_strongest_groups_come_first_either_way(nothing) -> None:
    share = {ABSENCE: 0.1, TARDIES: 0.6, FAILING: 0.3, MISSING: -0.2, INCIDENTS: 0.5, GPA: -0.4}
    for f, attribution in share.items():
        nothing[0, -2:, f] = attribution / 2
    week = values(**{NAMES[f]: 1.0 for f in (ABSENCE, TARDIES, FAILING, INCIDENTS, GPA)})
    norms = np.zeros((1, 42))
    norms[0, MISSING] = 0.5

    found = reasons(nothing, week, norms)

    assert [each.group for each in found] == [
        "tardies",
        "incidents",
        "marks",
        "courses",
        "missing work",
    ]
    assert [each.direction for each in found] == ["raises", "raises", "lowers", "raises", "lowers"]
    assert found[0].attribution == pytest.approx(0.6)


def test_a_group_that_deletion_speaks_against_is_no_reason(nothing) -> None:
    nothing[0, -3, ABSENCE], nothing[0, -3, FAILING] = 2.0, 1.0
    week = values(att_absence_rate_4w=0.5, grd_courses_failing=2.0)
    lost = np.zeros((1, len(GROUPS)))
    lost[0, GROUPS.index("absence")], lost[0, GROUPS.index("courses")] = -0.1, 0.5

    found = reasons(nothing, week, np.zeros((1, 42)), lost)

    assert [each.group for each in found] == ["courses"]


@pytest.mark.parametrize(
    ("attribution", "value", "said"),
    [(0.5, 0.3, True), (0.5, 0.05, False), (-0.5, 0.05, True), (-0.5, 0.3, False)],
)
def test_what_is_worse_than_the_norm_never_lowers_the_score(
    nothing, attribution, value, said
) -> None:
    nothing[0, -3, ABSENCE] = attribution
    norms = np.full((1, 42), 0.0)
    norms[0, ABSENCE] = 0.1

    found = reasons(nothing, values(att_absence_rate_4w=value), norms)

    assert ([each.feature for each in found] == ["att_absence_rate_4w"]) is said


def test_where_less_is_worse_the_sides_change(nothing) -> None:
    nothing[0, -3, GPA] = 0.5
    norms = np.zeros((1, 42))
    norms[0, GPA] = 3.0

    assert reasons(nothing, values(grd_gpa_ytd=2.0), norms)[0].direction == "raises"
    assert reasons(nothing, values(grd_gpa_ytd=3.5), norms) == []


def test_without_a_norm_the_attribution_alone_tells(nothing) -> None:
    nothing[0, -3, ABSENCE] = 0.5

    found = reasons(nothing, values(att_absence_rate_4w=0.3), np.full((1, 42), np.nan))

    assert [(each.feature, each.norm) for each in found] == [("att_absence_rate_4w", None)]


def test_what_is_unknown_this_week_is_never_a_factor(nothing) -> None:
    nothing[0, -3, ABSENCE] = 2.0
    nothing[0, -3, FAILING] = 1.0
    unknown = values(grd_courses_failing=2.0)
    unknown[0, -1, ABSENCE] = np.nan

    found = reasons(nothing, unknown, np.zeros((1, 42)))

    assert [each.feature for each in found] == ["grd_courses_failing"]


@pytest.mark.parametrize(
    "name",
    ["grd_volatility_8w", "grd_course_spread", "grd_courses_failing", "grd_trend_8w",
     "grd_gpa_change_4w", "grd_late_rate_4w"],
)  # fmt: skip
def test_a_year_without_a_grade_gives_no_reason_from_grades(nothing, name: str) -> None:
    nothing[0, -3, NAMES.index(name)] = 1.0
    none_yet = values(grd_gpa_ytd=np.nan)

    assert reasons(nothing, none_yet, np.full((1, 42), np.nan)) == []


def test_a_single_course_is_not_said_to_be_close_to_another(nothing) -> None:
    nothing[0, -3, NAMES.index("grd_course_spread")] = -1.0

    assert reasons(nothing, values(grd_gpa_ytd=3.0), np.full((1, 42), 0.2)) == []


@pytest.mark.parametrize(("moved", "n"), [(0.0, 0), (0.0099, 0), (0.0101, 1)])
def test_what_moved_next_to_nothing_is_no_factor(nothing, moved, n) -> None:
    nothing[0, -3, ABSENCE] = moved

    assert len(reasons(nothing, values(att_absence_rate_4w=1.0), np.zeros((1, 42)))) == n


@pytest.mark.parametrize(("week", "n"), [(12, 1), (11, 0)])
def test_reasons_are_of_the_last_eight_weeks(nothing, week, n) -> None:
    nothing[0, week, ABSENCE] = 1.0

    assert len(reasons(nothing, values(att_absence_rate_4w=1.0), np.zeros((1, 42)))) == n


def test_opposite_weeks_cancel_out(nothing) -> None:
    nothing[0, -3, ABSENCE], nothing[0, -4, ABSENCE] = 2.0, -2.0
    nothing[0, -3, FAILING] = 0.1
    week = values(att_absence_rate_4w=1.0, grd_courses_failing=1.0)

    found = reasons(nothing, week, np.zeros((1, 42)))

    assert [each.feature for each in found] == ["grd_courses_failing"]


def test_what_reads_like_the_norm_today_stands_back(nothing) -> None:
    nothing[0, -3, ABSENCE], nothing[0, -3, FAILING] = 2.0, 0.1

    found = reasons(nothing, values(grd_courses_failing=1.0), np.zeros((1, 42)))

    assert [each.feature for each in found] == ["grd_courses_failing", "att_absence_rate_4w"]


@pytest.mark.parametrize(
    ("handed_in", "told"),
    [
        (1, "grd_missing_rate_4w"),
        (FEWEST_HANDED_IN - 1, "grd_missing_rate_4w"),
        (FEWEST_HANDED_IN, "grd_late_rate_4w"),
        (None, "grd_late_rate_4w"),
    ],
)
def test_a_late_share_of_few_pieces_stands_behind_the_missing_work(
    nothing, handed_in, told
) -> None:
    nothing[0, -3, LATE], nothing[0, -3, MISSING] = 0.6, 0.4
    week = values(grd_late_rate_4w=1.0, grd_missing_rate_4w=0.9)

    (found,) = reasons(nothing, week, np.zeros((1, 42)), handed_in=handed_in)

    assert found.feature == told
    assert found.attribution == pytest.approx(1.0)  # the group's, whichever tells of it


@pytest.mark.parametrize(
    ("handed_in", "pieces"), [(1, 1), (2, 2), (FEWEST_HANDED_IN, None), (None, None)]
)
def test_where_no_work_is_missing_few_late_pieces_are_counted(nothing, handed_in, pieces) -> None:
    nothing[0, -3, LATE] = 1.0

    (found,) = reasons(
        nothing, values(grd_late_rate_4w=1.0), np.zeros((1, 42)), handed_in=handed_in
    )

    assert (found.feature, found.value, found.pieces) == ("grd_late_rate_4w", 1.0, pieces)


def test_who_handed_nothing_in_is_not_said_to_have_been_on_time(nothing) -> None:
    nothing[0, -3, LATE] = -1.0
    norms = np.zeros((1, 42))
    norms[0, LATE] = 0.2
    week = values(grd_missing_rate_4w=0.5)

    assert reasons(nothing, week, norms, handed_in=0) == []
    assert [f.feature for f in reasons(nothing, week, norms, handed_in=1)] == ["grd_late_rate_4w"]


def test_each_student_is_told_of_the_age_of_their_own_grades(nothing) -> None:
    f = NAMES.index("grd_score_mean_4w")
    given = np.repeat(nothing, 3, axis=0)
    given[:, -1, f] = -1.0
    margins = given.sum(axis=1) @ np.eye(len(GROUPS))[GROUP_OF]
    weeks = np.repeat(values(grd_score_mean_4w=0.9), 3, axis=0)
    spread = np.ones(42, np.float32)

    found = strongest(
        given, margins, weeks, np.zeros((3, 42)), spread, mark_age=np.array([0.0, 5.0, np.nan])
    )

    assert [each[0].mark_age for each in found] == [0, 5, None]


def test_a_change_of_severity_knows_how_many_incidents_came_before_and_after(nothing) -> None:
    f = NAMES.index("dsc_severity_trend_8w")
    nothing[0, -1, f] = 1.0
    week = values(dsc_severity_trend_8w=2.0, dsc_incidents_ytd=5.0)
    week[0, [-8, -2], NAMES.index("dsc_incidents_1w")] = 1.0
    week[0, -9, NAMES.index("dsc_incidents_1w")] = 3.0

    (found,) = reasons(nothing, week, np.zeros((1, 42)))

    assert (found.recent, found.earlier) == (2, 3)


def test_a_year_that_began_lately_has_no_incident_before(nothing) -> None:
    f = NAMES.index("dsc_severity_trend_8w")
    nothing[0, -1, f] = 1.0
    week = values(dsc_severity_trend_8w=2.0, dsc_incidents_ytd=1.0)
    week[0, [-6, -2], NAMES.index("dsc_incidents_1w")] = 1.0  # the first of them last school year

    (found,) = reasons(nothing, week, np.zeros((1, 42)))

    assert (found.recent, found.earlier) == (1, 0)
