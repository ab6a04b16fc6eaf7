"""Orders: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Row,
    Select,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.order import EnteredBy, Order, OrderState
from cloudmatic_portal.domain.payment import PaymentMethod
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.storage.tables import order_items, orders

_NOTHING: Final = Money(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order about to be stored. `session_hash` lets a booking-only session look at it.

    One that a subscription makes has neither a cart nor anybody who entered it. `paid` is what the
    balance pays. `transfer_references` are those of the subscriptions that the lines are periods
    of; of one that a subscription makes, `period` is its id and the number of the period.
    """

    account_id: int
    reference: str
    cart_revision: int | None = None
    method: PaymentMethod
    entered_by: EnteredBy | None = None
    session_hash: bytes | None = None
    language: Language
    total: Money
    lines: Sequence[Line]
    created_at: datetime
    pay_until: date
    paid: Money = _NOTHING
    transfer_references: Sequence[str | None] = ()
    period: tuple[int, int] | None = None
    terms_version: str | None = None

    @property
    def due(self) -> Money:
        return self.total - self.paid


async def add(connection: AsyncConnection, new: NewOrder) -> int:
    """Store an open order and return its id. Lock the account first.

    Raises IntegrityError if that revision of the cart, or that period, was ordered before.
    """
    row = {
        "account_id": new.account_id,
        "reference": new.reference,
        "cart_revision": new.cart_revision,
        # An order that costs nothing is paid from the start, and so is one that the balance pays.
        "state": "open" if new.due.cents else "paid",
        "method": new.method,
        "entered_by": new.entered_by,
        "session_hash": new.session_hash,
        "language": new.language,
        "currency": new.total.currency,
        "total_cents": new.total.cents,
        "paid_cents": new.paid.cents,
        "created_at": new.created_at,
        "pay_until": new.pay_until,
    }
    order_id: int = (await connection.execute(_ADD, row)).scalar_one()
    references = dict(enumerate(new.transfer_references))
    rows = [
        _item_values(order_id, position, line) | _subscribed(new, references.get(position))
        for position, line in enumerate(new.lines)
    ]
    await connection.execute(_ADD_ITEMS, rows)
    return order_id


async def find(connection: AsyncConnection, reference: str) -> Order | None:
    return await _one(connection, _FIND, reference)


async def find_by_id(connection: AsyncConnection, order_id: int) -> Order | None:
    found = from_rows(await connection.execute(_FIND_BY_ID, {"order": order_id}))
    return found[0] if found else None


async def hold_by_id(connection: AsyncConnection, order_id: int) -> Order | None:
    found = from_rows(await connection.execute(_HOLD_BY_ID, {"order": order_id}))
    return found[0] if found else None


async def of_cart(connection: AsyncConnection, account_id: int, revision: int) -> str | None:
    """The reference of the order that was made of that revision of the account's cart."""
    mine = (orders.c.account_id == account_id, orders.c.cart_revision == revision)
    query = select(orders.c.reference).where(*mine)
    return (await connection.execute(query)).scalar_one_or_none()


async def search(
    connection: AsyncConnection, account_id: int | None, state: OrderState | None, most: int
) -> tuple[Order, ...]:
    """The latest orders, the newest first; of one account and in one state if they are given."""
    latest = select(orders.c.id).order_by(orders.c.id.desc()).limit(most)
    if account_id is not None:
        latest = latest.where(orders.c.account_id == account_id)
    if state is not None:
        latest = latest.where(orders.c.state == state)
    query = _ORDERS.where(orders.c.id.in_(latest.subquery().select()))
    return from_rows(await connection.execute(query.order_by(orders.c.id.desc(), _POSITION)))


async def session_hash(connection: AsyncConnection, reference: str) -> bytes | None:
    """The booking-only session that made the order."""
    query = select(orders.c.session_hash).where(orders.c.reference == reference)
    return (await connection.execute(query)).scalar_one_or_none()


async def waiting(connection: AsyncConnection, account_id: int) -> tuple[str, ...]:
    """The references of the account's orders that could still be paid, the oldest first."""
    mine = (orders.c.account_id == account_id, orders.c.state.in_(("open", "expired")))
    query = select(orders.c.reference).where(*mine).order_by(orders.c.id)
    return tuple((await connection.execute(query)).scalars())


async def hold(connection: AsyncConnection, reference: str) -> Order | None:
    """Find the order and hold it: whoever pays or cancels it at the same time waits."""
    return await _one(connection, _HOLD, reference)


async def pay(
    connection: AsyncConnection, order: Order, paid: Money, activated_at: datetime | None
) -> None:
    """Note what the order holds now and, if it is active now, since when. Hold it first."""
    values: dict[str, Any] = {"paid_cents": paid.cents}
    if activated_at is not None:
        values |= {"state": "active", "activated_at": activated_at}
    await _change(connection, order, **values)


async def end(connection: AsyncConnection, order: Order, state: OrderState, now: datetime) -> None:
    """Cancel, expire or refund the order, which then holds no money. Hold it first."""
    await _change(connection, order, state=state, ended_at=now, paid_cents=0)


async def subscribe(
    connection: AsyncConnection, order_item: int, subscription_id: int, number: int
) -> None:
    """Make the line period `number` of the subscription that it has begun."""
    change = update(order_items).where(order_items.c.id == order_item)
    values = {"subscription_id": subscription_id, "period_number": number}
    await connection.execute(change.values(values))


async def _change(connection: AsyncConnection, order: Order, **values: Any) -> None:
    await connection.execute(_CHANGE, {"changed": order.order_id, **values})


async def _one(connection: AsyncConnection, query: Select[Any], reference: str) -> Order | None:
    found = from_rows(await connection.execute(query, {"reference": reference}))
    return found[0] if found else None


def from_rows(rows: Iterable[Row[Any]]) -> tuple[Order, ...]:
    """The orders of rows that have an order with one of its lines each."""
    by_order: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_order[row.orders_id].append(row)
    return tuple(_order(lines) for lines in by_order.values())


def _order(rows: Sequence[Row[Any]]) -> Order:
    row = rows[0]
    return Order(
        order_id=row.orders_id,
        reference=row.orders_reference,
        account_id=row.orders_account_id,
        state=row.orders_state,
        method=row.orders_method,
        lines=tuple(_line(each, row.orders_currency) for each in rows),
        items=tuple(each.order_items_id for each in rows),
        transfer_references=tuple(each.order_items_subscription_reference for each in rows),
        paid=Money(row.orders_paid_cents, row.orders_currency),
        language=row.orders_language,
        created_at=row.orders_created_at,
        pay_until=row.orders_pay_until,
        activated_at=row.orders_activated_at,
    )


def _subscribed(new: NewOrder, reference: str | None) -> dict[str, Any]:
    subscription_id, number = new.period or (None, None)
    return {
        "subscription_id": subscription_id,
        "period_number": number,
        "subscription_reference": reference,
    }


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
    vat = row.order_items_vat_basis_points
    return Line(
        product=row.order_items_product,
        name=row.order_items_name,
        product_kind=row.order_items_product_kind,
        quantity=row.order_items_quantity,
        kind=row.order_items_kind,
        list_price=Price(Money(row.order_items_list_cents, currency), vat),
        price=Price(Money(row.order_items_price_cents, currency), vat),
        free_months=row.order_items_free_months,
    )


_POSITION: Final = order_items.c.position
# Lines are there with their order and never change, so that joining them to an order that is
# waited for shows no former state.
_ORDERS: Final = (
    select(orders, order_items)
    .join(order_items, order_items.c.order_id == orders.c.id)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_FIND: Final = _ORDERS.where(orders.c.reference == bindparam("reference")).order_by(_POSITION)
_HOLD: Final = _FIND.with_for_update(of=orders)
_FIND_BY_ID: Final = _ORDERS.where(orders.c.id == bindparam("order")).order_by(_POSITION)
_HOLD_BY_ID: Final = _FIND_BY_ID.with_for_update(of=orders)
_ADD: Final = insert(orders).returning(orders.c.id)
_ADD_ITEMS: Final = insert(order_items)
_CHANGE: Final = update(orders).where(orders.c.id == bindparam("changed"))
