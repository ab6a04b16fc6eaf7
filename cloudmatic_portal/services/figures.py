"""How it goes, in figures for the operator's overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import figures as days
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.figures import (
    DUE_SPANS,
    ORDER_WAYS,
    ActiveAccess,
    Ending,
    Funnel,
    Income,
    OpenAmount,
    Orders,
)
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.storage import entry as stored_entry
from cloudmatic_portal.storage import figures as stored
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of today; `income` is for those only who see money, and empty for others.

    Entries by links are counted since the day `entries_since`.
    """

    active: tuple[ActiveAccess, ...]
    endings: tuple[Ending, ...]
    open_amounts: tuple[OpenAmount, ...]
    funnels: tuple[Funnel, ...]
    orders: tuple[Orders, ...]
    entries_since: date
    income: tuple[Income, ...] = ()

    @property
    def open_orders(self) -> int:
        return sum(each.orders for each in self.open_amounts)

    @property
    def open_amount(self) -> Money:
        return sum((each.amount for each in self.open_amounts), Money(0))


async def measure(database: Database, today: date, *, with_income: bool) -> Figures:
    """Count and sum up, as of `today`."""
    async with database.reading() as connection:
        since = berlin_day(await stored_entry.since(connection))
        return Figures(
            active=await stored.active_access(connection, today),
            endings=await _endings(connection, today),
            open_amounts=await _open_amounts(connection, today),
            funnels=await _funnels(connection, today, since),
            orders=await _orders(connection, today),
            entries_since=since,
            income=await _income(connection, today) if with_income else (),
        )


async def _funnels(connection: AsyncConnection, today: date, since: date) -> tuple[Funnel, ...]:
    firsts = days.months(today)
    entered = await stored.entered(connection, firsts)
    converted = await stored.converted(connection, firsts)
    return tuple(
        Funnel(
            first=first,
            counted=firsts[place + 1] > since,
            entered=entered.get(place, 0),
            ordered=ordered,
            paid=paid,
        )
        for place, first in enumerate(firsts[:-1])
        for ordered, paid in (converted.get(place, (0, 0)),)
    )


async def _orders(connection: AsyncConnection, today: date) -> tuple[Orders, ...]:
    firsts = days.months(today)
    found = await stored.ordered(connection, firsts)
    return tuple(
        Orders(
            first=first,
            made={way: found.get((place, way), (0, 0))[0] for way in ORDER_WAYS},
            paid={way: found.get((place, way), (0, 0))[1] for way in ORDER_WAYS},
        )
        for place, first in enumerate(firsts[:-1])
    )


async def _income(connection: AsyncConnection, today: date) -> tuple[Income, ...]:
    firsts = days.months(today)
    received = await stored.received(connection, firsts)
    gone = await stored.gone(connection, firsts)
    return tuple(
        Income(
            first=first,
            received=Money(received.get(place, 0)),
            gone=Money(gone.get(place, 0)),
        )
        for place, first in enumerate(firsts[:-1])
    )


async def _endings(connection: AsyncConnection, today: date) -> tuple[Ending, ...]:
    firsts = days.weeks(today)
    found = await stored.endings(connection, firsts)
    return tuple(
        Ending(
            first=first,
            ends=found.get((place, False), 0),
            renew=found.get((place, True), 0),
        )
        for place, first in enumerate(firsts[:-1])
    )


async def _open_amounts(connection: AsyncConnection, today: date) -> tuple[OpenAmount, ...]:
    found = await stored.open_amounts(connection, days.due_bounds(today))
    return tuple(
        OpenAmount(span=span, orders=orders, amount=Money(cents))
        for place, span in enumerate(DUE_SPANS, start=-1)
        for orders, cents in (found.get(place, (0, 0)),)
    )
