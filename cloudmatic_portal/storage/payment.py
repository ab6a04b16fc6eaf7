"""Payments: rows in, domain out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import payments


async def add(connection: AsyncConnection, order_id: int, payment: Payment, now: datetime) -> None:
    """Book the payment for the order.

    Raises PaymentBookedBefore if its source was booked, after which the transaction can only
    roll back.
    """
    row = {
        "order_id": order_id,
        "amount_cents": payment.amount.cents,
        "currency": payment.amount.currency,
        "received_on": payment.received_on,
        "booked_at": now,
        "source": payment.source,
    }
    try:
        await connection.execute(_ADD, row)
    except IntegrityError as error:
        if violates(error, "uq_payments_source", "payments.source"):
            raise PaymentBookedBefore(payment.source) from error
        raise


async def last_arrival(connection: AsyncConnection, order_id: int) -> date | None:
    """The day on which the last payment for the order arrived; None: there was none."""
    query = select(func.max(payments.c.received_on)).where(payments.c.order_id == order_id)
    latest: date | None = (await connection.execute(query)).scalar_one()
    return latest


_ADD: Final = insert(payments)
