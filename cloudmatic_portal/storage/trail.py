"""What happened to orders and payments: rows in, steps out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.trail import Step
from cloudmatic_portal.storage.tables import (
    access_periods,
    credit_entries,
    due_actions,
    ledger_entries,
    mails,
    order_items,
    orders,
    payments,
    voucher_redemptions,
)


async def orders_of_payment(connection: AsyncConnection, payment_id: int) -> tuple[int, ...]:
    """The orders that the payment was for."""
    mine = (ledger_entries.c.payment_id == payment_id, ledger_entries.c.order_id.is_not(None))
    query = select(ledger_entries.c.order_id).where(*mine).distinct()
    return tuple(await connection.scalars(query.order_by(ledger_entries.c.order_id)))


async def payments_of_orders(
    connection: AsyncConnection, order_ids: Collection[int]
) -> tuple[int, ...]:
    """The payments that were for one of the orders."""
    mine = (ledger_entries.c.order_id.in_(order_ids), ledger_entries.c.payment_id.is_not(None))
    query = select(ledger_entries.c.payment_id).where(*mine).distinct()
    return tuple(await connection.scalars(query.order_by(ledger_entries.c.payment_id)))


async def of_orders(connection: AsyncConnection, order_ids: Collection[int]) -> list[Step]:
    """What became of the orders, and what they gave."""
    rows = (await connection.execute(select(orders).where(orders.c.id.in_(order_ids)))).all()
    steps = [step for row in rows for step in _states(row)]
    periods = await connection.execute(_access().where(orders.c.id.in_(order_ids)))
    steps += [_period(row) for row in periods]
    for row in await connection.execute(_credit().where(orders.c.id.in_(order_ids))):
        note = f"{row.messages} messages"
        number = grouped(row.reference)
        step = Step(at=row.made_at, kind="credit", what=row.product, number=number, note=note)
        steps.append(step)
    used = select(voucher_redemptions, orders.c.reference, orders.c.created_at).join(orders)
    for row in await connection.execute(used.where(orders.c.id.in_(order_ids))):
        steps += _voucher(row)
    done = select(due_actions, orders.c.reference).join(orders)
    settled = due_actions.c.settled_at.is_not(None)
    for row in await connection.execute(done.where(orders.c.id.in_(order_ids), settled)):
        note, number = f"{row.state}: {row.why}", grouped(row.reference)
        step = Step(at=row.settled_at, kind="due", what=row.kind, number=number, note=note)
        steps.append(step)
    return steps


async def of_money(
    connection: AsyncConnection, order_ids: Collection[int], payment_ids: Collection[int]
) -> list[Step]:
    """What arrived, and the entries that say what it was used for."""
    arrived = await connection.execute(select(payments).where(payments.c.id.in_(payment_ids)))
    steps = [_payment(row) for row in arrived]
    entries = select(ledger_entries, orders.c.reference).outerjoin(orders)
    mine = or_(
        ledger_entries.c.order_id.in_(order_ids), ledger_entries.c.payment_id.in_(payment_ids)
    )
    rows = await connection.execute(entries.where(mine).order_by(ledger_entries.c.id))
    return steps + [_entry(row) for row in rows]


async def of_balance(connection: AsyncConnection, account_id: int, since: datetime) -> list[Step]:
    """What operators paid out of the account's balance, or corrected of it, from `since` on."""
    entries = ledger_entries.c
    by_hand = or_(
        entries.kind == "correction", and_(entries.kind == "refund", entries.payment_id.is_(None))
    )
    query = select(ledger_entries, orders.c.reference).outerjoin(orders)
    query = query.where(entries.account_id == account_id, entries.booked_at >= since, by_hand)
    return [_entry(row) for row in await connection.execute(query.order_by(entries.id))]


async def of_mails(
    connection: AsyncConnection,
    account_id: int,
    references: Iterable[str],
    payment_ids: Iterable[int],
) -> list[Step]:
    """The mails about these orders and payments: when they were written, and when they left."""
    about = [mails.c.key.contains(f":{reference}", autoescape=True) for reference in references]
    about += [mails.c.key.startswith(f"payment_balance:{each}:") for each in payment_ids]
    query = select(mails).where(mails.c.account_id == account_id, or_(*about))
    rows = (await connection.execute(query.order_by(mails.c.id))).all() if about else ()
    steps = []
    for row in rows:
        note = f"mail {row.id} is {row.state}"
        steps.append(Step(at=row.created_at, kind="mail", what=row.kind, note=note))
        if row.sent_at is not None:
            note = f"mail {row.id} left"
            steps.append(Step(at=row.sent_at, kind="mail", what=row.kind, note=note))
    return steps


def _states(row: Row[Any]) -> Iterator[Step]:
    number, total = grouped(row.reference), Money(row.total_cents, row.currency)
    entered = f"by {row.entered_by}" if row.entered_by else "by its subscription"
    note = f"{row.method}, {entered}"
    yield Step(
        at=row.created_at, kind="order", what="ordered", number=number, amount=total, note=note
    )
    if row.activated_at is not None:
        yield Step(at=row.activated_at, kind="state", what="active", number=number)
    if row.ended_at is not None:
        # One that had expired and was paid late is active, and keeps when it expired.
        state = "expired" if row.state == "active" else row.state
        yield Step(at=row.ended_at, kind="state", what=state, number=number)


def _period(row: Row[Any]) -> Step:
    days = (row.first_day, row.last_day)
    grace = row.order_item is None
    at = row.created_at if grace or row.activated_at is None else row.activated_at
    number, note = grouped(row.reference), "days of grace" if grace else ""
    return Step(at=at, kind="access", what=row.product, number=number, days=days, note=note)


def _voucher(row: Row[Any]) -> Iterator[Step]:
    number = grouped(row.reference)
    yield Step(at=row.created_at, kind="voucher", what=row.voucher, number=number)
    if row.given_back_at is not None:
        at, back = row.given_back_at, "given back"
        yield Step(at=at, kind="voucher", what=row.voucher, number=number, note=back)


def _payment(row: Row[Any]) -> Step:
    return Step(
        at=row.booked_at,
        kind="payment",
        what=row.method,
        amount=Money(row.amount_cents, row.currency),
        source=row.source,
        note=f"arrived on {row.received_on}",
    )


def _entry(row: Row[Any]) -> Step:
    where = "" if row.reference else "balance"
    return Step(
        at=row.booked_at,
        kind="entry",
        what=row.kind,
        number=grouped(row.reference) if row.reference else None,
        amount=Money(row.cents, row.currency),
        source=row.source,
        note=", ".join(filter(None, (where, row.note))),
    )


def _access() -> Any:
    items = or_(
        access_periods.c.order_item == order_items.c.id,
        access_periods.c.grace_for == order_items.c.id,
    )
    facts = (orders.c.reference, orders.c.created_at, orders.c.activated_at)
    periods = select(access_periods, *facts).join(order_items, items)
    return periods.join(orders, order_items.c.order_id == orders.c.id)


def _credit() -> Any:
    added = select(credit_entries, orders.c.reference).join(
        order_items, credit_entries.c.order_item == order_items.c.id
    )
    return added.join(orders, order_items.c.order_id == orders.c.id)
