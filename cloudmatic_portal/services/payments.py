"""Money arrives, is used, and is taken back. Every cent of it is in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import (
    OrderUnknown,
    PaymentUnknown,
    TakenBackBeyond,
)
from cloudmatic_portal.domain.ledger import Entry, Share, TakenBack
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.services import activation, settlement
from cloudmatic_portal.services.ledger import lock
from cloudmatic_portal.services.settlement import Booked
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import payment as stored_payment
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.database import Database

__all__ = [
    "Booked",
    "Share",
    "book",
    "book_within",
    "return_debit",
    "take_back",
    "target",
    "waiting_order",
]


@dataclass(frozen=True, slots=True)
class Target:
    """Whose money it is that comes with a reference, and which order it pays (None: none)."""

    account_id: int
    order_id: int | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A share with its order, which is held."""

    order: Order | None
    amount: Money


async def book(database: Database, reference: str, payment: Payment, now: datetime) -> Booked:
    """Book `payment` for the order or subscription that `reference` (in any spelling) names.

    An order that is paid in full becomes active at once, also one that had expired. Too little
    leaves it open. What is more than that, or for an order that is active or cancelled, becomes
    balance. Money for a subscription pays its oldest order that waits, and so does money for an
    order of it that is active: a standing order names the first one for ever.

    Raises OrderUnknown or PaymentBookedBefore; nothing is changed then.
    """
    known = read_reference(reference)
    if known is None:
        raise OrderUnknown(reference)
    async with database.writing() as connection:
        found = await _held(connection, known)
        if found is None:
            raise OrderUnknown(reference)
        account, order = found
        part = _Part(order, payment.amount)
        [booked] = await _book(connection, account, payment, [part], now)
    return booked


async def book_within(
    connection: AsyncConnection,
    account_id: int,
    payment: Payment,
    shares: Sequence[Share],
    now: datetime,
) -> tuple[Booked, ...]:
    """Book `payment` of the account, split into `shares`, within the caller's transaction.

    One result for each share, in their order. A transaction that books for several accounts has
    to take them in the order of their ids. Raises ValueError for shares that are not the payment;
    AccountUnknown, OrderUnknown (also for another account's) or PaymentBookedBefore, after which
    the transaction has to roll back.
    """
    ledger.check_shares(payment.amount, shares)
    account = await lock(connection, account_id)
    parts = []
    for share in shares:
        order = None
        if share.order_id is not None:
            order = await stored_order.hold_by_id(connection, share.order_id)
            if order is None or order.account_id != account_id:
                raise OrderUnknown(str(share.order_id))
        parts.append(_Part(order, share.amount))
    late = [each.order.order_id for each in parts if each.order and each.order.state == "expired"]
    if len(late) > 1:
        await stored_voucher.lock_given_back(connection, late)
    return await _book(connection, account, payment, parts, now)


async def target(connection: AsyncConnection, reference: str) -> Target | None:
    """What money with `reference` (in any spelling) would be booked for; None if it names nothing.

    Locks the account, so that it stays so until the transaction ends.
    """
    known = read_reference(reference)
    found = await _held(connection, known) if known else None
    if found is None:
        return None
    account, order = found
    return Target(account.account_id, order.order_id if order else None)


async def waiting_order(connection: AsyncConnection, subscription_id: int) -> Order | None:
    """What money for the subscription pays: its oldest order that waits, which is held then.

    Lock the account first.
    """
    reference = await stored_subscription.waiting_order(connection, subscription_id)
    return await stored_order.hold(connection, reference) if reference else None


async def take_back(
    connection: AsyncConnection,
    source: str,
    amount: Money,
    kind: TakenBack,
    new_source: str,
    now: datetime,
) -> Account:
    """Note that `amount` of the payment `source` was taken back, an event called `new_source`.

    An order that still waits loses it. One that is active stays so: the account's balance falls,
    below nothing if need be, and the operator decides what to do. Returns the account.

    Raises PaymentUnknown, TakenBackBeyond or PaymentBookedBefore; the transaction has to roll back.
    """
    found = await stored_payment.find(connection, source)
    if found is None:
        raise PaymentUnknown(source)
    account = await lock(connection, found.account_id)
    entries = await stored_ledger.of_payment(connection, found.payment_id)
    left = sum(entry.amount.cents for entry in entries)
    if not 0 < amount.cents <= left:
        raise TakenBackBeyond(source, left)
    taken = Entry(
        kind=kind,
        account_id=account.account_id,
        amount=Money(-amount.cents, amount.currency),
        booked_at=now,
        payment_id=found.payment_id,
        source=new_source,
    )
    lost = await settlement.lose(connection, entries, amount, now)
    await stored_ledger.write(connection, [taken, *lost])
    return account


async def return_debit(
    database: Database, source: str, amount: Money, new_source: str, now: datetime
) -> tuple[Account, Money]:
    """Note at the operator's word that `amount` of the payment `source` was taken back.

    Returns the account and its balance then. Raises what `take_back` does; nothing is changed then.
    """
    async with database.writing() as connection:
        account = await take_back(connection, source, amount, "return_debit", new_source, now)
        return account, await stored_ledger.balance(connection, account.account_id)


async def _held(connection: AsyncConnection, reference: str) -> tuple[Account, Order | None] | None:
    """Lock the account that money with `reference` is for, and hold the order that it pays."""
    account = await stored_account.lock_of_order(connection, reference)
    if account is not None:
        order = await stored_order.hold(connection, reference)
        return account, order and await _meant(connection, order)
    named = await stored_subscription.by_reference(connection, reference)
    if named is None:
        return None
    account = await lock(connection, named.account_id)
    # Once more: it may have begun while the account was waited for.
    named = await stored_subscription.by_reference(connection, reference) or named
    if named.subscription_id is None:
        return account, await stored_order.hold_by_id(connection, named.first_order)
    return account, await waiting_order(connection, named.subscription_id)


async def _meant(connection: AsyncConnection, order: Order) -> Order:
    """The order that money for `order` is for: itself, or the next one of its subscription."""
    if order.state != "active":
        return order
    for item in await activation.items(connection, order):
        if item.subscription_id is not None:
            waiting = await waiting_order(connection, item.subscription_id)
            if waiting is not None:
                return waiting
    return order


async def _book(
    connection: AsyncConnection,
    account: Account,
    payment: Payment,
    parts: Sequence[_Part],
    now: datetime,
) -> tuple[Booked, ...]:
    payment_id = await stored_payment.add(connection, account.account_id, payment, now)
    booked = []
    for part in parts:
        share = Share(part.order.order_id if part.order else None, part.amount)
        arrived = ledger.paid(account.account_id, payment_id, share, now)
        if part.order is None:
            booked.append(await settlement.keep(connection, account, arrived))
        else:
            booked.append(await settlement.pay(connection, account, part.order, arrived, now))
    return tuple(booked)
