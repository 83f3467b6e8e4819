"""What an evaluation says, as sections, from a report written by hand."""

from typing import Any

from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Block, Chart, Table, Text
from edupulse_core.reports.evaluation import summary
from edupulse_core.reports.risk import evaluation
from edupulse_core.reports.risk.groups import GRADE_TODAY
from edupulse_core.reports.risk.importance import SEEDS
from edupulse_core.reports.risk.score import UNTOLD
from tests import evaluation_report as reports


def blocks(report: dict[str, Any]) -> list[Block]:
    found = reports.evaluation(**report)
    return [b for part in evaluation.sections(found) for b in reports.every(part.blocks)]


def tables(report: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Each table's rows as texts."""
    return {
        block.title: [[str(cell) for cell in row] for row in block.rows]
        for block in blocks(report)
        if isinstance(block, Table)
    }


def texts(report: dict[str, Any]) -> str:
    return "\n".join(block.text for block in blocks(report) if isinstance(block, Text))


def test_each_group_has_its_calibration_bands_and_alarms_with_intervals() -> None:
    found = tables({})

    assert found["Calibration by school"][1] == [
        reports.EVIL, "+0.010 (−0.040 to +0.060)", "0.012", "0.023", "✓ in range", "60",
    ]  # fmt: skip
    assert found["Ranges of levels by school"][0] == [
        "Everyone", "92% (87 to 97)", "✓ in range", "1.7", "8%", "60",
    ]  # fmt: skip
    assert found["Alarms by school"][0] == [
        "Everyone", "20% (15 to 25)", "47% (42 to 52)", "6% (1 to 11)", "34% (29 to 39)",
        "20% (15 to 25)", "60",
    ]  # fmt: skip
    assert found["Alarms by school, counts"][0] == ["Everyone", "100", "80", "20", "90", "60"]


def test_a_hidden_group_is_named_and_nothing_more() -> None:
    for title in ("Calibration by school", "Ranges of levels by school", "Alarms by school"):
        name, *cells = tables({})[title][-1]

        assert name == "Small School" and set(cells) == {figures.HIDDEN}


def test_who_is_out_of_range_or_too_few_to_say_is_said_in_words() -> None:
    found = tables({})

    assert found["Calibration by grade today"][1][0] == "7"
    assert found["Calibration by grade today"][1][4] == "✗ out of range"
    bands = found["Ranges of levels by grade today"]
    assert [row[2] for row in bands[1:]] == ["– (too few)", "✗ out of range"]


def test_where_students_may_be_in_two_groups_weeks_are_counted() -> None:
    bands = reports.report()["bands"]
    bands["groups"]["school"][0] |= {"rows": 4321, "students": None}

    found = [b for b in blocks({"bands": bands}) if isinstance(b, Table)]
    (table,) = [each for each in found if each.title == "Ranges of levels by school"]

    assert table.head[-1] == "Weeks"
    assert [str(row[-1]) for row in table.rows] == ["500", "4,321", figures.HIDDEN]


def test_a_gap_stands_in_points_beside_what_chance_and_the_oracle_make() -> None:
    alarm = reports.alarm()
    alarm["gaps"]["school"]["fpr"] = reports.gap(0.3) | {"implied": -0.0001}

    found = tables({"fairness": {"support": alarm}})
    recall, fpr = (rows for name, rows in found.items() if name.startswith("Gaps"))

    both = [reports.EVIL, "B", "20.0"]
    oracle = ["11.1 (6.1 to 16.1)"] * 2
    assert recall == [["School", "12.3 (7.3 to 17.3)", *both, "no", "10.0", *oracle]]
    assert fpr == [["School", "30.0 (25.0 to 35.0)", *both, "yes", "0.0", "–", "–"]]
    alone = tables({"ceiling": None})
    assert [len(rows[0]) for name, rows in alone.items() if name.startswith("Gaps")] == [7]


def test_too_few_groups_to_compare_are_said() -> None:
    assert "too few groups to compare by school" in texts({})


def test_how_right_each_level_is_stands_with_intervals() -> None:
    rates, counts = (
        rows for name, rows in tables({}).items() if "by the level that was shown" in name
    )

    shares = ["80% (75 to 85)", "88% (83 to 93)", "84% (79 to 89)"]
    assert rates[0] == ["Low", *shares, "114", "103"]
    assert counts[2] == ["High or Critical", "0 (0%)", "15 (25%)", "27 (45%)", "18 (30%)", "60"]


def test_curves_are_drawn_for_both_outcomes_with_the_same_numbers_as_a_table() -> None:
    _, roc, precision = (block for block in blocks({}) if isinstance(block, Chart))

    assert [line.name for line in roc.lines] == ["By chance", "Any flag", "High or Critical"]
    assert roc.lines[1].points == [(0, 0), (0.1, 0.5), (1.0, 1.0)]
    assert precision.lines[0].points == [(0.5, 0.8), (1.0, 0.3)]
    assert roc.table.rows[0] == ("0.500", "10.0%", "50.0%", "10.0%", "50.0%")
    assert tables({})["Area under each curve"][0] == ["Any flag", "0.85", "0.70", "30%"]


def test_of_so_few_students_that_all_is_hidden_the_page_says_why() -> None:
    hidden = reports.hidden()
    found = tables(hidden)

    for title in ("Calibration by school", "Ranges of levels by school", "Alarms by school"):
        assert all(set(row[1:]) == {figures.HIDDEN} for row in found[title])
    assert texts(hidden).count(UNTOLD) == 2
    assert not [block for block in blocks(hidden) if isinstance(block, Chart)]
    assert f"curves: {figures.HIDDEN}" in texts(hidden)
    assert "30.0%" not in texts(hidden)
    compared = {row[0]: row[1:] for row in found["The model compared with simpler methods"]}
    assert set(compared["Found at the top of the list, any flag"]) == {figures.HIDDEN}
    assert set(compared["AUC, any flag"]) == {"0.50"}


def test_a_curve_of_fewer_parts_says_why() -> None:
    calibration = reports.report()["calibration"]
    calibration["curve"] = calibration["curve"][:3]

    assert "in 10 parts of equal size, by score." in texts({})
    assert "in 3 parts of equal size, by score: with more" in texts({"calibration": calibration})


def test_a_version_without_bands_says_so() -> None:
    assert "saved without ranges" in texts({"bands": None})
    assert "Ranges of levels by school" not in tables({"bands": None})


def test_importance_stands_by_part_with_its_spread_and_by_grade() -> None:
    weighed = reports.importance()
    weighed["permutation"] = {
        kind: dict(zip(sizes, (-0.001, 0.02), strict=True))
        for kind, sizes in weighed["gradient"].items()
    }

    found = tables({"importance": weighed})

    assert found["Importance by group of numbers"] == [
        ["Grades", "0.40", "0.020 ± 0.002"],
        ["Absence", "0.20", "−0.001 ± 0.002"],
    ]
    assert found["Importance by week"][0][0] == "The last week"
    by_grade = found["Attribution (log odds) of each group of numbers, by grade"]
    assert by_grade == [["7", "0.40", "0.20"]]
    said = texts({"importance": weighed})
    assert "Hidden: grade 8." in said and "10 swaps" in said


def test_that_grades_are_todays_is_said_where_grades_are_compared() -> None:
    assert texts({}).count(GRADE_TODAY) == 2
    assert texts({"importance": None}).count(GRADE_TODAY) == 1


def test_that_other_trainings_weigh_alike_is_pointed_to_where_it_was_measured() -> None:
    def said(*measured: dict[str, Any]) -> str:
        sections = evaluation.sections(reports.evaluation(), measured)
        return "".join(b.text for s in sections for b in s.blocks if isinstance(b, Text))

    assert SEEDS in said(reports.EXPLAINED) and SEEDS not in said()


def test_a_terminal_is_shown_goals_levels_and_areas() -> None:
    goals, levels, areas = summary("risk", reports.evaluation())

    assert [row[0] for row in goals.rows] == ["Reached", "Missed", "Missed", "Missed", "Not judged"]
    assert levels.head[1:4] == ("Precision", "Recall", "F1")
    assert [row[0] for row in areas.rows] == ["Any flag", "High or Critical"]
    assert len(summary("risk", reports.evaluation(**reports.hidden()))) == 1
