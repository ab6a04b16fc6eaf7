"""Money arrives: the order it is for is paid, and active."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.services import activation, letters
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import payment as stored_payment
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Booked:
    """The order after the payment, and whether that was what activated it."""

    order: Order
    activated: bool


async def book(database: Database, reference: str, payment: Payment, now: datetime) -> Booked:
    """Book `payment` for the order `reference` (in any spelling).

    An order that is paid in full becomes active at once, also one that had expired. Too little
    leaves it open. A standing order names the first order of a subscription for ever: what arrives
    for one that is active is for the next one that waits. What else arrives for an order that is
    active or cancelled is kept with it, to be seen and dealt with.

    Raises OrderUnknown or PaymentBookedBefore; nothing is changed then.
    """
    known = read_reference(reference)
    if known is None:
        raise OrderUnknown(reference)
    async with database.writing() as connection:
        order = await stored_order.hold(connection, known)
        if order is None:
            raise OrderUnknown(reference)
        order = await _meant(connection, order)
        await stored_payment.add(connection, order.order_id, payment, now)
        paid = replace(order, paid=order.paid + payment.amount)
        activates = order.can("paid") and paid.due.cents == 0
        if activates:
            await _activate(connection, order, now)
            paid = replace(paid, state="active", activated_at=now)
        await stored_order.pay(connection, order, paid.paid, now if activates else None)
    return Booked(paid, activates)


async def _meant(connection: AsyncConnection, order: Order) -> Order:
    """The order that money for `order` is for: itself, or the next one of its subscription."""
    if order.state != "active":
        return order
    for item in await activation.items(connection, order):
        if item.subscription_id is not None:
            waiting = await stored_subscription.waiting_order(connection, item.subscription_id)
            held = await stored_order.hold(connection, waiting) if waiting else None
            if held is not None and held.can("paid"):
                return held
    return order


async def _activate(connection: AsyncConnection, order: Order, now: datetime) -> None:
    account = await stored_account.lock(connection, order.account_id)
    days = await activation.activate(connection, order, now)
    if account is not None:
        await letters.tell_active(connection, account, order, days, now)
