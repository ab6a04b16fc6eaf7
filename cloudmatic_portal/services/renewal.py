"""A subscription goes on: its next period is ordered, and paid by the customer.

Nobody's money is pulled. While the payment is waited for there are days of grace; then access
stops, and the order stays payable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as due_rules
from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.access import AccessPeriod, coverage_end
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, Rules, done, dropped
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.domain.reference import RANDOM_BYTES, grouped, new_reference
from cloudmatic_portal.domain.subscription import Subscription
from cloudmatic_portal.services import letters, settlement
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.order import NewOrder
from cloudmatic_portal.storage.subscription import Subscribed


@dataclass(frozen=True, slots=True)
class House:
    """What the operator has set, and where customers send their money."""

    rules: Rules
    bank: BankAccount | None


async def renew(
    connection: AsyncConnection, due: Due, house: House, now: datetime, random_bytes: RandomBytes
) -> Outcome:
    """Order the next period of a subscription on the last day of the one before it."""
    account = await stored_account.lock(connection, due.account_id)
    found = await stored_subscription.find(connection, due.subscription_id or 0)
    if account is None or found is None or due.day is None or due.number is None:
        return dropped("the subscription is gone")
    if found.subscription.state != "active":
        return dropped(f"the subscription is {found.subscription.state}")
    if await stored_subscription.last_number(connection, due.subscription_id or 0) >= due.number:
        return dropped("ordered before")
    subscription = found.subscription.anchored(due.number, due.day + timedelta(days=1))
    if subscription.days(due.number)[1] < berlin_day(now):
        # Nobody worked here for longer than a whole period: nobody pays for what has passed.
        subscription = subscription.anchored(due.number, berlin_day(now))
    until = await _taken_until(connection, due.account_id, subscription.days(due.number))
    if until is not None:
        await plan(connection, due.account_id, subscription.subscription_id, due.number, until)
        return dropped(f"something else runs until {until}; it goes on after that")
    await stored_subscription.change(connection, subscription)
    # Once more: with a change of plan the package has another name.
    found = await stored_subscription.find(connection, subscription.subscription_id) or found
    had = await stored_ledger.balance(connection, due.account_id)
    order = _order(account, found, due.number, had, now, random_bytes)
    await _place(connection, account, order, (subscription, due.number), house, now)
    begins = subscription.days(due.number)[0]
    paid = "" if order.due.cents else ", and paid"
    return done(f"ordered {grouped(order.reference)}, from {begins}{paid}")


async def plan(
    connection: AsyncConnection, account_id: int, subscription_id: int, number: int, until: date
) -> None:
    """Let period `number` be ordered on `until`, when nothing else runs any more."""
    ended = await stored_subscription.paid_until(connection, subscription_id)
    later = due_rules.renewal(account_id, subscription_id, number, until, ended)
    await stored_due.plan(connection, [later])


async def bring_forward(connection: AsyncConnection, account_id: int, today: date) -> None:
    """What the account's other subscriptions waited for may end today: then it is their turn.

    If something else runs on, they wait for that.
    """
    turns = await stored_subscription.waiting_turns(connection, account_id)
    for subscription_id, number in turns.items():
        await plan(connection, account_id, subscription_id, number, today)


async def note(connection: AsyncConnection, due: Due, house: House, now: datetime) -> Outcome:
    """A friendly note about an order whose payment is late."""
    account = await stored_account.lock(connection, due.account_id)
    order = await stored_order.hold_by_id(connection, due.order_id or 0)
    if order is None or account is None:
        return dropped("the order is gone")
    if not order.due.cents:
        return dropped(f"the order is {order.state}")
    today = berlin_day(now)
    ends = coverage_end(await stored_access.not_ended(connection, due.account_id, today), today)
    await letters.note_late(
        connection, account, order, due, access_ends=ends, bank=house.bank, now=now
    )
    return done(f"reminded of {order.number}")


async def _taken_until(
    connection: AsyncConnection, account_id: int, days: tuple[date, date]
) -> date | None:
    """The end of what the account has booked for some of `days` already."""
    first, last = days
    periods = await stored_access.not_ended(connection, account_id, first)
    taken = [each for each in periods if each.first_day <= last]
    return coverage_end(periods, max(first, min(taken).first_day)) if taken else None


def _order(
    account: Account,
    found: Subscribed,
    number: int,
    had: Money,
    now: datetime,
    random_bytes: RandomBytes,
) -> NewOrder:
    """The next period at the agreed price, of which the balance `had` pays what it can."""
    subscription = found.subscription
    plan = subscription.plan
    line = Line(
        product=plan.product,
        name=found.name,
        product_kind="package",
        quantity=plan.months,
        kind="subscription",
        list_price=plan.price,
        price=plan.price,
        days=subscription.days(number),
    )
    # What a voucher or the balance covered in the first period is paid by transfer from then on.
    method = "transfer" if found.method in {"none", "balance"} else found.method
    total = plan.price.gross
    return NewOrder(
        account_id=account.account_id,
        reference=new_reference(random_bytes(RANDOM_BYTES)),
        method=method if total.cents else "none",
        language=account.language,
        total=total,
        lines=[line],
        paid=ledger.spendable(had, total),
        transfer_references=[found.reference],
        period=(subscription.subscription_id, number),
        created_at=now,
        pay_until=subscription.days(number)[0],
    )


async def _place(
    connection: AsyncConnection,
    account: Account,
    order: NewOrder,
    period: tuple[Subscription, int],
    house: House,
    now: datetime,
) -> None:
    """Store the order, let its days of grace begin, plan the notes, tell the customer."""
    subscription, number = period
    first, last = subscription.days(number)
    [line] = order.lines
    grace_ends = _grace_end(first, last, house.rules, berlin_day(now))
    grace = AccessPeriod(first, grace_ends, line.product, line.name)
    placed, days = await settlement.place(connection, order, grace)
    if days is not None:
        await letters.tell_goes_on(connection, account, order, days)
        return
    begins = max(first, berlin_day(now))
    notes = due_rules.payment_notes(account.account_id, placed.order_id, begins, house.rules)
    await stored_due.plan(connection, notes)
    await letters.tell_renewed(connection, account, order, grace_ends, house.bank)


def _grace_end(first: date, last: date, rules: Rules, today: date) -> date:
    """The last day of grace; who was told late has as long as who was told in time."""
    return min(last, max(first, today) + timedelta(days=rules.grace_days - 1))
