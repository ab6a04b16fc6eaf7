"""An account's orders: look at them, cancel what is not paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, done, dropped
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.order import Order, OrderState
from cloudmatic_portal.domain.quote import with_days
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.services import activation, renewal
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.database import Database

MOST: Final = 100
"""How many of an account's orders are shown, the newest first."""


async def show(database: Database, account_id: int, reference: str, now: datetime) -> Order:
    """The account's order, with the days of its packages: as they are, or as they would be.

    Raises OrderUnknown, also for somebody else's.
    """
    async with database.reading() as connection:
        order = await _mine(connection, account_id, reference)
        order = replace(order, vouchers=await stored_voucher.of_order(connection, order))
        in_time = None
        if order.can("paid"):
            today = berlin_day(now)
            in_time = await activation.planned(connection, order, today)
            if in_time is None:
                periods = await stored_access.not_ended(connection, account_id, today)
                return replace(order, lines=with_days(order.lines, periods, today))
        days = in_time or await stored_access.of_order(connection, order.order_id)
    lines = [replace(line, days=days.get(place)) for place, line in enumerate(order.lines)]
    return replace(order, lines=tuple(lines))


async def made_in(database: Database, reference: str, session_hash: bytes) -> bool:
    """Whether that booking-only session made the order, and may look at it."""
    known = read_reference(reference)
    if known is None:
        return False
    async with database.reading() as connection:
        return await stored_order.session_hash(connection, known) == session_hash


async def search(
    database: Database, *, account_id: int | None, state: OrderState | None, most: int
) -> tuple[Order, ...]:
    """The latest orders, of everybody or of one account, in any or in one state."""
    async with database.reading() as connection:
        return await stored_order.search(connection, account_id, state, most)


async def cancel(database: Database, account_id: int | None, reference: str, now: datetime) -> None:
    """Cancel an order before it is paid; its vouchers may be used again.

    Without an account it may be anybody's: the operator asks. Cancelling again changes nothing.
    Raises OrderUnknown or OrderCannot.
    """
    async with database.writing() as connection:
        order = await _mine(connection, account_id, reference, hold=True)
        if order.state == "cancelled":
            return
        order.require("cancelled")
        await withdraw(connection, order, now)


async def withdraw(connection: AsyncConnection, order: Order, now: datetime) -> None:
    """Cancel an order that is held: vouchers come back, days of grace end, and with an order that
    a subscription made the subscription ends too.
    """
    await stored_account.lock(connection, order.account_id)
    await stored_voucher.give_back(connection, order.order_id, now)
    await stored_order.end(connection, order, "cancelled", now)
    for item in await activation.items(connection, order):
        if item.subscription_id is not None:
            await _end_grace(connection, order.account_id, item.item_id, berlin_day(now))
            await stored_subscription.cancel(connection, item.subscription_id)


async def expire(connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
    """Let an order that nobody paid expire; its vouchers may be used again. It stays payable."""
    order = await stored_order.hold_by_id(connection, due.order_id or 0)
    if order is None or order.state != "open":
        return dropped("the order is gone" if order is None else f"the order is {order.state}")
    if order.paid.cents:
        return dropped("part of it has been paid")
    await stored_account.lock(connection, order.account_id)
    await stored_voucher.give_back(connection, order.order_id, now)
    await stored_order.end(connection, order, "expired", now)
    return done(f"{order.number} expired")


async def _end_grace(
    connection: AsyncConnection, account_id: int, order_item: int, today: date
) -> None:
    """End the days of grace today, unless something that was bought follows them: no gap then."""
    grace = await stored_access.grace(connection, order_item)
    if grace is None:
        return
    periods = await stored_access.not_ended(connection, account_id, today)
    if all(each.last_day <= grace.last_day for each in periods):
        await stored_access.end_grace(connection, order_item, today)
        if grace.last_day > today:
            await renewal.bring_forward(connection, account_id, today)


async def _mine(
    connection: AsyncConnection, account_id: int | None, reference: str, *, hold: bool = False
) -> Order:
    known = read_reference(reference)
    look = stored_order.hold if hold else stored_order.find
    order = await look(connection, known) if known else None
    if order is None or account_id not in {None, order.account_id}:
        raise OrderUnknown(reference)
    return order
