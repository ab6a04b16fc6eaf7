"""What the hub's own automations are told: for how many days there is access."""

from __future__ import annotations

from datetime import date
from typing import Final

from ccu_dashboard.domain.package import Packages
from ccu_dashboard.domain.warning import coverage_end
from cloudmatic_link.status import HubStatus

NO_ACCESS: Final = -1
MOST: Final = 36500


def days_left(status: HubStatus | None, packages: Packages | None, today: date) -> int:
    """Days until access ends, over all packages that follow each other; 0 on the last day.

    NO_ACCESS if there is none, or none is known of.
    """
    if status is not None and status.packages:
        end = coverage_end(status.packages, today)
    else:
        end = packages.active.last_day if packages else None
    if end is None:
        return NO_ACCESS
    return min(max((end - today).days, NO_ACCESS), MOST)
