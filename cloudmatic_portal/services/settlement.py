"""What pays an order, and what is left: paid in full it is active at once, the rest is balance.

Within the caller's transaction, which has locked the account and holds the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.due import order_expiry
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.ledger import Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Days
from cloudmatic_portal.services import activation, letters
from cloudmatic_portal.services.letters import BalanceReason
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.order import NewOrder


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a share of a payment: the order after it (None: it was for none), whether
    that activated it, and what of it is the account's balance now.
    """

    account_id: int
    order: Order | None
    activated: bool
    balance: Money


async def place(
    connection: AsyncConnection, new: NewOrder, grace: AccessPeriod | None = None
) -> tuple[Order, Days | None]:
    """Store a new order with what the balance pays of it; return it as it was stored.

    If that is all, or it costs nothing, it is active at once, and its days come with it. The
    period of a subscription has days of `grace`, which become its own when it is paid in time.
    """
    order_id = await stored_order.add(connection, new)
    order = await stored_order.hold_by_id(connection, order_id)
    if order is None:
        raise OrderUnknown(new.reference)
    given = ledger.from_balance(new.account_id, order_id, new.paid, new.created_at, "the balance")
    if grace is not None:
        [item] = order.items
        await stored_access.add_grace(connection, order.account_id, grace, item)
    if new.due.cents:
        await stored_ledger.write(connection, given)
        return order, None
    return order, await _begin(connection, order, given, new.created_at)


async def keep(connection: AsyncConnection, account: Account, arrived: Entry) -> Booked:
    """Let the balance have what has arrived for no order."""
    await stored_ledger.write(connection, [arrived])
    await _tell_balance(connection, account, None, arrived, arrived.amount, "no_order")
    return Booked(account.account_id, None, activated=False, balance=arrived.amount)


async def pay(
    connection: AsyncConnection, account: Account, order: Order, arrived: Entry, now: datetime
) -> Booked:
    """Let the order have what has arrived for it; what is too much becomes balance."""
    entries = [arrived]
    paid = replace(order, paid=order.paid + arrived.amount)
    if paid.due.cents and await _balance_covers(connection, paid):
        rest = paid.due
        entries += ledger.from_balance(account.account_id, order.order_id, rest, now, "the rest")
        paid = replace(paid, paid=paid.paid + rest)
    after, why = await _decide(connection, account, order, paid)
    excess = after.excess
    entries += ledger.to_balance(order, excess, now, why)
    after = replace(after, paid=after.paid - excess)
    if after.state == "active" != order.state:
        days = await _begin(connection, after, entries, now)
        after = replace(after, activated_at=now)
        await letters.tell_active(connection, account, order, days, now)
    else:
        await stored_ledger.write(connection, entries)
        await _store(connection, order, after, now)
    if excess.cents:
        await _tell_balance(connection, account, order, arrived, excess, why)
    return Booked(account.account_id, after, after.state == "active" != order.state, excess)


async def lose(
    connection: AsyncConnection, entries: Iterable[Entry], amount: Money, now: datetime
) -> list[Entry]:
    """Take up to `amount` from the orders that wait and that a payment, by its `entries`, was for.

    Returns the entries that say so. An order that had not expired as it was paid in part does so
    after all, at once if its day has passed.
    """
    moved: list[Entry] = []
    for entry in reversed(list(entries)):
        if entry.kind != "payment" or entry.order_id is None or not amount.cents:
            continue
        order = await stored_order.hold_by_id(connection, entry.order_id)
        if order is None or not order.can("paid"):
            continue
        lost = min(amount, entry.amount, order.paid, key=lambda each: each.cents)
        moved += ledger.to_balance(order, lost, now, "taken back")
        await stored_order.pay(connection, order, order.paid - lost, None)
        await _expire_in_time(connection, order)
        amount -= lost
    return moved


async def _expire_in_time(connection: AsyncConnection, order: Order) -> None:
    """Let an order that somebody entered expire on its day; a subscription's waits on."""
    entered = all(
        item.subscription_id is None for item in await activation.items(connection, order)
    )
    if order.state == "open" and entered:
        expiry = order_expiry(order.account_id, order.order_id, order.pay_until)
        await stored_due.plan(connection, [expiry])


async def _decide(
    connection: AsyncConnection, account: Account, order: Order, paid: Order
) -> tuple[Order, BalanceReason]:
    """The state that `order` is in after what was `paid`, and why what is too much is.

    One that had expired gave its vouchers back. It gets them again; if somebody else has used
    them up meanwhile, its price holds no more, and all that was paid is the customer's. Nothing
    is activated for a customer who has deleted the account.
    """
    if not order.can("paid"):
        return paid, "cancelled" if order.state in {"cancelled", "refunded"} else "overpaid"
    if account.deleted:
        return replace(paid, state="cancelled"), "cancelled"
    if paid.due.cents:
        return paid, "overpaid"
    if order.state == "expired" and not await stored_voucher.take_again(connection, order):
        return replace(paid, state="cancelled"), "voucher_gone"
    return replace(paid, state="active"), "overpaid"


async def _balance_covers(connection: AsyncConnection, order: Order) -> bool:
    """Whether the balance has all that is missing: then somebody paid just the rest."""
    had = await stored_ledger.balance(connection, order.account_id)
    return had.cents >= order.due.cents


async def _begin(
    connection: AsyncConnection, order: Order, entries: Iterable[Entry], now: datetime
) -> Days:
    """Charge an order that `entries` pay in full, give what it bought, and return its days."""
    price = ledger.charged(order.account_id, order.order_id, order.total.gross, now)
    await stored_ledger.write(connection, [*entries, *price])
    days = await activation.activate(connection, order, now)
    await stored_order.pay(connection, order, order.paid, now)
    return days


async def _store(connection: AsyncConnection, order: Order, after: Order, now: datetime) -> None:
    if after.state == "cancelled" != order.state:
        await stored_order.end(connection, order, "cancelled", now)
        # PayPal would go on paying for what is not to be.
        await stored_agreement.want_for_order(connection, order.order_id, "cancel", now)
    elif after != order:
        await stored_order.pay(connection, order, after.paid, None)


async def _tell_balance(
    connection: AsyncConnection,
    account: Account,
    order: Order | None,
    arrived: Entry,
    amount: Money,
    why: BalanceReason,
) -> None:
    had = await stored_ledger.balance(connection, account.account_id)
    told = letters.Credited(amount, had, why, f"{arrived.payment_id}:{arrived.order_id or 0}")
    await letters.tell_balance(connection, account, order, told, arrived.booked_at)
