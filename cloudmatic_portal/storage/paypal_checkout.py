"""Attempts at paying by PayPal: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import PayPalBusy
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.paypal import Attempt, AttemptState, Place, next_look
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import orders, paypal_checkouts

BUSY: Final[tuple[AttemptState, ...]] = ("capturing", "pending")
_AT_ONCE: Final = 10


async def add(connection: AsyncConnection, order: Order, place: Place, now: datetime) -> Attempt:
    """Another attempt at what is due of the order, which is held."""
    mine = paypal_checkouts.c.order_id == order.order_id
    query = select(func.coalesce(func.max(paypal_checkouts.c.number), 0)).where(mine)
    number = (await connection.execute(query)).scalar_one() + 1
    values = {
        "order_id": order.order_id,
        "number": number,
        "amount_cents": order.due.cents,
        "currency": order.due.currency,
        "place": place,
        "state": "created",
        "created_at": now,
    }
    await connection.execute(insert(paypal_checkouts).values(values))
    [*_, last] = await of_order(connection, order.order_id)
    return last


async def of_order(connection: AsyncConnection, order_id: int) -> tuple[Attempt, ...]:
    """All attempts at the order, the first one first."""
    query = _attempts().where(paypal_checkouts.c.order_id == order_id)
    rows = await connection.execute(query.order_by(paypal_checkouts.c.number))
    return tuple(map(_attempt, rows))


async def find(connection: AsyncConnection, attempt_id: int) -> Attempt:
    row = await connection.execute(_attempts().where(paypal_checkouts.c.id == attempt_id))
    return _attempt(row.one())


async def by_paypal_id(connection: AsyncConnection, paypal_id: str) -> Attempt | None:
    query = _attempts().where(paypal_checkouts.c.paypal_id == paypal_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _attempt(row)


async def name(
    connection: AsyncConnection, attempt: Attempt, paypal_id: str, now: datetime
) -> None:
    """Note PayPal's id of it, and look after a while whether it was approved."""
    await _change(connection, attempt, paypal_id=paypal_id, check_at=next_look("created", 0, now))


async def enter(
    connection: AsyncConnection,
    attempt: Attempt,
    state: AttemptState,
    now: datetime,
    *,
    refused: bool = False,
) -> None:
    """Let the attempt be in `state` from now on.

    Raises PayPalBusy if another one of its order is being paid; the transaction has to roll back.
    """
    changes: dict[str, Any] = {"state": state, "checks": 0, "check_at": next_look(state, 0, now)}
    if refused:
        changes["refusals"] = attempt.refusals + 1
    try:
        await _change(connection, attempt, **changes)
    except IntegrityError as error:
        if violates(error, "uq_paypal_checkouts_busy", "paypal_checkouts.order_id"):
            raise PayPalBusy from error
        raise


async def look_now(connection: AsyncConnection, paypal_id: str, now: datetime) -> bool:
    """Let PayPal be asked about it at once; whether it is known here."""
    mine = paypal_checkouts.c.paypal_id == paypal_id
    over = paypal_checkouts.c.state.in_(("captured", "gone"))
    await connection.execute(update(paypal_checkouts).where(mine, ~over).values(check_at=now))
    return await by_paypal_id(connection, paypal_id) is not None


async def claim(connection: AsyncConnection, now: datetime) -> Sequence[int]:
    """The ids of attempts that are to be looked at; nobody else gets them before the next time."""
    query = _attempts().where(paypal_checkouts.c.check_at <= now)
    query = query.order_by(paypal_checkouts.c.check_at).limit(_AT_ONCE)
    rows = await connection.execute(query.with_for_update(skip_locked=True, of=paypal_checkouts))
    found = list(map(_attempt, rows))
    for each in found:
        later = next_look(each.state, each.checks + 1, now)
        await _change(connection, each, check_at=later, checks=each.checks + 1)
    return [each.attempt_id for each in found]


async def _change(connection: AsyncConnection, attempt: Attempt, **values: Any) -> None:
    mine = paypal_checkouts.c.id == attempt.attempt_id
    await connection.execute(update(paypal_checkouts).where(mine).values(values))


def _attempts() -> Select[Any]:
    joined = paypal_checkouts.join(orders, orders.c.id == paypal_checkouts.c.order_id)
    return select(paypal_checkouts, orders.c.reference).select_from(joined)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        attempt_id=row.id,
        order_id=row.order_id,
        reference=row.reference,
        number=row.number,
        amount=Money(row.amount_cents, row.currency),
        place=row.place,
        paypal_id=row.paypal_id,
        state=row.state,
        refusals=row.refusals,
        checks=row.checks,
    )
