"""What the drawings claim: a line only where it is known."""

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from app import charts

MONDAYS = [date(2026, 9, 7) + timedelta(weeks=n) for n in range(5)]


def checked(figure: Any) -> Any:
    """The figure with every property checked, which charts leave out to be quick."""
    return go.Figure(figure.to_dict())


def test_the_lines_of_a_timeline_break_at_unknown_weeks() -> None:
    marks = [0.8, None, 0.6, 0.7, None]
    weeks = [
        {"week_start": monday, "attendance": mark, "score_mean": mark, "n_incidents": 0}
        for monday, mark in zip(MONDAYS, marks, strict=True)
    ]

    attendance, score, _ = checked(charts.timeline(weeks)).data

    for line in (attendance, score):
        assert line.y == (80, None, 60, 70, None)
        assert not line.connectgaps


def test_a_features_line_breaks_where_a_week_is_not_known() -> None:
    known = [(MONDAYS[0], 1.0), (MONDAYS[1], 2.0), (MONDAYS[4], 3.0)]

    (line,) = checked(charts.feature_line(known, "Tardies", "Count")).data

    assert line.y == (1.0, 2.0, None, 3.0)
    assert line.x == (*MONDAYS[:3], MONDAYS[4])
    assert not line.connectgaps


def test_the_other_charts_hold_what_they_are_given() -> None:
    weeks = ["Sep 7, 2026", "Sep 14, 2026"]
    history = [{"epoch": n, "train_loss": 1 / n, "validation_loss": 2 / n} for n in (1, 2)]

    looked = checked(charts.attention([[1.0, 0.0], [0.5, 0.5]], weeks)).data[0]
    moved = checked(charts.attributions([[0.1, -0.2]], ["Tardies"], weeks, "Why", 0.2)).data[0]
    fell = checked(charts.losses(history)).data[0]

    assert list(looked.z[1]) == [0.5, 0.5]
    assert list(moved.z[1]) == [0.1, -0.2]
    assert list(fell.y) == [1.0, 0.5]
