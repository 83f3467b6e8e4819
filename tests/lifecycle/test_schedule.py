"""Sunday at 01:00 on the district's wall, once a week, also when the clocks change."""

from datetime import UTC, datetime, timedelta

import pytest

from edupulse_core.lifecycle.schedule import is_due, last_slot

NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-29 05:59:59", "2026-11-22 06:00"),  # 00:59:59 on a Sunday in winter
        ("2026-11-29 06:00", "2026-11-29 06:00"),
        ("2026-12-05 23:00", "2026-11-29 06:00"),  # a Saturday
        ("2026-07-05 04:59", "2026-06-28 05:00"),
        ("2026-07-05 05:00", "2026-07-05 05:00"),  # in summer an hour earlier in UTC
    ],
)
def test_the_slot_is_sunday_at_1_on_the_districts_wall(now: str, slot: str) -> None:
    assert last_slot(utc(now), NEW_YORK) == utc(slot)


def test_the_night_that_has_01_00_twice_has_one_slot() -> None:
    twice = [utc("2026-11-01 05:00"), utc("2026-11-01 05:30"), utc("2026-11-01 06:30")]

    assert {last_slot(now, NEW_YORK) for now in twice} == {utc("2026-11-01 05:00")}


def test_the_night_that_has_no_01_00_still_has_a_slot() -> None:
    before = utc("2026-03-29 00:59")  # in London clocks go from 01:00 to 02:00

    assert last_slot(before, "Europe/London") == utc("2026-03-22 01:00")
    assert last_slot(utc("2026-03-29 01:00"), "Europe/London") == utc("2026-03-29 01:00")


@pytest.mark.parametrize("zone", [NEW_YORK, "Europe/London", "Asia/Tokyo", "Pacific/Honolulu"])
def test_a_worker_that_looks_every_hour_for_a_year_is_due_once_a_week(zone: str) -> None:
    now, last, looks = utc("2026-01-01 00:00"), utc("2026-01-01 00:00"), []

    while now < utc("2027-01-01 00:00"):
        if is_due(now, last, zone):
            looks.append(now)
            last = now
        now += timedelta(hours=1)

    assert len(looks) == 52
    assert {(later - each).days for each, later in zip(looks, looks[1:], strict=False)} <= {6, 7}


def test_a_worker_that_was_off_catches_up_once() -> None:
    last = utc("2026-11-01 05:00")
    monday = utc("2026-11-23 15:00")

    assert is_due(monday, last, NEW_YORK)
    assert not is_due(monday + timedelta(days=5), monday, NEW_YORK)


def test_a_new_home_waits_for_its_first_sunday() -> None:
    imported = utc("2026-11-29 15:00")  # a Sunday afternoon

    assert not is_due(utc("2026-12-06 05:59"), imported, NEW_YORK)
    assert is_due(utc("2026-12-06 06:00"), imported, NEW_YORK)
