"""What the hub's own automations are told: for how many days there is access."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from ccu_dashboard.domain.package import Packages
from ccu_dashboard.domain.warning import coverage_end
from cloudmatic_link.status import HubStatus

NO_ACCESS: Final = -1
MOST: Final = 36500

_LONGEST_QUIET: Final = timedelta(days=366)
_TOLERANCE: Final = timedelta(days=1)


def days_left(status: HubStatus | None, packages: Packages | None, today: date) -> int | None:
    """Days until access ends, over all packages that follow each other; 0 on the last day.

    NO_ACCESS if there is none; None if there is an account whose end nobody has told yet.
    """
    if status is not None and status.packages:
        end = coverage_end(status.packages, today)
    else:
        end = packages.active.last_day if packages else None
        if end is None and status is None and packages is not None:
            return None
    if end is None:
        return NO_ACCESS
    return min(max((end - today).days, NO_ACCESS), MOST)


def may_be_right(now: datetime, told_at: datetime | None) -> bool:
    """Whether a hub's own clock may say `now` when the portal's said `told_at` before.

    One that is behind it is wrong. One that is years ahead may be right, but then the portal has
    more to tell than is known here.
    """
    return told_at is None or -_TOLERANCE <= now - told_at <= _LONGEST_QUIET
