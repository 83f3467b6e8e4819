"""A stationary district raises no alarm; what really moved does; a small school stays silent."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.config import load_settings
from edupulse_core.errors import ModelError
from edupulse_core.lifecycle import drift
from edupulse_core.lifecycle.drift import SCORE, WHOLE, Column, Moved, Week

FIRST = date(2024, 9, 2)  # a Monday
SCHOOLS = np.repeat(["large", "middle", "tiny"], [600, 200, 8])
INPUTS = 20


class District:
    """Students who stay much as they are from week to week, in a year that has seasons."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.level = self.rng.normal(size=(len(SCHOOLS), INPUTS))
        self.now = self.rng.normal(size=(len(SCHOOLS), INPUTS))

    def week(self, n: int) -> Week:
        self.now = 0.7 * self.now + 0.71 * self.rng.normal(size=self.now.shape)
        season = np.sin(2 * np.pi * (n % 52) / 52)
        values = self.level + self.now + season
        values[:, 0] = np.maximum(0, np.round(2 * values[:, 0]))  # counts, mostly none
        values[:, 1] = np.where(self.rng.random(len(SCHOOLS)) < 0.1, np.nan, values[:, 1])
        columns = {f"input_{at}": Column(values[:, at], SCHOOLS) for at in range(INPUTS)}
        score = 1 / (1 + np.exp(-values[:, 2:].mean(axis=1)))
        return Week(FIRST + timedelta(weeks=n), columns | {SCORE: Column(score, SCHOOLS)})


def drifts(reference: drift.Reference, week: Week) -> list[Moved]:
    return [each for each in drift.compare(reference, week) if each.is_drift]


@pytest.fixture(scope="module")
def district() -> District:
    return District(3)


@pytest.fixture(scope="module")
def reference(district: District) -> drift.Reference:
    return drift.counted("v", FIRST, [district.week(n) for n in range(52)])


def test_a_stationary_stream_of_52_weeks_raises_at_most_one_alarm(
    district: District, reference: drift.Reference
) -> None:
    weeks = [drifts(reference, district.week(n)) for n in range(52, 104)]

    assert sum(bool(found) for found in weeks) <= 1


def test_an_input_that_moved_at_one_school_is_found_there(
    district: District, reference: drift.Reference
) -> None:
    week = district.week(104)
    moved = week.columns["input_5"]
    values = np.where(SCHOOLS == "middle", moved.values + 1.2, moved.values)
    week = Week(week.monday, {**week.columns, "input_5": Column(values, SCHOOLS)})

    assert [(each.school, each.name) for each in drifts(reference, week)] == [("middle", "input_5")]


def test_a_school_of_8_raises_none_however_much_it_changed(
    district: District, reference: drift.Reference
) -> None:
    week = district.week(105)
    changed = {
        name: Column(np.where(SCHOOLS == "tiny", 50.0, each.values), SCHOOLS)
        for name, each in week.columns.items()
    }

    assert drifts(reference, Week(week.monday, changed)) == []
    assert "tiny" not in {each.school for each in drift.compare(reference, week)}


def test_a_week_without_the_same_time_of_another_year_is_not_compared(
    district: District,
) -> None:
    autumn = drift.counted("v", FIRST, [district.week(n) for n in range(12)])

    assert drift.compare(autumn, district.week(30)) == []
    assert {each.school for each in drift.compare(autumn, district.week(54))} == {
        WHOLE, "large", "middle",
    }  # fmt: skip


def test_a_reference_is_read_back_as_it_was_kept(
    tmp_path: Path, reference: drift.Reference, district: District
) -> None:
    settings = load_settings(home=tmp_path)
    drift.keep(settings, "risk", reference)

    found = drift.kept(settings, "risk", "v")

    assert found is not None
    week = district.week(106)
    assert drift.compare(found, week) == drift.compare(reference, week)


def test_a_damaged_reference_is_named(tmp_path: Path, reference: drift.Reference) -> None:
    settings = load_settings(home=tmp_path)
    path = drift.keep(settings, "risk", reference)
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(ModelError, match="the reference of v is damaged"):
        drift.kept(settings, "risk", "v")
