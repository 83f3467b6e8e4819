"""Two evaluations side by side, from reports written by hand."""

from edupulse_core.reports import pair
from edupulse_core.reports.blocks import Chart, Table
from tests import evaluation_report as reports


def test_curves_calibration_outcomes_and_inputs_of_both_stand_beside_each_other() -> None:
    both = [(name, reports.evaluation(version=name)) for name in ("first", "second")]

    made = pair.blocks((both[0], both[1]))

    charts = {each.title: each for each in made if isinstance(each, Chart)}
    assert {"Calibration", "ROC curve, any flag"} <= charts.keys()
    for chart in charts.values():
        assert [line.name.split()[0] for line in chart.lines[:2]] == ["first", "second"]
        assert {row[0] for row in chart.table.rows} == {"first", "second"}
    tables = {each.title: each for each in made if isinstance(each, Table)}
    inputs = tables["What each relies on most"]
    assert inputs.head == ("Input", "first", "second") and inputs.rows
    assert sum("what followed" in title for title in tables) == 2


def test_what_one_of_them_lacks_is_not_drawn() -> None:
    whole, few = reports.evaluation(), reports.evaluation(curves=None, importance=None)

    made = pair.blocks((("first", whole), ("second", few)))

    assert not any(each.title.startswith("ROC") for each in made if isinstance(each, Chart))
    assert "What each relies on most" not in [e.title for e in made if isinstance(e, Table)]
