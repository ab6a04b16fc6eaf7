"""How soon the portal is asked again after it has answered (DESIGN.md, section 4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from cloudmatic_link.status import HubStatus

HURRIED_PAUSE: Final = 7.0
"""From one question to the next after a booking click. The design has 10 s; with the time that a
question takes and that of the page, 7 s let a payment be seen within these 10.
"""

HURRY_SECONDS: Final = 15 * 60.0
NEAR_PAUSE: Final = 3 * 3600.0
USUAL_PAUSE: Final = 12 * 3600.0
QUIET_PAUSE: Final = 24 * 3600.0

_NEAR: Final = timedelta(days=14)
_LONG: Final = timedelta(days=30)


def pause_after(status: HubStatus | None, today: date) -> float:
    """Seconds until the next question: 3 h while something is about to happen (an order waits, an
    end or a beginning is near), 24 h where nothing has run for a month, else 12 h.
    """
    if status is None or status.orders:
        return NEAR_PAUSE
    days = [day for each in status.packages for day in (each.first_day, each.last_day)]
    if any(abs(day - today) <= _NEAR for day in days):
        return NEAR_PAUSE
    running = any(each.last_day >= today - _LONG for each in status.packages)
    return USUAL_PAUSE if running else QUIET_PAUSE
