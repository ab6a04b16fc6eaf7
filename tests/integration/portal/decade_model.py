"""The promises about dates, told a second time: day by day, with sets of days, without a database.

It shares no code with the portal. One instance is one account. Each day the worker comes first (if
it is not down), then the customer.
"""

from __future__ import annotations

import calendar
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
GRACE, NOTES, PATIENCE = 7, (3, 10), 14


def after(anchor: date, months: int) -> date:
    """The day after a term: the same number, or the first of the next month if there is none."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if anchor.day <= calendar.monthrange(year, month)[1]:
        return date(year, month, anchor.day)
    return date(year, month + 1, 1)


def span(first: date, last: date) -> list[date]:
    return [first + DAY * number for number in range((last - first).days + 1)]


@dataclass(eq=False)
class Bill:
    """An order: for `months`, perhaps of a subscription and its period `number`."""

    product: str
    months: int
    made: date
    subscription: Subscribed | None = None
    number: int = 0
    state: str = "open"
    grace: tuple[date, date] | None = None
    notes: list[date] = field(default_factory=list)
    reference: str = ""


@dataclass(eq=False)
class Subscribed:
    product: str
    months: int
    anchor: date
    origin: int = 0
    state: str = "active"
    wanted: tuple[str, int] | None = None
    ordered: int = 0
    paid_until: date = date.min
    due: set[tuple[date, int]] = field(default_factory=set)
    number_in_database: int = 0

    def first(self, number: int) -> date:
        return after(self.anchor, (number - self.origin) * self.months)


class Customer:
    """What an account must have and must have been told by the end of each day."""

    def __init__(self) -> None:
        self.paid: set[date] = set()
        self.bills: list[Bill] = []
        self.watched: list[Bill] = []
        """Those that something may still become of."""
        self.given: set[date] = set()
        """The days of grace of all others."""
        self.subscriptions: list[Subscribed] = []
        self.mails: Counter[tuple[str, date, str]] = Counter()
        self.known: set[tuple[str, date]] = set()
        self.worked_until = date.min

    # What is covered

    @property
    def graces(self) -> set[date]:
        spans = [span(*bill.grace) for bill in self.bills if bill.grace]
        return {day for days in spans for day in days}

    @property
    def covered(self) -> set[date]:
        return self.paid | self.graces

    def is_covered(self, day: date) -> bool:
        if day in self.paid or day in self.given:
            return True
        return any(bill.grace and bill.grace[0] <= day <= bill.grace[1] for bill in self.watched)

    def end_from(self, day: date) -> date | None:
        if not self.is_covered(day):
            return None
        while self.is_covered(day + DAY):
            day += DAY
        return day

    def next_free(self, today: date, months: int) -> tuple[date, date]:
        """Where a term begins that is paid today: not before anything that is booked is over."""
        first = today
        covered = self.covered
        while taken := [
            each for each in span(first, after(first, months) - DAY) if each in covered
        ]:
            first = max(self._block_end(each) for each in taken[:1]) + DAY
        return first, after(first, months) - DAY

    def _block_end(self, day: date) -> date:
        end = self.end_from(day)
        assert end is not None
        return end

    # The worker

    def work(self, today: date, since: date) -> None:
        """All that has become due after `since`, in the calendar's order, done today."""
        self._look_away()
        for day in span(since + DAY, today):
            self._expire(day)
            self._renew(day, today)
            self._remind(day, today)
            self._note(day, today)

    def _look_away(self) -> None:
        for bill in self.watched:
            if bill.state in {"active", "cancelled"} and bill.grace:
                self.given |= set(span(*bill.grace))
        self.watched = [each for each in self.watched if each.state in {"open", "expired"}]

    def _expire(self, day: date) -> None:
        for bill in self.watched:
            late = bill.made + (PATIENCE + 1) * DAY == day
            if bill.state == "open" and bill.number == 0 and late:
                bill.state = "expired"

    def _renew(self, day: date, today: date) -> None:
        """Of several whose turn it is, the one whose own last period ended first goes first."""
        while turns := [
            (when, mine.paid_until, number, mine)
            for mine in self.subscriptions
            for when, number in mine.due
            if when <= day
        ]:
            when, _, number, mine = min(turns, key=lambda turn: turn[:3])
            mine.due.discard((when, number))
            if mine.state == "active" and mine.ordered < number:
                self._order(mine, number, when, today)

    def _order(self, mine: Subscribed, number: int, when: date, today: date) -> None:
        first = when + DAY
        kept = (mine.product, mine.months, mine.anchor, mine.origin)
        if mine.wanted and mine.wanted != (mine.product, mine.months):
            mine.product, mine.months = mine.wanted
            mine.anchor, mine.origin = first, number
        if mine.first(number) != first:
            mine.anchor, mine.origin = first, number
        if mine.first(number + 1) - DAY < today:
            mine.anchor, mine.origin = today, number
        first = mine.first(number)
        covered = self.covered
        taken = [each for each in span(first, mine.first(number + 1) - DAY) if each in covered]
        if taken:
            mine.product, mine.months, mine.anchor, mine.origin = kept
            mine.due.add((self._block_end(taken[0]), number))
            return
        mine.wanted = None
        begins = max(first, today)
        grace = min(mine.first(number + 1) - DAY, begins + (GRACE - 1) * DAY)
        bill = Bill(mine.product, mine.months, today, mine, number, grace=(first, grace))
        bill.notes = [begins + days * DAY for days in NOTES]
        mine.ordered = number
        self._add(bill)
        self.mails["order_renewed", today, ""] += 1

    def _remind(self, day: date, today: date) -> None:
        for kind, end in (("early", day + 5 * DAY), ("last", day)):
            late = today > end or (kind == "early" and today == end)
            if end not in self.paid or late or (kind, end) in self.known:
                continue
            if end + DAY in self.paid:
                continue
            if self.end_from(today) != end or self._goes_on():
                continue
            self.known.add((kind, end))
            self.mails["reminder", today, end.isoformat()] += 1

    def _goes_on(self) -> bool:
        return any(
            mine.state == "active" and any(number > mine.ordered for _, number in mine.due)
            for mine in self.subscriptions
        )

    def _note(self, day: date, today: date) -> None:
        for bill in self.watched:
            while bill.notes and bill.notes[0] <= day:
                bill.notes.pop(0)
                if bill.state in {"open", "expired"}:
                    self.mails["payment_note", today, ""] += 1

    def _add(self, bill: Bill) -> None:
        self.bills.append(bill)
        self.watched.append(bill)

    # The customer

    def buy(self, bill: Bill) -> None:
        self._add(bill)
        self.mails["order_confirmation", bill.made, ""] += 1

    def pay(self, bill: Bill, today: date) -> None:
        bill.state = "active"
        self.mails["order_active", today, ""] += 1
        mine = bill.subscription
        if mine is not None and bill.number and self._in_time(bill, today):
            days = mine.first(bill.number), mine.first(bill.number + 1) - DAY
            bill.grace = None
        else:
            days = self.next_free(today, bill.months)
            if mine is not None:
                mine.anchor, mine.origin = days[0], bill.number
        assert not self.paid & set(span(*days))
        self.paid |= set(span(*days))
        if mine is not None:
            if bill.number == 0:
                self.subscriptions.append(mine)
            mine.paid_until = days[1]
            mine.due.add((days[1], bill.number + 1))

    def _in_time(self, bill: Bill, today: date) -> bool:
        mine = bill.subscription
        assert mine is not None
        if bill.grace is None or bill.grace[1] < today or bill.grace[0] != mine.first(bill.number):
            return False
        own = set(span(*bill.grace))
        rest = set(span(bill.grace[0], mine.first(bill.number + 1) - DAY))
        return not rest & (self.covered - own)

    def cancel_bill(self, bill: Bill, today: date) -> None:
        bill.state = "cancelled"
        if bill.number == 0 or bill.subscription is None:
            return
        bill.subscription.state = "cancelled"
        if bill.grace and max(self.covered) <= bill.grace[1]:
            first, last = bill.grace
            bill.grace = (first, min(last, today)) if first <= today else None
            if today < last:
                self._bring_forward(today)

    def _bring_forward(self, today: date) -> None:
        """What the others waited for ends today."""
        for mine in self.subscriptions:
            if mine.state == "active" and mine.due:
                mine.due.add((today, max(number for _, number in mine.due)))

    def cancel(self, mine: Subscribed, today: date) -> None:
        for bill in self.bills:
            if bill.subscription is mine and bill.state in {"open", "expired"}:
                self.cancel_bill(bill, today)
        mine.state = "cancelled"

    def resume(self, mine: Subscribed, today: date) -> None:
        mine.state = "active"
        waits = any(
            bill.subscription is mine and bill.state in {"open", "expired"} for bill in self.watched
        )
        if not waits:
            mine.due.add((max(mine.paid_until, today - DAY), mine.ordered + 1))
