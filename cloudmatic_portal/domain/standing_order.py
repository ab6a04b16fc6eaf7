"""The standing order that pays for a subscription: what a customer enters at the bank, once.

Banks execute on a day of the month, and at its end where a month is shorter: as the calendar of a
subscription does. The day is the first one of a period. Nothing is ordered before the period
ahead of it ends, and days of grace bridge weekends and transit times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.subscription import Plan, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """`amount` every `months` months, from `first_on` on.

    `later` is the plan whose price holds after the first execution, where it is another one.
    """

    amount: Money
    months: int
    first_on: date
    later: Plan | None

    @classmethod
    def of(cls, subscription: Subscription, *, ordered: int, waiting: bool, today: date) -> Self:
        """For a subscription whose latest ordered period is `ordered`, and is still `waiting` to
        be paid, or not.
        """
        plan, wanted = subscription.plan, subscription.next_plan
        begins = subscription.days(ordered if waiting else ordered + 1)[0]
        next_plan = plan if waiting or wanted is None else wanted
        return cls(
            amount=next_plan.price.gross,
            months=next_plan.months,
            first_on=max(begins, today),
            later=wanted if waiting else None,
        )
