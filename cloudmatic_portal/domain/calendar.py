"""Calendar days. A day is one in Berlin, wherever hub, portal and customer are."""

from __future__ import annotations

from datetime import date, datetime
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
