from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from edupulse_core.config import AttendanceRules, OutcomeRules
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families.family import unseen
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk import tiers
from edupulse_core.families.risk.examples import Examples, Oracle

FIRST = date(2024, 9, 2)


def mondays(n: int, start: date = FIRST) -> list[date]:
    return [start + timedelta(weeks=w) for w in range(n)]


def examples(n_students: int = 200, weeks: list[date] | None = None) -> Examples:
    weeks = weeks or mondays(60)
    n = n_students * len(weeks)
    return Examples(
        np.zeros((n, 1, 42), dtype=np.float32),
        np.ones((n, 1), dtype=bool),
        np.repeat([f"S{i:03}" for i in range(n_students)], len(weeks)),
        np.tile(np.array(weeks, dtype="datetime64[D]"), n_students),
        np.tile([0.0, 0.3, 0.7, 1.0], n)[:n],
    )


def test_no_student_and_no_future_week_crosses_the_three_parts() -> None:
    split = risk_examples.three_way(examples(), [mondays(69)], horizon=9)

    parts = [split.train, split.validation, split.test]
    for earlier, later in zip(parts, parts[1:], strict=False):
        over = earlier.weeks.max() + np.timedelta64(7 * 9, "D")  # its outcomes' last week
        assert over < later.weeks.min()
    students = [set(part.students) for part in parts]
    assert not (students[0] & students[1] or students[1] & students[2] or students[0] & students[2])
    assert all(len(part) for part in parts)
    assert len(students[0]) > len(students[1]) + len(students[2])


def test_outcomes_end_by_instructional_weeks_so_a_summer_does_not_count() -> None:
    second = mondays(40, date(2025, 9, 1))
    calendar = [*mondays(40), *second]
    weeks = [*mondays(31), *second[:31]]

    split = risk_examples.three_way(examples(weeks=weeks), [calendar], horizon=9)

    assert split.test.weeks.min() >= np.datetime64("2025-09-01")
    gap = calendar.index(split.validation.weeks.min().item())
    assert calendar.index(split.train.weeks.max().item()) + 9 < gap


def test_the_school_that_is_closed_longest_decides_when_outcomes_are_over() -> None:
    open_all_the_time = mondays(69)
    closed_in_winter = [*mondays(69)[:20], *mondays(69)[26:]]

    split = risk_examples.three_way(examples(), [open_all_the_time, closed_in_winter], horizon=9)

    last = max(set(closed_in_winter) & set(split.train.weeks.tolist()))
    over = closed_in_winter[closed_in_winter.index(last) + 9]
    assert over < split.validation.weeks.min().item()


def test_the_split_is_the_same_again_and_adding_students_moves_no_one() -> None:
    few = risk_examples.three_way(examples(200), [mondays(69)])
    many = risk_examples.three_way(examples(300), [mondays(69)])

    assert set(few.test.students) <= set(many.test.students)
    assert set(few.train.students) <= set(many.train.students)


def test_unseen_rows_are_later_than_training_and_of_other_students() -> None:
    given = examples()
    split = risk_examples.three_way(given, [mondays(69)])

    found = unseen(given, split)

    assert not set(found.students) & set(split.train.students)
    assert found.weeks.min() == split.validation.weeks.min()
    assert len(found) > len(split.validation) + len(split.test)


def test_students_who_came_late_are_tested_on_rather_than_lost() -> None:
    early, late = examples(100, mondays(60)), examples(50, mondays(12, date(2025, 8, 11)))
    both = risk_examples.together([early, late])

    split = risk_examples.three_way(both, [mondays(69)])

    assert sum(name.startswith("1/") for name in np.unique(split.test.students)) == 50


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(RefusedError, match="12 weeks only"):
        risk_examples.three_way(examples(weeks=mondays(12)), [mondays(21)])


def test_too_few_students_are_refused() -> None:
    with pytest.raises(RefusedError, match="student-weeks to"):
        risk_examples.three_way(examples(3), [mondays(69)])


def test_tiers_are_the_contracts_bands() -> None:
    severity = np.array([0.0, 0.3, 0.4, 0.6, 0.3 + 0.4, 1.0])

    assert tiers.places_of(severity, OutcomeRules()).tolist() == [0, 1, 1, 2, 2, 3]


def test_districts_together_share_no_student() -> None:
    both = risk_examples.together([examples(5), examples(5)])

    assert len(np.unique(both.students)) == 10
    assert len(both) == 2 * len(examples(5))


def test_targets_are_what_happened_unless_the_oracle_is_known() -> None:
    severity, tiers = examples(1).targets()

    assert severity[:4].tolist() == pytest.approx([0.0, 0.3, 0.7, 1.0])
    assert tiers[:4].argmax(dim=1).tolist() == [0, 1, 2, 3]


def test_outcomes_targets_and_the_plain_rule_are_in_the_districts_own_levels() -> None:
    own = replace(examples(1), rules=OutcomeRules(tiers=(0.35, 0.5, 0.6)))

    rule = risk_report.others(own, None, AttendanceRules())["abc_rule"]

    assert own.actual.tier[:4].tolist() == [0, 0, 3, 3]
    assert own.of(np.arange(4)).targets()[1].argmax(dim=1).tolist() == [0, 0, 3, 3]
    assert set(rule.tier.tolist()) == {0}  # nothing but zeros is known


def test_the_oracles_tiers_keep_its_probabilities_and_severity() -> None:
    oracle = Oracle(np.array([0.5]), np.array([0.8]), np.array([0.5]))

    tiers = oracle.expected.tiers[0]

    assert tiers.sum() == pytest.approx(1)
    assert tiers[0] == pytest.approx(0.2)
    assert tiers[2] + tiers[3] == pytest.approx(0.5)
    assert tiers @ [0, 0.35, 0.66, 1.0] == pytest.approx(0.5)


def test_the_truth_is_matched_by_student_and_week(tmp_path: Path) -> None:
    given = examples(2)
    rows = [(given.students[5], given.weeks[5].item(), 0.25), ("S999", FIRST, 0.5)]
    columns = {
        "student_id": [r[0] for r in rows],
        "week_start": pa.array([r[1] for r in rows], pa.date32()),
        "severity": [r[2] for r in rows],
        "p_any": [0.6, 0.6],
        "p_high": [0.1, 0.1],
    }
    parquet.write_table(pa.table(columns), tmp_path / "risk.parquet")

    known, oracle = risk_examples.with_truth(given, tmp_path)

    assert (known.students.tolist(), known.weeks.tolist()) == ([rows[0][0]], [rows[0][1]])
    assert oracle.severity.tolist() == [0.25]
    with pytest.raises(RefusedError, match="another district"):
        risk_examples.with_truth(given.of(np.arange(4)), tmp_path)


def test_a_real_district_has_no_truth(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="truth"):
        risk_examples.with_truth(examples(1), tmp_path)
