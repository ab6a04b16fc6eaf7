"""The promises of the ledger, read from the rows: whoever changes money checks them afterwards."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    ledger_entries,
    orders,
    payments,
    voucher_redemptions,
    vouchers,
)


async def check(database: Database) -> None:
    async with database.reading() as connection:
        entries = (await connection.execute(select(ledger_entries))).all()
        await _accounts(connection, entries)
        await _orders(connection, entries)
        await _payments(connection, entries)
        await _vouchers(connection)


async def _accounts(connection: AsyncConnection, entries: Any) -> None:
    """The sum is payments, less active orders, less what left, plus what was corrected."""
    expected: dict[int, int] = defaultdict(int)
    for row in await connection.execute(select(payments)):
        expected[row.account_id] += row.amount_cents
    for row in await connection.execute(select(orders).where(orders.c.state == "active")):
        expected[row.account_id] -= row.total_cents
    found: dict[int, int] = defaultdict(int)
    for entry in entries:
        found[entry.account_id] += entry.cents
        if entry.kind in {"refund", "return_debit", "correction"}:
            expected[entry.account_id] += entry.cents
    assert _without_zeros(found) == _without_zeros(expected)


async def _orders(connection: AsyncConnection, entries: Any) -> None:
    """What is done with holds nothing; what waits holds what it has been paid."""
    held: dict[int, int] = defaultdict(int)
    moved = 0
    for entry in entries:
        held[entry.order_id] += entry.cents
        moved += entry.cents if entry.kind == "moved" else 0
    assert moved == 0
    for row in await connection.execute(select(orders)):
        waits = row.state in {"open", "expired"}
        assert held[row.id] == (row.paid_cents if waits else 0), row.state
        assert row.paid_cents == (row.total_cents if row.state == "active" else held[row.id])


async def _payments(connection: AsyncConnection, entries: Any) -> None:
    """Each payment is used once, all of it, and no more than that is taken back."""
    used: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for entry in entries:
        if entry.payment_id is not None:
            left[entry.payment_id] += entry.cents
            used[entry.payment_id] += entry.cents if entry.kind == "payment" else 0
    for row in await connection.execute(select(payments)):
        assert used[row.id] == row.amount_cents
        assert 0 <= left[row.id] <= row.amount_cents


async def _vouchers(connection: AsyncConnection) -> None:
    """No voucher is in use more often than it may be, and the count is of what is in use."""
    counted = (
        select(
            vouchers.c.max_redemptions, vouchers.c.redeemed, func.count(voucher_redemptions.c.id)
        )
        .outerjoin(
            voucher_redemptions,
            (voucher_redemptions.c.voucher == vouchers.c.code)
            & voucher_redemptions.c.given_back_at.is_(None),
        )
        .where(vouchers.c.max_redemptions.is_not(None))
        .group_by(vouchers.c.code, vouchers.c.max_redemptions, vouchers.c.redeemed)
    )
    for limit, redeemed, in_use in await connection.execute(counted):
        assert in_use == redeemed <= limit


def _without_zeros(sums: dict[int, int]) -> dict[int, int]:
    return {key: value for key, value in sums.items() if value}
