"""The ledger: rows in, domain out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.domain.ledger import Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import ledger_entries, orders, payments


async def write(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Add the entries, in one statement. Lock the account first.

    Raises PaymentBookedBefore if a source was booked, after which the transaction can only roll
    back.
    """
    rows = [_values(entry) for entry in entries]
    if not rows:
        return
    try:
        await connection.execute(_ADD, rows)
    except IntegrityError as error:
        if violates(error, "uq_ledger_entries_source", "ledger_entries.source"):
            source = next(row["source"] for row in rows if row["source"])
            raise PaymentBookedBefore(source) from error
        raise


async def balance(connection: AsyncConnection, account_id: int) -> Money:
    """What the account has left. Lock it first if something is to be done with it."""
    cents = (await connection.execute(_BALANCE, {"account": account_id})).scalar_one()
    return Money(int(cents))


async def of_account(
    connection: AsyncConnection, account_id: int, most: int | None = None
) -> tuple[Entry, ...]:
    """The account's entries in their order; the latest `most` of them, if that is given."""
    query = _ENTRIES.where(ledger_entries.c.account_id == account_id)
    newest = query.order_by(ledger_entries.c.id.desc()).limit(most)
    return _entries(await connection.execute(newest))[::-1]


async def of_order(connection: AsyncConnection, order_id: int) -> tuple[Entry, ...]:
    return await _those(connection, ledger_entries.c.order_id == order_id)


async def of_payment(connection: AsyncConnection, payment_id: int) -> tuple[Entry, ...]:
    """What a payment was used for, and what was taken back of it."""
    return await _those(connection, ledger_entries.c.payment_id == payment_id)


async def left(connection: AsyncConnection, source: str) -> Money:
    """What was not taken back of the payment `source`; nothing if there is none of that name."""
    cents = (await connection.execute(_LEFT, {"source": source})).scalar_one()
    return Money(int(cents))


async def called(connection: AsyncConnection, source: str) -> Entry | None:
    """The entry that is called `source`, of whatever account."""
    found = _entries(await connection.execute(_CALLED, {"source": source}))
    return found[0] if found else None


async def _those(connection: AsyncConnection, condition: Any) -> tuple[Entry, ...]:
    query = _ENTRIES.where(condition).order_by(ledger_entries.c.id)
    return _entries(await connection.execute(query))


def _entries(rows: Iterable[Row[Any]]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            kind=row.kind,
            account_id=row.account_id,
            amount=Money(row.cents, row.currency),
            booked_at=row.booked_at,
            order_id=row.order_id,
            payment_id=row.payment_id,
            source=row.source,
            note=row.note,
            number=grouped(row.reference) if row.reference else None,
        )
        for row in rows
    )


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "account_id": entry.account_id,
        "kind": entry.kind,
        "cents": entry.amount.cents,
        "currency": entry.amount.currency,
        "order_id": entry.order_id,
        "payment_id": entry.payment_id,
        "booked_at": entry.booked_at,
        "source": entry.source,
        "note": entry.note,
    }


_ENTRIES: Final = select(ledger_entries, orders.c.reference).outerjoin(orders)
_ADD: Final = insert(ledger_entries)
_LEFT: Final = (
    select(func.coalesce(func.sum(ledger_entries.c.cents), 0))
    .join(payments, payments.c.id == ledger_entries.c.payment_id)
    .where(payments.c.source == bindparam("source"))
)
_CALLED: Final = _ENTRIES.where(ledger_entries.c.source == bindparam("source"))
_BALANCE: Final = select(func.coalesce(func.sum(ledger_entries.c.cents), 0)).where(
    ledger_entries.c.account_id == bindparam("account"), ledger_entries.c.order_id.is_(None)
)
