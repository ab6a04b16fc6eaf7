"""What the operator looks at to see how it goes: access, income, what ends, what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.calendar import add_months
from cloudmatic_portal.domain.money import Money

MONTHS: Final = 12
"""Of income, this one and those before it."""
WEEKS: Final = 12
"""Of what ends, from today on."""

DueSpan = Literal["overdue", "week", "fortnight", "later"]
DUE_SPANS: Final[tuple[DueSpan, ...]] = get_args(DueSpan)
"""When open orders are to be paid: before today, within seven days, in the seven days after them,
later.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveAccess:
    """How many accounts may use a product today: because they `bought` it, or as a `trial`."""

    name: str
    bought: int
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """What arrived in the month that begins on `first`, and what was paid out or taken back in it.

    Of one currency: the euro.
    """

    first: date
    received: Money
    gone: Money

    @property
    def left(self) -> Money:
        return self.received - self.gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many came in by hubs' signed links, and confirmed it, in the month that begins on
    `first`; how many of them `ordered`, and how many `paid` for that, whenever.

    `counted`: some of the month lies behind the beginning of counting. Of an account that was
    deleted nobody knows any more that its order came from there.
    """

    first: date
    counted: bool
    entered: int
    ordered: int
    paid: int


OrderWay = Literal["login", "hub", "mail", "link"]
ORDER_WAYS: Final[tuple[OrderWay, ...]] = get_args(OrderWay)
"""How somebody came who ordered; "link" is by one of which it is not known whether it was a hub's
or a mail's: it was before that was counted, or the account has been deleted.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders that customers made, not their subscriptions, in the month that begins on `first`:
    how many, and how many of them are `paid`, by the way in.
    """

    first: date
    made: Mapping[OrderWay, int]
    paid: Mapping[OrderWay, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How many accounts have access for the last time in the seven days from `first` on.

    Those that `renew` have a subscription that goes on if its next period is paid.
    """

    first: date
    ends: int
    renew: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAmount:
    """What is still to pay of the open orders that are due then."""

    span: DueSpan
    orders: int
    amount: Money


def months(today: date) -> tuple[date, ...]:
    """The first days of the last `MONTHS` months, the earliest first, and of the next one."""
    this = today.replace(day=1)
    return tuple(add_months(this, number) for number in range(1 - MONTHS, 2))


def weeks(today: date) -> tuple[date, ...]:
    """The first days of the next `WEEKS` weeks, and the day after them."""
    return tuple(today + timedelta(weeks=number) for number in range(WEEKS + 1))


def due_bounds(today: date) -> tuple[date, ...]:
    """The days on which all but the first of `DUE_SPANS` begin."""
    return tuple(today + timedelta(weeks=number) for number in range(len(DUE_SPANS) - 1))
