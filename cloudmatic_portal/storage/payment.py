"""Payments: rows in, domain out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import ledger_entries, payments


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPayment:
    """A payment that was booked, and whose it is."""

    payment_id: int
    account_id: int
    payment: Payment
    booked_at: datetime


async def add(connection: AsyncConnection, account_id: int, payment: Payment, now: datetime) -> int:
    """Note that the payment has arrived for the account; return its id.

    Raises PaymentBookedBefore if its source was booked, after which the transaction can only
    roll back.
    """
    row = {
        "account_id": account_id,
        "method": payment.method,
        "amount_cents": payment.amount.cents,
        "currency": payment.amount.currency,
        "received_on": payment.received_on,
        "booked_at": now,
        "source": payment.source,
    }
    try:
        added: int = (await connection.execute(_ADD, row)).scalar_one()
    except IntegrityError as error:
        if violates(error, "uq_payments_source", "payments.source"):
            raise PaymentBookedBefore(payment.source) from error
        raise
    return added


async def find(connection: AsyncConnection, source: str) -> StoredPayment | None:
    row = (
        await connection.execute(select(payments).where(payments.c.source == source))
    ).one_or_none()
    if row is None:
        return None
    amount = Money(row.amount_cents, row.currency)
    return StoredPayment(
        payment_id=row.id,
        account_id=row.account_id,
        payment=Payment(amount, row.received_on, row.source, row.method),
        booked_at=row.booked_at,
    )


async def last_arrival(connection: AsyncConnection, order_id: int) -> date | None:
    """The day on which the last payment for the order arrived; None: there was none."""
    used = ledger_entries.c.payment_id == payments.c.id
    mine = (ledger_entries.c.order_id == order_id, ledger_entries.c.kind == "payment")
    query = select(func.max(payments.c.received_on)).join(ledger_entries, used).where(*mine)
    latest: date | None = (await connection.execute(query)).scalar_one()
    return latest


_ADD: Final = insert(payments).returning(payments.c.id)
