"""Calendar days. A day is one in Berlin, wherever hub, portal and customer are."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")


def berlin_day(instant: datetime) -> date:
    """The day that the calendar in Berlin shows at `instant` (any time zone, never naive)."""
    return berlin_time(instant).date()


def berlin_time(instant: datetime) -> datetime:
    """`instant` as the clocks in Berlin show it."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(BERLIN)


def add_months(anchor: date, months: int) -> date:
    """The day `months` calendar months after `anchor`: its own number, or the month's last day.

    Always counted from the anchor, never from an earlier result: 31 January, 28 February,
    31 March. (The rule of § 188 BGB for periods of months.)
    """
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def last_day(anchor: date, months: int) -> date:
    """The last day of a term of `months` whose first day is `anchor`."""
    return add_months(anchor, months) - timedelta(days=1)


def berlin_instant(day: date, hour: int) -> datetime:
    """The instant (UTC) at which the clocks in Berlin show `hour` on `day`.

    Hours that the change to summer time skips (2 to 3) are not asked for.
    """
    return datetime.combine(day, time(hour), BERLIN).astimezone(UTC)
