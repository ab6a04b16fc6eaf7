"""An account's orders: look at them, cancel what is not paid, take back what is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, done, dropped
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order, OrderState
from cloudmatic_portal.domain.quote import with_days
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.services import activation, invoices, letters, payments, reminders, renewal
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import credit as stored_credit
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
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
        order = ledger.with_balance(order, await stored_ledger.of_order(connection, order.order_id))
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
    """Cancel an order before it is paid; its vouchers may be used again, and what it has been paid
    becomes balance.

    Without an account it may be anybody's: the operator asks. Cancelling again changes nothing.
    Raises OrderUnknown or OrderCannot.
    """
    async with database.writing() as connection:
        order = await _hold(connection, account_id, reference)
        if order.state == "cancelled":
            return
        order.require("cancelled")
        await withdraw(connection, order, now)


async def withdraw(connection: AsyncConnection, order: Order, now: datetime) -> None:
    """Cancel an order that is held: vouchers come back, days of grace end, and with an order that
    a subscription made the subscription ends too.
    """
    await _end(connection, order, "cancelled", now)
    for item in await activation.items(connection, order):
        if item.subscription_id is not None:
            await _end_grace(connection, order.account_id, item.item_id, berlin_day(now))
            await stored_subscription.cancel(connection, item.subscription_id)
            await stored_agreement.want(connection, item.subscription_id, "cancel", now)
    await stored_agreement.want_for_order(connection, order.order_id, "cancel", now)


async def expire(connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
    """Let an order that nobody paid expire; its vouchers may be used again. It stays payable.

    What the balance paid of it goes back there. An agreement with PayPal waits with it: PayPal
    takes nothing before the customer approves that, which pays the order.
    """
    await stored_account.lock(connection, due.account_id)
    order = await stored_order.hold_by_id(connection, due.order_id or 0)
    if order is None or order.state != "open":
        return dropped("the order is gone" if order is None else f"the order is {order.state}")
    if order.paid.cents and await _sent(connection, order):
        return dropped("part of it has been paid")
    await _end(connection, order, "expired", now)
    return done(f"{order.number} expired")


async def refund(database: Database, reference: str, now: datetime) -> Order:
    """Take an order back that is active: its price becomes balance, its access ends today.

    What it bought that has not begun is gone; messages are taken back as far as there are any. A
    subscription that it is a period of ends, and its order that waits is cancelled; one that waited
    for its end goes on now. The customer is told. Paying the balance out is another step
    (`refund` of the ledger).

    Raises OrderUnknown or OrderCannot; nothing is changed then.
    """
    async with database.writing() as connection:
        order = await _hold(connection, None, reference)
        order.require("refunded")
        await stored_ledger.write(connection, ledger.reversed_charge(order, now))
        await stored_order.end(connection, order, "refunded", now)
        await invoices.credit(connection, order, now)
        await _take_back(connection, order, now)
    return replace(order, state="refunded", paid=Money(0, order.paid.currency))


async def _take_back(connection: AsyncConnection, order: Order, now: datetime) -> None:
    """End what the order gave, and the subscriptions that it is part of."""
    today = berlin_day(now)
    for item in await activation.items(connection, order):
        if item.line.product_kind == "credit":
            await stored_credit.take_back(connection, order.account_id, item.item_id, now)
        else:
            await stored_access.end(connection, item.item_id, today)
        if item.subscription_id is not None:
            await end_subscription(connection, item.subscription_id, now)
    await renewal.bring_forward(connection, order.account_id, today)
    periods = await stored_access.not_ended(connection, order.account_id, today)
    await reminders.plan(connection, order.account_id, periods, today)
    account = await stored_account.find(connection, order.account_id)
    if account is not None:
        await letters.tell_refunded(connection, account, order, now)


async def end_subscription(
    connection: AsyncConnection, subscription_id: int, now: datetime
) -> None:
    """End a subscription; its order that waits is cancelled with it. Lock the account first."""
    waiting = await payments.waiting_order(connection, subscription_id)
    if waiting is not None:
        await withdraw(connection, waiting, now)
    await stored_subscription.cancel(connection, subscription_id)
    await stored_agreement.want(connection, subscription_id, "cancel", now)


async def _end(connection: AsyncConnection, order: Order, state: OrderState, now: datetime) -> None:
    """Cancel or expire an order that is held: what it had goes back where it belongs."""
    await stored_voucher.give_back(connection, order.order_id, now)
    await stored_ledger.write(connection, ledger.to_balance(order, order.paid, now, state))
    await stored_order.end(connection, order, state, now)


async def _sent(connection: AsyncConnection, order: Order) -> bool:
    """Whether it holds money that was sent for it, besides what the balance paid of it."""
    return ledger.was_sent(order, await stored_ledger.of_order(connection, order.order_id))


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


async def _mine(connection: AsyncConnection, account_id: int, reference: str) -> Order:
    known = read_reference(reference)
    order = await stored_order.find(connection, known) if known else None
    if order is None or account_id != order.account_id:
        raise OrderUnknown(reference)
    return order


async def _hold(connection: AsyncConnection, account_id: int | None, reference: str) -> Order:
    """Lock the order's account, then hold the order; without an account it may be anybody's."""
    known = read_reference(reference)
    account = await stored_account.lock_of_order(connection, known) if known else None
    if account is None or known is None or account_id not in {None, account.account_id}:
        raise OrderUnknown(reference)
    order = await stored_order.hold(connection, known)
    if order is None:
        raise OrderUnknown(reference)
    return order
