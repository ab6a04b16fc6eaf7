"""What the dashboard warns of: an end that is near, an end that has come, a late payment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from cloudmatic_link.status import HubStatus, PackageStatus

STEPS: Final = (1, 5, 14)
"""Days before the end from which the warning gets more urgent."""


class Urgency(StrEnum):
    """How a warning looks."""

    HINT = "hint"
    SOON = "soon"
    NOW = "now"


class Topic(StrEnum):
    """What a warning is about."""

    ENDS = "ends"
    EXPIRED = "expired"
    GRACE = "grace"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801  Python has a Warning of its own
    """`day` is the last day of access: to come, over, or the end of the days of grace."""

    topic: Topic
    urgency: Urgency
    day: date
    days_left: int


def coverage_end(periods: Iterable[PackageStatus], today: date) -> date | None:
    """The last day of the unbroken run of periods from `today` on, whatever their products."""
    end: date | None = None
    for period in sorted(periods, key=lambda each: (each.first_day, each.last_day)):
        day = today if end is None else end + timedelta(days=1)
        if period.first_day <= day <= period.last_day:
            end = period.last_day
    return end


def warning(status: HubStatus, today: date) -> Warning_ | None:
    """The one that matters most today, if any.

    A subscription goes on by itself: nothing is said of its end unless a payment is late.
    """
    grace = next((each for each in status.packages if each.grace and each.last_day >= today), None)
    if grace is not None and grace.first_day <= today:
        return _warn(Topic.GRACE, grace.last_day, today)
    end = coverage_end(status.packages, today)
    if end is None:
        over = [each.last_day for each in status.packages if each.last_day < today]
        return Warning_(Topic.EXPIRED, Urgency.NOW, max(over), 0) if over else None
    if any(each.state == "active" and each.waiting is None for each in status.subscriptions):
        return None
    if any(each.state == "active" for each in status.subscriptions):
        late = any(each.late for each in status.orders)
        return _warn(Topic.LATE, end, today) if late else None
    return _warn(Topic.ENDS, end, today)


def _warn(topic: Topic, day: date, today: date) -> Warning_ | None:
    left = (day - today).days
    if topic is Topic.ENDS and left > STEPS[-1]:
        return None
    urgency = (
        Urgency.NOW if left <= STEPS[0] else Urgency.SOON if left <= STEPS[1] else Urgency.HINT
    )
    return Warning_(topic, urgency, day, left)
