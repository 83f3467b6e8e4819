"""When the weekly look at the reasons to train again is due: Sunday at 01:00 in the district."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

AT = time(1)  # on a Sunday, by the clock on the district's wall


def last_slot(now: datetime, zone: str) -> datetime:
    """The newest Sunday, 01:00, that is not after a moment; in UTC.

    Where clocks go back and 01:00 comes twice, the first one counts. Where they go forward over
    01:00, the hour that follows does.
    """
    place = ZoneInfo(zone)
    here = now.astimezone(place)
    sunday = here.date() - timedelta(days=(here.weekday() + 1) % 7)
    slot = datetime.combine(sunday, AT, place).astimezone(UTC)
    if slot > now:  # by hours that passed, not by the wall's
        slot = datetime.combine(sunday - timedelta(days=7), AT, place).astimezone(UTC)
    return slot


def is_due(now: datetime, last: datetime, zone: str) -> bool:
    """Whether a Sunday passed since the last look; a worker that was off catches up once.

    last: when the last look on schedule was; before any, when the first import was.
    """
    return last < last_slot(now, zone)
