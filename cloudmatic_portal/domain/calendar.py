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
    """The day after a term of `months` that began on `anchor`: its number, `months` later.

    In a month without that number, the first of the next one: a term that began on 31 January
    ends with 28 February (§ 188 II and III BGB), and the next one begins on 1 March. Always
    counted from the anchor, never from an earlier result: 31 January, 1 March, 31 March.
    """
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    days = calendar.monthrange(year, month + 1)[1]
    same = date(year, month + 1, min(anchor.day, days))
    return same if anchor.day <= days else same + timedelta(days=1)


def last_day(anchor: date, months: int) -> date:
    """The last day of a term of `months` whose first day is `anchor`."""
    return add_months(anchor, months) - timedelta(days=1)


def berlin_instant(day: date, hour: int) -> datetime:
    """The instant (UTC) at which the clocks in Berlin show `hour` on `day`.

    Hours that the change to summer time skips (2 to 3) are not asked for.
    """
    return datetime.combine(day, time(hour), BERLIN).astimezone(UTC)
