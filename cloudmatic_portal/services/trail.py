"""The audit trail: all that happened to an order or a payment, in one look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import OrderUnknown, PaymentUnknown
from cloudmatic_portal.domain.ledger import TakenBack
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.domain.trail import Step, Trail, in_order
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import payment as stored_payment
from cloudmatic_portal.storage import trail as stored_trail
from cloudmatic_portal.storage.database import Database

_TAKEN_BACK: Final = frozenset(get_args(TakenBack))


async def of_order(database: Database, reference: str) -> Trail:
    """What happened to the order, to the money that was for it, and since then to the account's
    balance by an operator's hand. Raises OrderUnknown.
    """
    known = read_reference(reference)
    async with database.reading() as connection:
        order = await stored_order.find(connection, known) if known else None
        if order is None:
            raise OrderUnknown(reference)
        paid = await stored_trail.payments_of_orders(connection, [order.order_id])
        return await _trail(connection, order.account_id, [order.order_id], paid)


async def of_payment(database: Database, source: str) -> Trail:
    """What became of the payment called `source`, and of the orders that it was for.

    Raises PaymentUnknown.
    """
    async with database.reading() as connection:
        payment = await stored_payment.find(connection, source)
        if payment is None:
            raise PaymentUnknown(source)
        paid = [payment.payment_id]
        bought = await stored_trail.orders_of_payment(connection, payment.payment_id)
        return await _trail(connection, payment.account_id, bought, paid)


async def _trail(
    connection: AsyncConnection,
    account_id: int,
    order_ids: Collection[int],
    payment_ids: Collection[int],
) -> Trail:
    found = [await stored_order.find_by_id(connection, each) for each in order_ids]
    orders = [order for order in found if order is not None]
    references = [order.reference for order in orders]
    steps = await stored_trail.of_orders(connection, order_ids)
    money = await stored_trail.of_money(connection, order_ids, payment_ids)
    # What became balance may have been paid out, or have been corrected.
    since = min(step.at for step in (*steps, *money))
    balanced = await stored_trail.of_balance(connection, account_id, since)
    mails = await stored_trail.of_mails(connection, account_id, references, payment_ids)
    balance = await stored_ledger.balance(connection, account_id)
    return Trail(
        account_id=account_id,
        orders=tuple(order.number for order in orders),
        steps=in_order([*steps, *money, *balanced, *mails]),
        balance=balance,
        taken_back=_taken_back(orders, money) if balance.cents < 0 else (),
    )


def _taken_back(orders: Sequence[Order], money: Sequence[Step]) -> tuple[str, ...]:
    """The orders that are active though a payment was taken back that was for them.

    A refund among `money` is of a payment: what is paid out of the balance is of none.
    """
    gone = any(step.kind == "entry" and step.what in _TAKEN_BACK for step in money)
    return tuple(order.number for order in orders if gone and order.state == "active")
