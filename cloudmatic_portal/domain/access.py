"""Who may use what, from which day to which: access periods and the coverage they make."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from cloudmatic_portal.domain.calendar import last_day


@dataclass(frozen=True, slots=True, order=True)
class AccessPeriod:
    """`product` is usable from `first_day` to the end of `last_day`; `grace`: unpaid so far."""

    first_day: date
    last_day: date
    product: str
    name: str
    trial: bool = False
    grace: bool = field(default=False, compare=False)

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


def coverage_end(periods: Iterable[AccessPeriod], today: date) -> date | None:
    """The last day of the unbroken run of periods from `today` on, or None.

    Periods that follow each other day by day count as one run, whatever their products are and
    a trial like any other: an account without a gap needs no reminder.
    """
    end: date | None = None
    for period in sorted(periods):
        day = today if end is None else end + timedelta(days=1)
        if period.first_day <= day <= period.last_day:
            end = period.last_day
    return end


def next_days(periods: Collection[AccessPeriod], months: int, today: date) -> tuple[date, date]:
    """First and last day of a term of `months` booked now: today, or the day after coverage ends.

    If something that is booked already begins before the term would end, the term follows that.
    """
    first = today
    for period in sorted(periods):
        if first <= period.last_day and period.first_day <= last_day(first, months):
            first = period.last_day + timedelta(days=1)
    return first, last_day(first, months)
