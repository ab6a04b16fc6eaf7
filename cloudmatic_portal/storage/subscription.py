"""Subscriptions: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.payment import PaymentMethod
from cloudmatic_portal.domain.subscription import Plan, Subscription
from cloudmatic_portal.storage.tables import (
    access_periods,
    due_actions,
    order_items,
    orders,
    products,
    subscriptions,
)
from cloudmatic_portal.storage.tables.due import WAITING


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, with the name of its product and how it is paid."""

    subscription: Subscription
    name: str
    method: PaymentMethod


async def add(
    connection: AsyncConnection, new: Subscription, method: PaymentMethod, now: datetime
) -> int:
    """Begin a subscription (its own id is not looked at); return its id."""
    values = {
        "account_id": new.account_id,
        "method": method,
        "created_at": now,
        **_values(new),
    }
    statement = insert(subscriptions).values(values).returning(subscriptions.c.id)
    added: int = (await connection.execute(statement)).scalar_one()
    return added


async def find(connection: AsyncConnection, subscription_id: int) -> Subscribed | None:
    """Lock the account first if something is to be changed."""
    query = _subscriptions().where(subscriptions.c.id == subscription_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _subscribed(row)


async def of_account(connection: AsyncConnection, account_id: int) -> tuple[Subscribed, ...]:
    query = _subscriptions().where(subscriptions.c.account_id == account_id)
    rows = await connection.execute(query.order_by(subscriptions.c.id))
    return tuple(map(_subscribed, rows))


async def change(connection: AsyncConnection, changed: Subscription) -> None:
    mine = update(subscriptions).where(subscriptions.c.id == changed.subscription_id)
    await connection.execute(mine.values(_values(changed)))


async def cancel(connection: AsyncConnection, subscription_id: int) -> None:
    mine = update(subscriptions).where(subscriptions.c.id == subscription_id)
    nothing = dict.fromkeys(
        ("next_product", "next_months", "next_price_cents", "next_vat_basis_points")
    )
    await connection.execute(mine.values(state="cancelled", **nothing))


async def last_number(connection: AsyncConnection, subscription_id: int) -> int:
    """The number of the latest period that was ordered."""
    query = select(func.max(order_items.c.period_number))
    mine = order_items.c.subscription_id == subscription_id
    return int((await connection.execute(query.where(mine))).scalar_one())


async def first_reference(connection: AsyncConnection, subscription_id: int) -> str | None:
    """The reference of the order that began the subscription."""
    query = (
        select(orders.c.reference)
        .join(order_items, order_items.c.order_id == orders.c.id)
        .where(order_items.c.subscription_id == subscription_id)
        .order_by(order_items.c.period_number)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def waiting_order(connection: AsyncConnection, subscription_id: int) -> str | None:
    """The reference of the oldest order of the subscription that is still to be paid."""
    query = (
        select(orders.c.reference)
        .join(order_items, order_items.c.order_id == orders.c.id)
        .where(order_items.c.subscription_id == subscription_id)
        .where(orders.c.state.in_(("open", "expired")))
        .order_by(orders.c.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def paid_until(connection: AsyncConnection, subscription_id: int) -> date | None:
    """The last day of the periods of the subscription that are paid."""
    query = (
        select(func.max(access_periods.c.last_day))
        .join(order_items, order_items.c.id == access_periods.c.order_item)
        .where(order_items.c.subscription_id == subscription_id)
    )
    last: date | None = (await connection.execute(query)).scalar_one()
    return last


async def goes_on(connection: AsyncConnection, account_id: int) -> bool:
    """Whether a subscription of the account will order its next period when its time comes."""
    waits: Any = text(f"due_actions.{WAITING}")
    query = select(
        exists()
        .where(due_actions.c.account_id == account_id, waits, due_actions.c.kind == "renewal")
        .where(due_actions.c.subscription_id == subscriptions.c.id)
        .where(subscriptions.c.state == "active")
    )
    return bool((await connection.execute(query)).scalar())


async def of_items(connection: AsyncConnection, items: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Subscription and period number of the order items that are part of one, by item."""
    query = select(order_items.c.id, order_items.c.subscription_id, order_items.c.period_number)
    wanted = (order_items.c.id.in_(items), order_items.c.subscription_id.is_not(None))
    rows = await connection.execute(query.where(*wanted))
    return {row.id: (row.subscription_id, row.period_number) for row in rows}


def _subscriptions() -> Any:
    return select(subscriptions, products.c.name).join(
        products, subscriptions.c.product == products.c.code
    )


def _values(subscription: Subscription) -> dict[str, Any]:
    plan, wanted = subscription.plan, subscription.next_plan
    return {
        "state": subscription.state,
        "product": plan.product,
        "months": plan.months,
        "price_cents": plan.price.gross.cents,
        "currency": plan.price.gross.currency,
        "vat_basis_points": plan.price.vat_basis_points,
        "anchor": subscription.anchor,
        "first_number": subscription.first_number,
        "free_months": subscription.free_months,
        "next_product": wanted.product if wanted else None,
        "next_months": wanted.months if wanted else None,
        "next_price_cents": wanted.price.gross.cents if wanted else None,
        "next_vat_basis_points": wanted.price.vat_basis_points if wanted else None,
    }


def _subscribed(row: Row[Any]) -> Subscribed:
    price = Price(Money(row.price_cents, row.currency), row.vat_basis_points)
    wanted = None
    if row.next_product is not None:
        gross = Money(row.next_price_cents, row.currency)
        next_price = Price(gross, row.next_vat_basis_points)
        wanted = Plan(row.next_product, row.next_months, next_price)
    subscription = Subscription(
        subscription_id=row.id,
        account_id=row.account_id,
        state=row.state,
        plan=Plan(row.product, row.months, price),
        anchor=row.anchor,
        first_number=row.first_number,
        free_months=row.free_months,
        next_plan=wanted,
    )
    return Subscribed(subscription, row.name, row.method)
