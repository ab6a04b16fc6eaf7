"""Money that came by PayPal, and went back: booked once, whoever tells of it how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import PaymentBookedBefore, TakenBackBeyond
from cloudmatic_portal.domain.ledger import Share, TakenBack
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.paypal import Event, source
from cloudmatic_portal.services import payments
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import payment as stored_payment


@dataclass(frozen=True, slots=True)
class Arrived:
    """What PayPal knows as `money_id` (a capture or a sale) has arrived on `day`."""

    money_id: str
    amount: Money
    day: date


async def arrive(
    connection: AsyncConnection,
    account_id: int,
    order_id: int | None,
    arrived: Arrived,
    now: datetime,
) -> bool:
    """Book it for the order, or for the balance if that is None; False if it was booked before."""
    # With the account locked nobody else books it between the look and the booking.
    await stored_account.lock_even_deleted(connection, account_id)
    named = source(arrived.money_id)
    if await stored_payment.find(connection, named) is not None:
        return False
    payment = Payment(arrived.amount, arrived.day, named, "paypal")
    share = Share(order_id, arrived.amount)
    await payments.book_within(connection, account_id, payment, [share], now)
    return True


async def take_back(connection: AsyncConnection, event: Event, now: datetime) -> str | None:
    """Book that money of a payment went back; why not, if that cannot be."""
    if event.subject is None or event.parent is None:
        return "it does not say of which payment"
    if event.amount is None:
        return "it does not say how much"
    kind: TakenBack = "return_debit" if event.event_type.endswith("REVERSED") else "refund"
    paid, new = source(event.parent), source(event.subject)
    found = await stored_payment.find(connection, paid)
    if found is not None and found.payment.amount.currency != event.amount.currency:
        return "another currency than was paid"
    try:
        async with connection.begin_nested():
            await payments.take_back(connection, paid, event.amount, kind, new, now)
    except TakenBackBeyond:
        return "it is more than is left of the payment"
    except PaymentBookedBefore:
        # PayPal tells of one refund by several events.
        return None
    return None
