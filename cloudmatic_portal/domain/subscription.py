"""Subscriptions: the same package and term, ordered anew at each end, on the anchor's calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.calendar import add_months, last_day
from cloudmatic_portal.domain.errors import SubscriptionCannot
from cloudmatic_portal.domain.money import Price

SubscriptionState = Literal["active", "paused", "cancelled"]
SUBSCRIPTION_STATES: Final[tuple[SubscriptionState, ...]] = get_args(SubscriptionState)
"""A paused one waits to be resumed; a cancelled one ends with the period that is ordered."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is ordered at each end, and what it costs: the price it was agreed at."""

    product: str
    months: int
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Period `first_number` begins on `anchor`; all others are counted from there.

    `free_months` come on top of the anchor's own period. `next_plan` is what the customer wants
    from the next period on.
    """

    subscription_id: int
    account_id: int
    state: SubscriptionState
    plan: Plan
    anchor: date
    first_number: int = 0
    free_months: int = 0
    next_plan: Plan | None = None

    def days(self, number: int) -> tuple[date, date]:
        """First and last day of period `number`, by the calendar of the anchor."""
        months = self.plan.months
        before = number - self.first_number
        offset = self.free_months + before * months if before else 0
        first = add_months(self.anchor, offset)
        return first, last_day(self.anchor, self.free_months + (before + 1) * months)

    def anchored(self, number: int, first: date) -> Subscription:
        """The same from period `number` on, which begins on `first`: with what was wanted next.

        Where nothing changes, the old anchor stays.
        """
        plan = self.next_plan or self.plan
        if plan == self.plan and self.days(number)[0] == first:
            return self
        return replace(
            self, plan=plan, next_plan=None, anchor=first, first_number=number, free_months=0
        )

    def moved(self, number: int, first: date) -> Subscription:
        """The same with period `number` and the calendar from there on beginning on `first`."""
        return replace(self, anchor=first, first_number=number, free_months=0)

    def require(self, *states: SubscriptionState) -> None:
        """Raises SubscriptionCannot unless it is in one of `states`."""
        if self.state not in states:
            raise SubscriptionCannot(self.subscription_id, self.state)
