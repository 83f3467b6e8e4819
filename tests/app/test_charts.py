"""What the drawings claim: a line only where it is known."""

from datetime import date, timedelta

from app import charts

MONDAYS = [date(2026, 9, 7) + timedelta(weeks=n) for n in range(5)]


def test_the_lines_of_a_timeline_break_at_unknown_weeks() -> None:
    marks = [0.8, None, 0.6, 0.7, None]
    weeks = [
        {"week_start": monday, "attendance": mark, "score_mean": mark, "n_incidents": 0}
        for monday, mark in zip(MONDAYS, marks, strict=True)
    ]

    attendance, score, _ = charts.timeline(weeks).data

    for line in (attendance, score):
        assert line.y == (80, None, 60, 70, None)
        assert not line.connectgaps


def test_a_features_line_breaks_where_a_week_is_not_known() -> None:
    known = [(MONDAYS[0], 1.0), (MONDAYS[1], 2.0), (MONDAYS[4], 3.0)]

    (line,) = charts.feature_line(known, "Tardies", "Count").data

    assert line.y == (1.0, 2.0, None, 3.0)
    assert line.x == (*MONDAYS[:3], MONDAYS[4])
    assert not line.connectgaps
