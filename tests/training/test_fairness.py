import numpy as np
import pytest

from edupulse_core.training import fairness, hiding
from edupulse_core.training.fairness import Alarm, AlarmsByGroup, Gaps, Students, alarms_by_group
from edupulse_core.training.results import Hidden, Interval

# a: 40 students, 20 with the outcome, of whom 15 flagged, and 5 of the others.
# b: 40 students, 20 with the outcome, of whom 10 flagged, and 10 of the others.
OUTCOME = np.array(([True] * 20 + [False] * 20) * 2)
FLAGGED = np.array(
    [True] * 15 + [False] * 5 + [True] * 5 + [False] * 15 + ([True] * 10 + [False] * 10) * 2
)
GROUP = np.array(["a"] * 40 + ["b"] * 40)
CHANCE = np.where(FLAGGED, 0.75, 0.25)


@pytest.fixture
def few_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "SMALLEST", 1)


def found(weeks: int = 1) -> AlarmsByGroup:
    alarm = Alarm(*(np.repeat(each, weeks) for each in (FLAGGED, OUTCOME, CHANCE)))
    students = Students.of(np.repeat(np.arange(80), weeks), 400)
    return alarms_by_group(alarm, {"team": np.repeat(GROUP, weeks)}, students)


def test_rates_of_each_group_are_those_counted_by_hand(few_allowed: None) -> None:
    a, b = found().groups["team"]

    assert (a.group, a.rows, a.students) == ("a", 40, 40)
    assert (a.alarms, a.right, a.false, a.missed) == (20, 15, 5, 5)
    values = {name: getattr(a, name).value for name in fairness.RATES}
    assert values == {
        "base_rate": 0.5,
        "selection": 0.5,
        "recall": 0.75,
        "fpr": 0.25,
        "precision": 0.75,
    }
    assert b.recall.value == b.fpr.value == b.precision.value == 0.5


def test_a_gap_is_the_largest_less_the_smallest_with_its_interval(few_allowed: None) -> None:
    gap = found().gaps["team"].recall

    assert (gap.value, gap.most, gap.least) == (0.25, "a", "b")
    assert gap.low < 0.25 < gap.high
    # in both groups half are flagged at .75 and half are not at .25: as predicted, 3 of 4 are found
    assert gap.implied == pytest.approx(0.0)


def test_a_gap_as_large_as_lots_would_give_is_told(few_allowed: None) -> None:
    gap = found().gaps["team"].recall

    # the standard error of the difference of two recalls of 20 is about .15
    assert 0.2 < gap.by_chance < 0.4


def test_the_interval_counts_students_not_their_weeks(few_allowed: None) -> None:
    once, often = (found(weeks).overall.recall for weeks in (1, 20))

    assert often == once


def test_the_numbers_of_a_hidden_group_are_nowhere() -> None:
    group = np.where(np.arange(80) < 6, "few", GROUP)
    alarm = Alarm(FLAGGED, OUTCOME, CHANCE)

    lines = alarms_by_group(alarm, {"team": group}, Students.of(np.arange(80), 50))

    assert Hidden(group="few") in lines.groups["team"]
    assert lines.n_hidden >= 2


def everyone(*cells: int) -> list[bool]:
    """Whether everyone is hidden, in one alarm and in a stricter one beside it.

    cells: students, a week each, of whom came high and was shown high, medium, low; of whom came
    none and was shown high, medium, low.
    """
    came, shown = np.repeat([(c, s) for c in (2, 0) for s in (2, 1, 0)], cells, axis=0).T
    alarms = [Alarm(shown >= at, came >= at, np.full(len(came), 0.5)) for at in (1, 2)]
    team = {"team": np.array(["a", "b"])[np.arange(len(came)) % 2]}
    students = Students.of(np.arange(len(came)), 20)
    found = [
        alarms_by_group(alarm, team, students, beside=alarms[:at])
        for at, alarm in enumerate(alarms)
    ]
    for each in found:
        if each.overall.hidden:
            assert each.overall == Hidden()
            assert all(line.hidden for line in each.groups["team"])
            assert each.gaps["team"] == Gaps(recall=None, fpr=None)
        else:
            assert each.overall.students == len(came)
    return [each.overall.hidden for each in found]


def test_everyone_is_hidden_where_the_cells_of_everyone_tell_of_few() -> None:
    assert everyone(40, 40, 40, 40, 40, 40) == [False, False]
    assert everyone(49, 0, 1, 18, 0, 132) == [True, True]  # one missed
    assert everyone(49, 0, 9, 18, 0, 132) == [True, True]
    assert everyone(49, 0, 10, 18, 0, 132) == [False, False]


def test_everyone_is_hidden_in_the_second_of_two_alarms_that_differ_by_few() -> None:
    assert everyone(40, 9, 40, 40, 40, 40) == [False, True]  # right of one less those of the other


def test_everyone_is_shown_where_nobody_was_missed_or_called_wrongly() -> None:
    assert everyone(49, 0, 0, 0, 0, 132) == [False, False]


def test_a_group_of_which_two_alarms_together_tell_of_few_is_hidden_in_the_second() -> None:
    # in a, 12 + 12 are shown high, 3 more medium: calls of one alarm less those of the other
    kinds = {"a": (15, 12, 3, 15, 40), "b": (30, 30, 30, 30, 90), "c": (30, 30, 30, 30, 90)}
    tiers = np.array([(2, 2), (2, 0), (1, 0), (0, 2), (0, 0)])  # shown, came
    shown, came = np.concatenate([np.repeat(tiers, n, axis=0) for n in kinds.values()]).T
    team = np.repeat(list(kinds), [sum(n) for n in kinds.values()])
    support, intervention = (
        Alarm(shown >= tier, came >= tier, np.full(len(team), 0.5)) for tier in (1, 2)
    )
    students = Students.of(np.arange(len(team)), 50)

    def hidden(alarm: Alarm, *beside: Alarm) -> list[bool]:
        found = alarms_by_group(alarm, {"team": team}, students, beside=beside)
        return [line.hidden for line in found.groups["team"]]

    assert hidden(support) == hidden(intervention) == [False, False, False]
    assert hidden(intervention, support) == [True, True, False]


def test_where_a_student_is_in_two_groups_no_students_are_counted(few_allowed: None) -> None:
    alarm = Alarm(FLAGGED, OUTCOME, CHANCE)
    twice = np.arange(80)
    twice[-1] = 0

    found = alarms_by_group(alarm, {"team": GROUP}, Students.of(twice, 50))

    assert found.overall.students == 79
    assert [(x.rows, x.students) for x in found.groups["team"]] == [(40, None)] * 2


def test_a_group_under_30_students_is_shown_but_not_compared(few_allowed: None) -> None:
    group = np.where(np.arange(80) % 4 == 0, "c", GROUP)  # 20 of 80
    alarm = Alarm(FLAGGED, OUTCOME, CHANCE)

    lines = alarms_by_group(alarm, {"team": group}, Students.of(np.arange(80), 50))

    gap = lines.gaps["team"].recall
    assert lines.groups["team"][2].recall.value is not None
    assert gap is not None and {gap.most, gap.least} == {"a", "b"}


def test_where_nobody_has_the_outcome_there_is_no_recall_and_no_gap(few_allowed: None) -> None:
    alarm = Alarm(FLAGGED, np.zeros(80, dtype=bool), CHANCE)

    lines = alarms_by_group(alarm, {"team": GROUP}, Students.of(np.arange(80), 50))

    assert lines.overall.recall == Interval()
    assert lines.gaps["team"].recall is None
    assert lines.gaps["team"].fpr.value == 0.0
