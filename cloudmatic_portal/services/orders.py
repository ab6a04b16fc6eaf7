"""An account's orders: look at them, cancel what is not paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.order import Order, OrderState
from cloudmatic_portal.domain.quote import with_days
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import order as stored_order
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
        if order.can("paid"):
            today = berlin_day(now)
            periods = await stored_access.not_ended(connection, account_id, today)
            return replace(order, lines=with_days(order.lines, periods, today))
        days = await stored_access.of_order(connection, order.order_id)
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
        await stored_voucher.give_back(connection, order.order_id, now)
        await stored_order.end(connection, order, "cancelled", now)


async def _mine(
    connection: AsyncConnection, account_id: int | None, reference: str, *, hold: bool = False
) -> Order:
    known = read_reference(reference)
    look = stored_order.hold if hold else stored_order.find
    order = await look(connection, known) if known else None
    if order is None or account_id not in {None, order.account_id}:
        raise OrderUnknown(reference)
    return order
