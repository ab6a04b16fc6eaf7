"""Subscriptions: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, func, insert, select, text, update
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
from cloudmatic_portal.storage.tables.order import FIRST_PERIOD


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, with the name of its product, how it is paid, and what its payments name."""

    subscription: Subscription
    name: str
    method: PaymentMethod
    reference: str


@dataclass(frozen=True, slots=True)
class Referenced:
    """A subscription's account, its first order, and its id once that is active."""

    account_id: int
    first_order: int
    subscription_id: int | None


async def add(
    connection: AsyncConnection,
    new: Subscription,
    method: PaymentMethod,
    reference: str,
    now: datetime,
) -> int:
    """Begin a subscription (its own id is not looked at); return its id."""
    values = {
        "account_id": new.account_id,
        "method": method,
        "reference": reference,
        "created_at": now,
        **_values(new),
    }
    added: int = (await connection.execute(_ADD, values)).scalar_one()
    return added


async def find(connection: AsyncConnection, subscription_id: int) -> Subscribed | None:
    """Lock the account first if something is to be changed."""
    row = (await connection.execute(_FIND, {"mine": subscription_id})).one_or_none()
    return None if row is None else _subscribed(row)


async def by_reference(connection: AsyncConnection, reference: str) -> Referenced | None:
    """What customers name by `reference` on their transfers, whether it has begun or not."""
    query = (
        select(orders.c.account_id, orders.c.id, order_items.c.subscription_id)
        .join(orders, order_items.c.order_id == orders.c.id)
        .where(order_items.c.subscription_reference == reference, text(FIRST_PERIOD))
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Referenced(row.account_id, row.id, row.subscription_id)


async def of_account(connection: AsyncConnection, account_id: int) -> tuple[Subscribed, ...]:
    rows = await connection.execute(_OF_ACCOUNT, {"account": account_id})
    return tuple(map(_subscribed, rows))


async def change(connection: AsyncConnection, changed: Subscription) -> None:
    await connection.execute(_CHANGE, {"changed": changed.subscription_id, **_values(changed)})


async def cancel(connection: AsyncConnection, subscription_id: int) -> None:
    nothing = dict.fromkeys(
        ("next_product", "next_months", "next_price_cents", "next_vat_basis_points")
    )
    values = {"changed": subscription_id, "state": "cancelled", **nothing}
    await connection.execute(_CHANGE, values)


async def last_number(connection: AsyncConnection, subscription_id: int) -> int:
    """The number of the latest period that was ordered."""
    return int((await connection.execute(_LAST_NUMBER, {"mine": subscription_id})).scalar_one())


async def waiting_order(connection: AsyncConnection, subscription_id: int) -> str | None:
    """The reference of the oldest order of the subscription that is still to be paid."""
    found = await connection.execute(_WAITING_ORDER, {"mine": subscription_id})
    return found.scalar_one_or_none()


async def paid_until(connection: AsyncConnection, subscription_id: int) -> date | None:
    """The last day of the periods of the subscription that are paid."""
    last: date | None = (
        await connection.execute(_PAID_UNTIL, {"mine": subscription_id})
    ).scalar_one()
    return last


async def goes_on(connection: AsyncConnection, account_id: int) -> bool:
    """Whether a subscription of the account will order its next period when its time comes."""
    return bool((await connection.execute(_GOES_ON, {"account": account_id})).scalar())


async def waiting_turns(connection: AsyncConnection, account_id: int) -> dict[int, int]:
    """The account's subscriptions that wait to order a period, and the period's number."""
    rows = await connection.execute(_WAITING_TURNS, {"account": account_id})
    return {row.subscription_id: row.number for row in rows}


async def of_items(connection: AsyncConnection, items: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Subscription and period number of the order items that are part of one, by item."""
    rows = await connection.execute(_OF_ITEMS, {"items": items})
    return {row.id: (row.subscription_id, row.period_number) for row in rows}


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
    return Subscribed(subscription, row.name, row.method, row.reference)


_MINE: Final[Any] = bindparam("mine")
_SUBSCRIPTIONS: Final = select(subscriptions, products.c.name).join(
    products, subscriptions.c.product == products.c.code
)
_FIND: Final = _SUBSCRIPTIONS.where(subscriptions.c.id == _MINE)
_OF_ACCOUNT: Final = _SUBSCRIPTIONS.where(
    subscriptions.c.account_id == bindparam("account")
).order_by(subscriptions.c.id)
_ADD: Final = insert(subscriptions).returning(subscriptions.c.id)
_CHANGE: Final = update(subscriptions).where(subscriptions.c.id == bindparam("changed"))
_LAST_NUMBER: Final = select(func.max(order_items.c.period_number)).where(
    order_items.c.subscription_id == _MINE
)
_WAITING_ORDER: Final = (
    select(orders.c.reference)
    .join(order_items, order_items.c.order_id == orders.c.id)
    .where(order_items.c.subscription_id == _MINE)
    .where(orders.c.state.in_(("open", "expired")))
    .order_by(orders.c.id)
    .limit(1)
)
_PAID_UNTIL: Final = (
    select(func.max(access_periods.c.last_day))
    .join(order_items, order_items.c.id == access_periods.c.order_item)
    .where(order_items.c.subscription_id == _MINE)
)
_OF_ITEMS: Final = (
    select(order_items.c.id, order_items.c.subscription_id, order_items.c.period_number)
    .where(order_items.c.id.in_(bindparam("items", expanding=True)))
    .where(order_items.c.subscription_id.is_not(None))
)
# As text, not as a parameter: only then a database sees that the partial index will do.
_WAITS: Any = text(f"due_actions.{WAITING}")
_TURNS: Final = (
    due_actions.c.account_id == bindparam("account"),
    _WAITS,
    due_actions.c.kind == "renewal",
    due_actions.c.subscription_id == subscriptions.c.id,
    subscriptions.c.state == "active",
)
_ORDERED: Final = exists().where(
    order_items.c.subscription_id == due_actions.c.subscription_id,
    order_items.c.period_number == due_actions.c.number,
)
_GOES_ON: Final = select(exists().where(*_TURNS, ~_ORDERED))
_WAITING_TURNS: Final = (
    select(due_actions.c.subscription_id, func.max(due_actions.c.number).label("number"))
    .where(*_TURNS)
    .group_by(due_actions.c.subscription_id)
    .order_by(due_actions.c.subscription_id)
)
