"""Goals that were reached, missed, or cannot be judged."""

from edupulse_core.families.risk.goals import goals
from tests import evaluation_report as reports


def test_goals_say_how_many_groups_are_hidden_and_so_not_judged() -> None:
    line = {"group": "a", "hidden": False, "met": True, "rows": 300, "coverage": {"value": 0.9}}
    dark = [{"group": name, "hidden": True} for name in "bc"]
    judged = {"limit": 0.0154, "judged_by": "limit", "met": False}
    whole = {"hidden": False, "ece": 0.0191, "rows": 6_654, "coverage": {"value": 0.9}, **judged}
    gap = {"recall": {"value": 0.01}, "fpr": {"value": 0.01}}
    found = {
        "calibration": {"overall": whole, "groups": {"team": [line, *dark]}},
        "bands": {"level": 0.9, "overall": whole, "groups": {"team": [line, dark[0]]}},
        "fairness": {"support": {"gaps": {"team": gap}, "groups": {"team": [line]}}},
    }

    said = [each["found"] for each in goals(found)]

    assert said[0] == "0.0191 on 6,654 weeks, range to 0.0154"
    assert "1 of 1 groups; not judged: 2 that are hidden" in said[1]
    assert said[2].endswith("of 1 groups; not judged: 1 that is hidden")
    assert said[3] == said[4] == "in points: team 1.0"


def test_of_so_few_students_that_all_is_hidden_no_goal_is_judged() -> None:
    found = goals(reports.hidden())

    assert [each["met"] for each in found] == [None] * 5
    assert found[0]["found"] == "the error would tell of fewer than 10 students"
    assert {each["found"] for each in found[1:]} == {
        "no group is large enough",
        "no groups are large enough to compare",
    }


def test_a_band_is_judged_by_its_groups_where_everyone_is_hidden() -> None:
    found = reports.report()
    found["bands"]["overall"] = {"hidden": True}
    found["bands"]["groups"]["grade"][0]["rows"] = 200

    said = goals(found)[2]

    assert said["found"].startswith("least 87.9 % (grade “08”), of 3 groups")
    assert said["met"] is False
