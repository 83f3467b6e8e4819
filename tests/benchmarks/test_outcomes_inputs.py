from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.outcomes import fictional, hsls, indicators, oulad, oulad_daily, oulad_sums
from tests.benchmarks.outcomes.fictional import ANA, BEN, CY, DEE, HERE


def of(weekly: oulad.Weekly, student: int, name: str) -> list[float]:
    """A student's first four steps: before the start, and three weeks."""
    row = weekly.student.tolist().index(student)
    return weekly.values[row, :4, weekly.names.index(name)].round(4).tolist()


def test_activity_is_what_one_counts_by_hand() -> None:
    weekly = oulad.weekly(fictional.tables(), [HERE])

    assert of(weekly, ANA, "log_clicks") == pytest.approx(np.log1p([4, 4, 5, 2]), abs=1e-4)
    assert of(weekly, ANA, "active_days") == [1, 1, 1, 1]
    assert of(weekly, ANA, "log_sites") == pytest.approx(np.log1p([1, 2, 1, 1]), abs=1e-4)
    assert of(weekly, ANA, "log_quiz") == pytest.approx(np.log1p([0, 1, 0, 0]), abs=1e-4)
    assert of(weekly, ANA, "log_days_since_click") == pytest.approx(
        np.log1p([1, 6, 5, 5]), abs=1e-4
    )
    assert of(weekly, BEN, "log_clicks_so_far") == pytest.approx(np.log1p([0, 6, 6, 6]), abs=1e-4)


def test_ranks_are_among_those_who_are_registered_at_the_time() -> None:
    weekly = oulad.weekly(fictional.tables(), [HERE])

    assert of(weekly, ANA, "clicks_rank")[1] == pytest.approx(1 / 6, abs=1e-4)  # 4, 6 and 7 clicks
    assert of(weekly, CY, "clicks_rank")[1] == pytest.approx(5 / 6, abs=1e-4)
    assert of(weekly, ANA, "clicks_rank")[2] == 0.75  # Cy left on day 10
    assert np.isnan(of(weekly, CY, "clicks_rank")[2])


def test_assessments_count_from_the_day_they_are_handed_in_or_missed() -> None:
    weekly = oulad.weekly(fictional.tables(), [HERE])

    assert of(weekly, ANA, "tutor_mean")[1:] == [80, pytest.approx(62), pytest.approx(62)]
    assert of(weekly, ANA, "days_early")[1:] == [2, -1, -1]
    assert of(weekly, ANA, "n_late") == [0, 0, 1, 1]
    assert of(weekly, BEN, "n_missing") == [0, 0, 1, 1]
    assert of(weekly, BEN, "n_late") == [0, 1, 1, 1]
    assert of(weekly, BEN, "points")[1:] == [30, pytest.approx(12), pytest.approx(12)]
    assert of(weekly, CY, "n_missing") == [0, 1, 2, 2]
    assert of(weekly, ANA, "days_to_next") == [6, 6, 40, 40]


def test_only_students_still_registered_at_the_cut_are_counted() -> None:
    case = oulad_daily.case(fictional.tables(), (1, 2))

    assert case.weekly.student.tolist() == [ANA, BEN, CY]  # Dee left before the start
    assert case.counted[:, 1].tolist() == [True, True, True]
    assert case.counted[:, 2].tolist() == [True, True, False]
    assert not case.counted[:, 0].any()


def test_a_student_who_leaves_on_the_last_day_of_a_week_is_gone_at_its_end() -> None:
    tables = fictional.tables()
    for day, still in ((13.0, False), (14.0, True)):
        registration = tables.registration.copy()
        registration.loc[2, "date_unregistration"] = day
        weekly = oulad.weekly(replace(tables, registration=registration), [HERE])

        assert weekly.registered[2, 2] == still


@pytest.mark.parametrize("week", [1, 2, 3])
def test_what_comes_after_a_cut_changes_no_input(week: int) -> None:
    tables = fictional.tables()
    now = oulad.weekly(tables, [HERE])
    then = oulad.weekly(oulad.up_to(tables, 7 * week - 1), [HERE])

    assert np.array_equal(now.values[:, : week + 1], then.values[:, : week + 1], equal_nan=True)
    assert (now.registered[:, : week + 1] == then.registered[:, : week + 1]).all()


def test_the_day_of_the_cut_itself_is_seen() -> None:
    tables = fictional.tables()
    now = oulad.weekly(tables, [HERE])
    before = oulad.weekly(oulad.up_to(tables, 14), [HERE])  # Ana clicks on day 15, in week 3

    assert not np.array_equal(now.values[:, 3], before.values[:, 3], equal_nan=True)


def test_no_group_is_an_input() -> None:
    tables = fictional.tables()
    changed = tables.info.assign(
        gender="M", region="Wales", imd_band="90-100%", age_band="55<=", disability=True
    )

    one, other = (oulad.weekly(t, [HERE]).values for t in (tables, replace(tables, info=changed)))

    assert np.array_equal(one, other, equal_nan=True)


def test_the_rule_raises_a_flag_for_silence_a_failing_mean_and_a_missed_assessment() -> None:
    weekly = oulad.weekly(fictional.tables(), [HERE])

    flags = oulad_daily.flags(weekly)

    assert flags[weekly.student == ANA][0, :4].tolist() == [0, 0, 0, 0]
    assert flags[weekly.student == BEN][0, :4].tolist() == [1, 1, 3, 3]


def test_sums_are_taken_from_students_of_one_presentation_only() -> None:
    tables = fictional.tables()
    twice = tables.info[tables.info["id_student"] == BEN].assign(code_presentation="2014J")
    both = replace(tables, info=pd.concat([tables.info, twice]))

    alone, shared = oulad_sums.case(tables), oulad_sums.case(both)

    assert alone.weekly.student.tolist() == [ANA, BEN, DEE]  # whoever clicked, also who left
    assert shared.weekly.student.tolist() == [ANA, DEE]
    assert alone.weekly.values[0, 0, 0] == pytest.approx(np.log1p(15))
    assert alone.counted.tolist() == [[True, True], [True, True], [True, False]]


def test_beside_the_sums_no_input_tells_who_has_left() -> None:
    tables = fictional.tables()
    stays = replace(tables, registration=tables.registration.assign(date_unregistration=np.nan))

    left, stayed = (oulad_sums.case(each).weekly for each in (tables, stays))

    assert not np.array_equal(left.registered, stayed.registered)
    assert np.array_equal(left.values, stayed.values, equal_nan=True)
    assert sum(left.sizes) == len(left.names) == left.values.shape[2]


def test_hsls_shows_grade_11_in_the_second_step_only_and_never_sex_or_race() -> None:
    found = hsls.school(fictional.high_school())

    weekly = found.case.weekly
    assert weekly.at_risk.tolist() == [False, True]
    assert np.isnan(weekly.values[:, 0, -2:]).all()
    assert weekly.values[:, 1, -2:].tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert not [name for name in weekly.names if "SEX" in name or "RACE" in name]
    assert np.isnan(weekly.values[1, 1, weekly.names.index("mark_grade_8")])
    assert found.groups["race"].tolist() == ["a", "b"]


def test_recall_by_group_leaves_small_groups_out() -> None:
    score = np.arange(10) / 10
    positive = np.array([False, True] * 5)
    group = np.array(["a"] * 8 + ["b"] * 2, dtype=object)

    found = hsls.recall_by_group(score, positive, group, share=0.4, at_least=3)

    assert found == {"a": {"students": 8, "recall": 0.25, "false_positive_rate": 0.25}}


def test_sensitivity_is_read_at_the_given_specificity() -> None:
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.25, 0.35, 0.5])
    positive = np.array([False] * 4 + [True] * 3)

    assert indicators.sensitivity_at(score, positive, 0.75) == pytest.approx(1 / 3)
    assert indicators.of_flag(score > 0.3, positive) == (pytest.approx(2 / 3), 0.75)


def test_a_gap_in_recall_names_both_ends_and_its_interval_holds_it() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.array(["a", "b", "c"], dtype=object), 400)
    positive = rng.random(1200) < 0.5
    seen = np.select([group == "a", group == "b"], [0.9, 0.5], 0.1)  # of those at risk, at the top
    score = np.where(positive & (rng.random(1200) < seen), 1.0, 0.0) + rng.random(1200) / 2

    found = hsls.recall_gap(score, positive, group, share=float((score >= 1.0).mean()))

    assert (found["most"], found["least"]) == ("a", "c")
    assert found["low"] < found["difference"] < found["high"]
    assert found["difference"] == pytest.approx(0.8, abs=0.1)
    assert 0.02 < found["high"] - found["low"] < 0.2
