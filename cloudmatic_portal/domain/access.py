"""Who may use what, from which day to which: access periods and the coverage they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class AccessPeriod:
    """`product` is usable from `first_day` to the end of `last_day`."""

    first_day: date
    last_day: date
    product: str
    name: str
    trial: bool = False

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError("a period ends on the day it begins, or later")

    def runs_on(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def overlaps(self, other: AccessPeriod) -> bool:
        return self.first_day <= other.last_day and other.first_day <= self.last_day

    def days_left(self, today: date) -> int:
        """Days after `today` on which the period still runs; 0 on its last day."""
        return max(0, (self.last_day - today).days)


def coverage_end(periods: Iterable[AccessPeriod], product: str, today: date) -> date | None:
    """The last day of the unbroken run of periods of `product` from `today` on, or None.

    Periods that follow each other day by day count as one run, a trial like any other.
    """
    end: date | None = None
    for period in sorted(each for each in periods if each.product == product):
        if period.runs_on(today if end is None else end + timedelta(days=1)):
            end = period.last_day
    return end
