"""Goals that were reached, missed, or cannot be judged."""

from tests import evaluation_report as reports


def test_goals_say_how_many_groups_are_hidden_and_so_not_judged() -> None:
    found = reports.evaluation().goals

    assert [each.met for each in found] == [True, False, False, False, None]
    assert found[0].found.startswith("0.012 on 500 weeks") and "0.023" in found[0].found
    assert "1 of 2 groups; not grade “7”" in found[1].found
    assert "1 hidden group not judged" in found[1].found
    assert "lowest of 2 groups: 87.9% (grade “8”)" in found[2].found
    assert "school 12.3" in found[3].found


def test_of_so_few_students_that_all_is_hidden_no_goal_is_judged() -> None:
    found = reports.evaluation(**reports.hidden()).goals

    assert [each.met for each in found] == [None] * 5


def test_a_band_is_judged_by_its_groups_where_everyone_is_hidden() -> None:
    bands = reports.report()["bands"] | {"overall": {"hidden": True}}
    bands["groups"]["grade"][0]["rows"] = 200

    said = reports.evaluation(bands=bands).goals[2]

    assert said.found.startswith("lowest of 3 groups: 87.9% (grade “8”)")
    assert said.met is False
