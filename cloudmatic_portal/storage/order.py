"""Orders: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.order import EnteredBy, Order, OrderState
from cloudmatic_portal.domain.payment import PaymentMethod
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.tables import order_items, orders


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order about to be stored. `session_hash` lets a booking-only session look at it."""

    account_id: int
    reference: str
    cart_revision: int
    method: PaymentMethod
    entered_by: EnteredBy
    session_hash: bytes | None
    language: Language
    total: Money
    lines: Sequence[Line]
    created_at: datetime
    pay_until: date


async def add(connection: AsyncConnection, new: NewOrder) -> int:
    """Store an open order and return its id. Lock the account first.

    Raises IntegrityError if that revision of the cart was ordered before.
    """
    values = {
        "account_id": new.account_id,
        "reference": new.reference,
        "cart_revision": new.cart_revision,
        # An order that costs nothing is paid from the start.
        "state": "open" if new.total.cents else "paid",
        "method": new.method,
        "entered_by": new.entered_by,
        "session_hash": new.session_hash,
        "language": new.language,
        "currency": new.total.currency,
        "total_cents": new.total.cents,
        "created_at": new.created_at,
        "pay_until": new.pay_until,
    }
    added = await connection.execute(insert(orders).values(values).returning(orders.c.id))
    order_id: int = added.scalar_one()
    rows = [_item_values(order_id, position, line) for position, line in enumerate(new.lines)]
    await connection.execute(insert(order_items), rows)
    return order_id


async def find(connection: AsyncConnection, reference: str) -> Order | None:
    return await _one(connection, orders.c.reference == reference)


async def of_cart(connection: AsyncConnection, account_id: int, revision: int) -> str | None:
    """The reference of the order that was made of that revision of the account's cart."""
    mine = (orders.c.account_id == account_id, orders.c.cart_revision == revision)
    query = select(orders.c.reference).where(*mine)
    return (await connection.execute(query)).scalar_one_or_none()


async def search(
    connection: AsyncConnection, account_id: int | None, state: OrderState | None, most: int
) -> tuple[Order, ...]:
    """The latest orders, the newest first; of one account and in one state if they are given."""
    query = select(orders).order_by(orders.c.id.desc()).limit(most)
    if account_id is not None:
        query = query.where(orders.c.account_id == account_id)
    if state is not None:
        query = query.where(orders.c.state == state)
    return await _orders(connection, (await connection.execute(query)).all())


async def session_hash(connection: AsyncConnection, reference: str) -> bytes | None:
    """The booking-only session that made the order."""
    query = select(orders.c.session_hash).where(orders.c.reference == reference)
    return (await connection.execute(query)).scalar_one_or_none()


async def hold(connection: AsyncConnection, reference: str) -> Order | None:
    """Find the order and hold it: whoever pays or cancels it at the same time waits."""
    query = select(orders).where(orders.c.reference == reference).with_for_update()
    rows = (await connection.execute(query)).all()
    found = await _orders(connection, rows)
    return found[0] if found else None


async def pay(
    connection: AsyncConnection, order: Order, paid: Money, activated_at: datetime | None
) -> None:
    """Note what has arrived in all and, if the order is active now, since when. Hold it first."""
    values: dict[str, Any] = {"paid_cents": paid.cents}
    if activated_at is not None:
        values |= {"state": "active", "activated_at": activated_at}
    await _change(connection, order, **values)


async def end(connection: AsyncConnection, order: Order, state: OrderState, now: datetime) -> None:
    """Cancel, expire or refund the order. Hold it first."""
    await _change(connection, order, state=state, ended_at=now)


async def items(connection: AsyncConnection, order_id: int) -> list[tuple[int, Line]]:
    """The order's lines with the ids that access periods and credit refer to."""
    query = _items(order_items.c.order_id == order_id)
    return [(row.id, _line(row, "EUR")) for row in await connection.execute(query)]


async def subscribe(connection: AsyncConnection, order_item: int, subscription_id: int) -> None:
    """Make the line the subscription's first period."""
    change = update(order_items).where(order_items.c.id == order_item)
    values = {"subscription_id": subscription_id, "period_number": 0}
    await connection.execute(change.values(values))


async def _change(connection: AsyncConnection, order: Order, **values: Any) -> None:
    await connection.execute(update(orders).where(orders.c.id == order.order_id).values(values))


async def _one(connection: AsyncConnection, condition: ColumnElement[bool]) -> Order | None:
    rows = (await connection.execute(select(orders).where(condition))).all()
    found = await _orders(connection, rows)
    return found[0] if found else None


async def _orders(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> tuple[Order, ...]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    currencies = {row.id: row.currency for row in rows}
    lines: dict[int, list[Line]] = defaultdict(list)
    for item in await connection.execute(_items(order_items.c.order_id.in_(ids))):
        lines[item.order_id].append(_line(item, currencies[item.order_id]))
    saved = await stored_voucher.of_orders(connection, ids)
    return tuple(
        Order(
            order_id=row.id,
            reference=row.reference,
            account_id=row.account_id,
            state=row.state,
            method=row.method,
            lines=tuple(lines[row.id]),
            vouchers=saved.get(row.id, {}),
            paid=Money(row.paid_cents, row.currency),
            language=row.language,
            created_at=row.created_at,
            pay_until=row.pay_until,
            activated_at=row.activated_at,
        )
        for row in rows
    )


def _items(condition: ColumnElement[bool]) -> Any:
    return select(order_items).where(condition).order_by(order_items.c.position)


def _item_values(order_id: int, position: int, line: Line) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "position": position,
        "product": line.product,
        "name": line.name,
        "product_kind": line.product_kind,
        "quantity": line.quantity,
        "free_months": line.free_months,
        "kind": line.kind,
        "list_cents": line.list_price.gross.cents,
        "price_cents": line.price.gross.cents,
        "vat_basis_points": line.price.vat_basis_points,
    }


def _line(row: Row[Any], currency: str) -> Line:
    return Line(
        product=row.product,
        name=row.name,
        product_kind=row.product_kind,
        quantity=row.quantity,
        kind=row.kind,
        list_price=Price(Money(row.list_cents, currency), row.vat_basis_points),
        price=Price(Money(row.price_cents, currency), row.vat_basis_points),
        free_months=row.free_months,
    )
