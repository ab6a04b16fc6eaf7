"""What was promised to a customer, told day by day and as plainly as possible.

Shares no code with the portal: months are counted on paper (§ 188 BGB), access is a dictionary of
days. What it says is compared with what the portal did.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def ends(first: date, months: int) -> date:
    """The last day of so many months from `first` on."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    if first.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, first.day) - DAY


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BERLIN)


@dataclass
class Deal:
    """A subscription: period `number` begins `months` after the one before it."""

    months: int
    anchor: date
    first_number: int = 0
    active: bool = True
    ordered: int = 0

    def days(self, number: int) -> tuple[date, date]:
        before = (number - self.first_number) * self.months
        first = ends(self.anchor, before) + DAY if before else self.anchor
        return first, ends(self.anchor, before + self.months)

    def begin(self, number: int, first: date) -> None:
        if self.days(number)[0] != first:
            self.anchor, self.first_number = first, number


@dataclass
class Bought:
    """An order: `deal` and `number` if it is a subscription's, `grace` while it may be used."""

    name: str
    months: int
    subscribes: bool
    state: str = "open"
    deal: Deal | None = None
    number: int = 0
    grace: tuple[date, date] | None = None


@dataclass
class Customer:
    """One account. `held` says for each day what lets its owner in."""

    held: dict[date, Any] = field(default_factory=dict)
    mails: set[tuple[Any, ...]] = field(default_factory=set)
    deals: list[Deal] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    waiting: list[list[Any]] = field(default_factory=list)
    told: dict[tuple[str, date], str] = field(default_factory=dict)

    def start_trial(self, today: date) -> None:
        self._hold((today, today + 29 * DAY), "trial")
        self._plan_reminders(today)

    def order(self, bought: Bought, today: date) -> Bought:
        self.orders.append(bought)
        self._later(at(today + 15 * DAY, 4), "expiry", bought)
        return bought

    def pay(self, bought: Bought, today: date) -> None:
        """Access begins today or after what there is; what was paid in time goes on seamlessly."""
        bought.state = "active"
        if bought.deal is not None and self._in_time(bought, today):
            first, last = bought.deal.days(bought.number)
            for day in self._span((first, last)):
                self.held[day] = bought
        else:
            first, last = self._next(bought.months, today)
            self._hold((first, last), bought)
            if bought.deal is not None:
                bought.deal.begin(bought.number, first)
            elif bought.subscribes:
                bought.deal = Deal(bought.months, first)
                self.deals.append(bought.deal)
        if bought.deal is not None:
            self._later(at(last, 4), "renewal", bought.deal, bought.number + 1, last)
        self._plan_reminders(today)

    def cancel(self, bought: Bought, today: date) -> None:
        bought.state = "cancelled"
        if bought.deal is None:
            return
        bought.deal.active = False
        if bought.grace is not None and max(self.held) <= bought.grace[1]:
            for day in self._span(bought.grace):
                if day > today and self.held.get(day) == ("grace", bought):
                    del self.held[day]

    def work(self, now: datetime) -> None:
        """Do what has been due until `now`, the earliest first."""
        while due := [each for each in self.waiting if each[0] <= now]:
            first = min(due, key=lambda each: each[0])
            self.waiting.remove(first)
            getattr(self, f"_do_{first[1]}")(*first[2:], now.astimezone(BERLIN).date())

    def covered_until(self, day: date) -> date | None:
        if day not in self.held:
            return None
        while day + DAY in self.held:
            day += DAY
        return day

    def _do_expiry(self, bought: Bought, _: date) -> None:
        if bought.state == "open":
            bought.state = "expired"

    def _do_renewal(self, deal: Deal, number: int, last: date, today: date) -> None:
        if not deal.active or deal.ordered >= number:
            return
        for begin in (last + DAY, today):
            until = self.covered_until(begin)
            if until is not None:
                self._later(at(until, 4), "renewal", deal, number, until)
                return
            deal.begin(number, begin)
            if deal.days(number)[1] >= today:
                break
        deal.ordered = number
        place = self.deals.index(deal)
        bought = Bought(f"{place}:{number}", deal.months, True, deal=deal, number=number)
        self.orders.append(bought)
        first, end = deal.days(number)
        bought.grace = (first, min(end, max(first, today) + 6 * DAY))
        for day in self._span(bought.grace):
            self.held.setdefault(day, ("grace", bought))
        for note, days in enumerate((3, 10), start=1):
            self._later(at(max(first, today) + days * DAY, 9), "note", bought, note)
        self.mails.add(("order_renewed", place, number))

    def _do_note(self, bought: Bought, note: int, _: date) -> None:
        if bought.state == "open":
            assert bought.deal is not None
            place = self.deals.index(bought.deal)
            self.mails.add(("payment_note", place, bought.number, note))

    def _do_reminder(self, kind: str, end: date, today: date) -> None:
        self.told[kind, end] = "dropped"
        holder = self.held.get(end)
        bought = holder[1] if isinstance(holder, tuple) else holder
        continues = isinstance(bought, Bought) and bought.deal is not None and bought.deal.active
        too_late = today > end or (kind == "reminder_early" and today == end)
        if not too_late and self.covered_until(today) == end and not continues:
            self.told[kind, end] = "done"
            self.mails.add((kind, end))

    def _plan_reminders(self, today: date) -> None:
        end = self.covered_until(today)
        if end is None:
            return
        days = {"reminder_last": end}
        if end - 5 * DAY > today:
            days["reminder_early"] = end - 5 * DAY
        for kind, day in days.items():
            if self.told.get((kind, end), "dropped") == "dropped":
                self.told[kind, end] = "waiting"
                self._later(at(day, 9), "reminder", kind, end)

    def _in_time(self, bought: Bought, today: date) -> bool:
        assert bought.deal is not None
        days = bought.deal.days(bought.number)
        own = ("grace", bought)
        in_grace = bought.grace is not None and bought.grace[1] >= today
        if bought.grace is None or not in_grace or days[0] != bought.grace[0]:
            return False
        return all(self.held.get(day, own) == own for day in self._span(days))

    def _next(self, months: int, today: date) -> tuple[date, date]:
        first = today
        while taken := [d for d in self._span((first, ends(first, months))) if d in self.held]:
            first = max(taken) + DAY
        return first, ends(first, months)

    def _hold(self, days: tuple[date, date], what: object) -> None:
        for day in self._span(days):
            assert day not in self.held
            self.held[day] = what

    def _later(self, when: datetime, kind: str, *what: object) -> None:
        self.waiting.append([when, kind, *what])

    @staticmethod
    def _span(days: tuple[date, date]) -> list[date]:
        return [days[0] + n * DAY for n in range((days[1] - days[0]).days + 1)]
