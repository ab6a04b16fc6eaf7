"""What was paid becomes usable: access for packages, messages for credit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod, next_days
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import credit as stored_credit
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription

Days = dict[int, tuple[date, date]]
"""First and last day of each package, by its position in the order."""


async def activate(connection: AsyncConnection, order: Order, now: datetime) -> Days:
    """Give the account what the order bought, within the caller's transaction.

    A package begins today, or on the day after the account's coverage ends; several packages of
    an order run one after the other. Hold the order and lock the account first; constraints let
    each line through once.
    """
    today = berlin_day(now)
    periods = list(await stored_access.not_ended(connection, order.account_id, today))
    days: Days = {}
    for position, (item, line) in enumerate(zip(order.items, order.lines, strict=True)):
        if line.product_kind == "credit":
            await stored_credit.add(
                connection, order.account_id, line.product, line.quantity, item, now
            )
            continue
        first, last = days[position] = next_days(periods, line.months, today)
        period = AccessPeriod(first, last, line.product, line.name)
        periods.append(period)
        await stored_access.add(connection, order.account_id, period, item)
        if line.kind == "subscription":
            await _subscribe(connection, order, item, line, first, now)
    return days


async def _subscribe(
    connection: AsyncConnection, order: Order, item: int, line: Line, anchor: date, now: datetime
) -> None:
    subscription = await stored_subscription.add(connection, order.account_id, line, anchor, now)
    await stored_order.subscribe(connection, item, subscription)
