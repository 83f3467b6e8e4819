"""What an assessment counts, on rows that can be counted by hand."""

from itertools import product
from typing import Any

import numpy as np

from edupulse_core.config import OutcomeRules
from edupulse_core.families.risk import assessment
from edupulse_core.families.risk.assessment import Scored
from edupulse_core.families.risk.levels import Counted, Levels, Shown, levels
from edupulse_core.training.conformal import Bands
from edupulse_core.training.evaluation import Actual
from edupulse_core.training.fairness import Alarm, Students
from edupulse_core.training.results import Hidden, Told


def told(shown: Any, likeliest: Any, actual: Actual, alarms: Any = ()) -> Levels:
    return levels(shown, likeliest, actual, Students.of(actual.student, 20), alarms)[0]


def tiers(cells: dict[tuple[int, int], int]) -> Shown:
    """What is told of so many students, a week each, by level shown and level that came."""
    shown, came = np.repeat(np.array(list(cells)), list(cells.values()), axis=0).T
    student = np.arange(len(shown))
    actual = Actual(came / 3, came, student, np.zeros(len(shown), dtype=int))
    found = told(shown, shown, actual).shown
    assert found.confusion is None or sum(map(sum, found.confusion)) == len(student)
    return found


EVERY = dict.fromkeys(product(range(4), repeat=2), 50)


def test_tiers_stand_apart_where_no_cell_is_of_few() -> None:
    found = tiers(EVERY)

    assert found.came == found.said == [["low"], ["medium"], ["high"], ["critical"]]
    assert found.confusion == [[50] * 4] * 4 and found.accuracy == 0.25


def test_the_highest_tiers_shown_are_one_where_few_were_shown_critical() -> None:
    found = tiers(EVERY | {(3, 0): 1, (3, 1): 9})

    assert found.came == [["low"], ["medium"], ["high"], ["critical"]]
    assert found.said == [["low"], ["medium"], ["high", "critical"]]
    assert found.confusion == [[50, 50, 51], [50, 50, 59], [50, 50, 100], [50, 50, 100]]


def test_the_highest_tiers_are_one_where_few_came_to_critical() -> None:
    found = tiers(EVERY | {(0, 3): 4, (3, 0): 4})

    assert found.came == found.said == [["low"], ["medium"], ["high", "critical"]]
    assert found.confusion == [[50, 50, 54], [50, 50, 100], [54, 100, 200]]


def test_where_few_stand_elsewhere_no_tier_is_counted() -> None:
    found = tiers(EVERY | {(1, 0): 9})

    assert found.confusion is None and found.accuracy is None


def test_where_few_agree_apart_they_are_counted_together() -> None:
    # low, medium and high agree never, critical in 5: the share that agrees would tell of them
    apart = EVERY | {(tier, tier): 0 for tier in range(4)}

    assert tiers(apart).accuracy == 0
    assert tiers(apart | {(3, 3): 5, (2, 3): 5}).confusion is None


def test_of_100_weeks_of_a_tier_it_is_told_after_how_many_two_flags_came() -> None:
    assert tiers(EVERY).grave_of_100 == [50] * 4
    assert tiers({(0, 0): 70, (0, 3): 30, (1, 1): 69, (1, 2): 30}).grave_of_100 == [
        30, None, None, None,
    ]  # fmt: skip
    assert tiers({(0, 0): 91, (0, 3): 9, (1, 1): 9, (1, 2): 91}).grave_of_100 == [None] * 4


def assessed_groups(names: tuple[str, ...], student: list[int]) -> list[Told]:
    _, found = assessment._by_group(
        {"school": np.repeat(names, len(student) // len(names))},
        Students.of(np.array(student), 2),
        np.ones((len(student), 1)),
        lambda rows: Told(rows=len(rows), students=7),
    )
    return [line for line in found["school"] if isinstance(line, Told)]


def test_where_students_change_school_the_students_of_none_are_counted() -> None:
    moved = [*range(20), *range(19, 39)]

    for student, said in ((moved, None), ([*range(40)], 7)):
        lines = assessed_groups(("north", "south"), student)
        assert [(line.rows, line.students) for line in lines] == [(20, said)] * 2


def small(cells: dict[tuple[int, int], int], likeliest: dict[int, int] | None = None) -> Any:
    """So many students, a week each, by tier shown and tier that came; some likelier another."""
    shown, came = np.repeat(np.array(list(cells)), list(cells.values()), axis=0).T
    score = np.array([0.01, 0.3, 0.6, 0.95])[shown] + np.arange(len(shown)) * 1e-6
    said = shown.copy()
    for row, tier in (likeliest or {}).items():
        said[row] = tier
    actual = Actual(came / 3, came, np.arange(len(shown)), np.zeros(len(shown), dtype=int))
    return Scored(score, 0.7 * np.eye(4)[said] + 0.075, OutcomeRules()), actual


def counted(scored: Scored, actual: Actual, alarms: Any = ()) -> Levels:
    return told(scored.shown, scored.tiers.argmax(axis=1), actual, alarms)


def test_tiers_are_not_counted_both_ways_where_one_student_lies_between() -> None:
    twenty = dict.fromkeys(product(range(4), repeat=2), 20)

    alike = counted(*small(twenty))
    apart = counted(*small(twenty, {0: 1}))  # shown low, likelier medium

    assert alike.likeliest.confusion == alike.shown.confusion == [[20] * 4] * 4
    assert apart.shown.confusion == [[20] * 4] * 4
    assert apart.likeliest == Counted(came=[], said=[], confusion=None, accuracy=None, by_level=[])


def test_the_share_that_agrees_is_one_of_the_numbers_beside() -> None:
    # of those who came critical, 10 were shown high and 30 critical, 9 the other way likelier:
    # the counts of high and critical are one, and do not differ; but the shares that agree do
    cells = dict.fromkeys(product(range(4), repeat=2), 50) | {(3, 0): 1, (3, 1): 9}
    scored, actual = small(cells)
    row = int(np.flatnonzero((actual.tier == 3) & (scored.shown == 3))[0])

    found = counted(*small(cells, {row: 2}))

    assert found.shown.said[-1] == ["high", "critical"]
    assert found.likeliest.confusion is None


def test_tiers_are_not_counted_where_an_alarm_beside_differs_by_few() -> None:
    cells = dict.fromkeys(product(range(4), repeat=2), 50)
    scored, actual = small(cells)
    shown = scored.shown
    calls = shown == 3
    calls[np.flatnonzero(shown == 2)[:1]] = True  # who is critical, and one

    def confusion(flagged: Any) -> Any:
        alarm = Alarm(flagged, actual.any_flag, np.full(len(shown), 0.5))
        return counted(scored, actual, [alarm.cells.argmax(axis=1)]).shown.confusion

    assert confusion(shown == 3) == [[50] * 4] * 4
    assert confusion(calls) == [[50, 50, 100]] * 4


def test_the_curve_has_as_many_parts_as_tell_of_few_in_none() -> None:
    def curve(*came: int) -> list[float]:
        """Of 100 weeks each: so many of everyone's came to a flag, lowest scores first."""
        flagged = np.concatenate([np.arange(100) < n for n in came])
        score = np.arange(len(flagged)) / len(flagged)
        student = np.arange(len(flagged))
        actual = Actual(flagged * 0.5, flagged * 1, student, np.zeros(len(flagged), dtype=int))
        points = assessment._curve(score, actual)
        assert sum(each.rows for each in points) == len(flagged) or not points
        return [each.observed for each in points]

    assert len(curve(*[10] * 10)) == 10
    assert curve(*[0] * 9, 50) == [0.0] * 9 + [0.25]  # a part of nobody is shown
    assert curve(*[5] * 10) == [0.025] * 5
    assert curve(*[0] * 9, 9) == []


def test_bands_of_everyone_are_hidden_where_few_lie_outside() -> None:
    def bands(outside: int) -> Any:
        scored, actual = small({(0, 0): 400, (0, 3): outside})
        groups = {"team": np.resize(["a", "b"], len(scored.score))}
        students = Students.of(actual.student, 5)
        return assessment._bands(Bands(0.9, (), (0.5,), 9, 9), scored, actual, groups, students)

    few, many, none = bands(9), bands(10), bands(0)

    assert few.overall == Hidden() and few.widths is None
    assert many.overall.rows == 410 and many.widths == [410, 0, 0, 0]
    assert none.overall.coverage.value == 1.0


def test_calibration_of_everyone_is_hidden_where_few_came_to_a_flag() -> None:
    def overall(came: int) -> Any:
        scored, actual = small({(0, 0): 300, (1, 1): came})
        groups = {"team": np.resize(["a", "b"], len(scored.score))}
        students = Students.of(actual.student, 5)
        return assessment._calibration(scored, actual, groups, students, 5).overall

    assert overall(9) == Hidden()
    assert overall(10).students == 310
    assert overall(0).students == 300  # nobody is nobody


def test_grades_stand_as_students_go_through_them() -> None:
    lines = [Hidden(group=name) for name in ("01", "10", "9", "KG", "PK", "UG")]

    found = assessment._in_order({"grade": lines, "school": lines})

    assert [line.group for line in found["grade"]] == ["PK", "KG", "01", "9", "10", "UG"]
    assert found["school"] == lines


def test_how_right_a_level_is_follows_from_the_counts() -> None:
    low, medium, high, critical = tiers(EVERY | {(0, 0): 150, (1, 0): 0}).by_level

    assert (low.said, low.came) == (300, 250)
    assert low.precision.value == 0.5 and low.recall.value == 0.6
    assert low.f1.value == round(2 * 150 / 550, 6)
    assert low.precision.low < 0.5 < low.precision.high
    assert (medium.said, high.said, critical.level) == (150, 200, ["critical"])


def test_levels_that_are_counted_as_one_are_one_in_their_rates() -> None:
    found = tiers(EVERY | {(3, 0): 1, (3, 1): 9})

    assert [each.level for each in found.by_level] == [["low"], ["medium"], ["high", "critical"]]
    assert found.by_level[-1].recall.value == 0.5
    assert tiers(EVERY | {(1, 0): 9}).by_level == []


def test_levels_and_alarms_follow_the_districts_own_edges() -> None:
    score = np.array([0.1, 0.3, 0.45, 0.7])
    rules = OutcomeRules(tiers=(0.2, 0.4, 0.6))
    actual = Actual(score, np.arange(4), np.arange(4), np.zeros(4, dtype=int))

    scored = Scored(score, np.eye(4), rules)

    assert scored.shown.tolist() == [0, 1, 2, 3]
    assert scored.alarms(actual)["intervention"].flagged.tolist() == [False, False, True, True]
