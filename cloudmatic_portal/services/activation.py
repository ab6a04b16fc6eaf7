"""What was paid becomes usable: access for packages, messages for credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain.access import AccessPeriod, next_days
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Days, Line
from cloudmatic_portal.domain.subscription import Plan, Subscription
from cloudmatic_portal.services import reminders
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import credit as stored_credit
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an order that is being activated; `number` is its period of a subscription, and
    `reference` what payments for that name.
    """

    item_id: int
    line: Line
    reference: str | None = None
    subscription_id: int | None = None
    number: int | None = None


async def activate(connection: AsyncConnection, order: Order, now: datetime) -> Days:
    """Give the account what the order bought, within the caller's transaction.

    A package begins today, or on the day after the account's coverage ends; several packages of
    an order run one after the other. A later period of a subscription that is paid in time runs
    on its anchor's calendar. What cost something gets an invoice soon after. Hold the
    order and lock the account first; constraints let each line through once.
    """
    today = berlin_day(now)
    days: Days = {}
    for position, item in enumerate(await items(connection, order)):
        if item.line.product_kind == "credit":
            await _add_credit(connection, order, item, now)
        elif item.subscription_id is None:
            days[position] = await _begin(connection, order, item, now)
        else:
            days[position] = await _continue(connection, order, item, today)
    if order.total.gross.cents:
        issue = rules.document("invoice", order.account_id, order.order_id, now)
        await stored_due.plan(connection, [issue])
    await _withdraw_notes(connection, order)
    if days:
        periods = await stored_access.not_ended(connection, order.account_id, today)
        await reminders.plan(connection, order.account_id, periods, today)
    return days


async def _withdraw_notes(connection: AsyncConnection, order: Order) -> None:
    """What was paid needs no friendly note; only what a subscription ordered gets one."""
    if any(line.kind == "subscription" for line in order.lines):
        about = f"payment_note:{order.reference}:"
        await stored_mail.withdraw(
            connection, order.account_id, "payment_note", "paid", about=about
        )


async def items(connection: AsyncConnection, order: Order) -> list[Item]:
    """The order's lines, and which periods of subscriptions they are."""
    known = {}
    if any(line.kind == "subscription" for line in order.lines):
        known = await stored_subscription.of_items(connection, order.items)
    return [
        Item(item, line, reference, *known.get(item, (None, None)))
        for item, line, reference in zip(
            order.items, order.lines, order.transfer_references, strict=True
        )
    ]


async def planned(connection: AsyncConnection, order: Order, today: date) -> Days | None:
    """The days of an order that a subscription made, if it were paid now and in time; else None."""
    for item in await items(connection, order):
        found = await stored_subscription.find(connection, item.subscription_id or 0)
        if found is None or item.number is None:
            continue
        days = found.subscription.days(item.number)
        if await _may_keep_grace(connection, order, item, days, today):
            return {0: days}
    return None


async def _add_credit(connection: AsyncConnection, order: Order, item: Item, now: datetime) -> None:
    line = item.line
    await stored_credit.add(
        connection, order.account_id, line.product, line.quantity, item.item_id, now
    )


async def _begin(
    connection: AsyncConnection, order: Order, item: Item, now: datetime
) -> tuple[date, date]:
    """A package that was bought: its access, and the subscription that it may begin."""
    first, last = await _add_next(connection, order, item, berlin_day(now))
    line = item.line
    if line.kind == "subscription":
        new = Subscription(
            subscription_id=0,
            account_id=order.account_id,
            state="active",
            plan=Plan(line.product, line.quantity, line.list_price),
            anchor=first,
            free_months=line.free_months,
        )
        if item.reference is None:
            raise LookupError(f"order item {item.item_id} has no reference for its subscription")
        added = await stored_subscription.add(connection, new, order.method, item.reference, now)
        await stored_order.subscribe(connection, item.item_id, added, 0)
        await stored_due.plan(connection, [rules.renewal(order.account_id, added, 1, last)])
    return first, last


async def _continue(
    connection: AsyncConnection, order: Order, item: Item, today: date
) -> tuple[date, date]:
    """A later period of a subscription: on its calendar if access has not ended meanwhile.

    Paid later than that, it begins when it is paid, and the calendar with it.
    """
    found = await stored_subscription.find(connection, item.subscription_id or 0)
    if found is None or item.number is None:
        raise LookupError(f"order item {item.item_id} is of no subscription")
    subscription, number = found.subscription, item.number
    days = subscription.days(number)
    if await _may_keep_grace(connection, order, item, days, today):
        await stored_access.keep_grace(connection, item.item_id, days[1])
    else:
        days = await _add_next(connection, order, item, today)
        await stored_subscription.change(connection, subscription.moved(number, days[0]))
    following = rules.renewal(order.account_id, subscription.subscription_id, number + 1, days[1])
    await stored_due.plan(connection, [following])
    return days


async def _may_keep_grace(
    connection: AsyncConnection,
    order: Order,
    item: Item,
    days: tuple[date, date],
    today: date,
) -> bool:
    """Whether the days of grace still run, and nothing else was booked for what follows them."""
    grace = await stored_access.grace(connection, item.item_id)
    if grace is None or grace.last_day < today or days[0] != grace.first_day:
        return False
    wanted = AccessPeriod(*days, item.line.product, item.line.name)
    periods = await stored_access.not_ended(connection, order.account_id, today)
    return not any(each.overlaps(wanted) for each in periods if each != grace)


async def _add_next(
    connection: AsyncConnection, order: Order, item: Item, today: date
) -> tuple[date, date]:
    periods = await stored_access.not_ended(connection, order.account_id, today)
    days = next_days(periods, item.line.months, today)
    period = AccessPeriod(*days, item.line.product, item.line.name)
    await stored_access.add(connection, order.account_id, period, item.item_id)
    return days
