"""Agreements with PayPal and their plans: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.paypal import AgreementStep, Bond, BondState, Place, next_look
from cloudmatic_portal.domain.subscription import Plan
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import (
    order_items,
    orders,
    paypal_agreements,
    paypal_plans,
)

_AT_ONCE: Final = 10
_URGENT: Final = "capturing"
"""What PayPal is to be told is looked after as often as money that is being taken."""


async def add(
    connection: AsyncConnection,
    order: Order,
    place: Place,
    plan_id: str,
    starts_at: datetime,
    now: datetime,
) -> Bond:
    """Another agreement to be set up with the order, which is held."""
    mine = paypal_agreements.c.order_id == order.order_id
    query = select(func.coalesce(func.max(paypal_agreements.c.number), 0)).where(mine)
    number = (await connection.execute(query)).scalar_one() + 1
    values = {
        "order_id": order.order_id,
        "number": number,
        "amount_cents": order.due.cents,
        "currency": order.due.currency,
        "place": place,
        "plan_id": plan_id,
        "starts_at": starts_at,
        "state": "created",
        "created_at": now,
    }
    await connection.execute(insert(paypal_agreements).values(values))
    [*_, last] = await of_order(connection, order.order_id)
    return last


async def of_order(connection: AsyncConnection, order_id: int) -> tuple[Bond, ...]:
    query = _bonds().where(paypal_agreements.c.order_id == order_id)
    rows = await connection.execute(query.order_by(paypal_agreements.c.number))
    return tuple(map(_bond, rows))


async def find(connection: AsyncConnection, bond_id: int) -> Bond:
    row = await connection.execute(_bonds().where(paypal_agreements.c.id == bond_id))
    return _bond(row.one())


async def by_paypal_id(connection: AsyncConnection, paypal_id: str) -> Bond | None:
    query = _bonds().where(paypal_agreements.c.paypal_id == paypal_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _bond(row)


async def of_subscription(connection: AsyncConnection, subscription_id: int) -> tuple[Bond, ...]:
    """All agreements that were set up for the subscription."""
    query = _bonds().where(paypal_agreements.c.order_id.in_(_orders_of(subscription_id)))
    rows = await connection.execute(query.order_by(paypal_agreements.c.id))
    return tuple(map(_bond, rows))


async def subscription_of(connection: AsyncConnection, order_id: int) -> int | None:
    """Our subscription that the order began or goes on with; None before it is active."""
    query = select(order_items.c.subscription_id).where(
        order_items.c.order_id == order_id, order_items.c.subscription_id.is_not(None)
    )
    return (await connection.execute(query.limit(1))).scalar_one_or_none()


async def name(connection: AsyncConnection, bond: Bond, paypal_id: str, now: datetime) -> None:
    await _change(connection, bond, paypal_id=paypal_id, check_at=next_look("created", 0, now))


async def enter(connection: AsyncConnection, bond: Bond, state: BondState, now: datetime) -> None:
    """Let it be in `state`. Of one that has ended PayPal need not be told anything.

    While PayPal is to be told something, the next look is no later than that is urgent.
    """
    changes: dict[str, Any] = {"state": state, "checks": 0}
    if state == "ended":
        changes |= {"wanted": None, "check_at": None}
    else:
        soon, later = (_instant(next_look(each, 0, now)) for each in (_URGENT, state))
        due = paypal_agreements.c.check_at
        quiet = paypal_agreements.c.wanted.is_(None)
        changes["check_at"] = case((quiet, later), (due <= soon, due), else_=soon)
    await _change(connection, bond, **changes)


async def told(connection: AsyncConnection, bond: Bond, state: BondState, now: datetime) -> None:
    """PayPal has done what was `wanted`, unless something else is wanted by now."""
    mine = and_(paypal_agreements.c.id == bond.bond_id, paypal_agreements.c.wanted == bond.wanted)
    changes = {"wanted": None, "check_at": next_look(state, 0, now)}
    await connection.execute(update(paypal_agreements).where(mine).values(changes))


async def want(
    connection: AsyncConnection, subscription_id: int, step: AgreementStep, now: datetime
) -> None:
    """Let PayPal be told `step` about the subscription's agreements, as soon as it listens."""
    await _want(
        connection, paypal_agreements.c.order_id.in_(_orders_of(subscription_id)), step, now
    )


async def want_for_order(
    connection: AsyncConnection, order_id: int, step: AgreementStep, now: datetime
) -> None:
    """The same for what was set up with an order, which may be no subscription yet."""
    await _want(connection, paypal_agreements.c.order_id == order_id, step, now)


async def want_one(
    connection: AsyncConnection, bond: Bond, step: AgreementStep, now: datetime
) -> None:
    await _want(connection, paypal_agreements.c.id == bond.bond_id, step, now)


async def _want(connection: AsyncConnection, mine: Any, step: AgreementStep, now: datetime) -> None:
    living = paypal_agreements.c.state != "ended"
    # What is to be cancelled is cancelled: nothing else is wanted after that.
    free = or_(paypal_agreements.c.wanted.is_(None), paypal_agreements.c.wanted != "cancel")
    change = update(paypal_agreements).where(mine, living, free)
    await connection.execute(change.values(wanted=step, check_at=now, checks=0))


async def look_now(connection: AsyncConnection, paypal_id: str, now: datetime) -> bool:
    mine = and_(paypal_agreements.c.paypal_id == paypal_id, paypal_agreements.c.state != "ended")
    await connection.execute(update(paypal_agreements).where(mine).values(check_at=now))
    return await by_paypal_id(connection, paypal_id) is not None


async def claim(connection: AsyncConnection, now: datetime) -> Sequence[int]:
    """The ids of agreements to be looked at; nobody else gets them before the next time."""
    query = _bonds().where(paypal_agreements.c.check_at <= now)
    query = query.order_by(paypal_agreements.c.check_at).limit(_AT_ONCE)
    rows = await connection.execute(query.with_for_update(skip_locked=True, of=paypal_agreements))
    found = list(map(_bond, rows))
    for each in found:
        # What PayPal is to be told is urgent, once there is something to tell it about.
        urgent = each.wanted is not None and each.state != "created"
        state = _URGENT if urgent else each.state
        later = next_look(state, each.checks + 1, now)
        await _change(connection, each, check_at=later, checks=each.checks + 1)
    return [each.bond_id for each in found]


async def plan(connection: AsyncConnection, site: str, wanted: Plan) -> str | None:
    """PayPal's id of the plan, if it was made before."""
    price = wanted.price.gross
    query = select(paypal_plans.c.plan_id).where(
        paypal_plans.c.site == site,
        paypal_plans.c.product == wanted.product,
        paypal_plans.c.months == wanted.months,
        paypal_plans.c.price_cents == price.cents,
        paypal_plans.c.currency == price.currency,
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def add_plan(connection: AsyncConnection, site: str, made: Plan, plan_id: str) -> None:
    price = made.price.gross
    values = {
        "site": site,
        "product": made.product,
        "months": made.months,
        "price_cents": price.cents,
        "currency": price.currency,
        "plan_id": plan_id,
    }
    await connection.execute(_ADD_PLAN.on(connection), values)


async def _change(connection: AsyncConnection, bond: Bond, **values: Any) -> None:
    mine = paypal_agreements.c.id == bond.bond_id
    await connection.execute(update(paypal_agreements).where(mine).values(values))


def _instant(moment: datetime | None) -> BindParameter[Any]:
    return literal(moment, paypal_agreements.c.check_at.type)


def _orders_of(subscription_id: int) -> Select[Any]:
    return select(order_items.c.order_id).where(order_items.c.subscription_id == subscription_id)


def _bonds() -> Select[Any]:
    joined = paypal_agreements.join(orders, orders.c.id == paypal_agreements.c.order_id)
    columns = (paypal_agreements, orders.c.reference, orders.c.account_id)
    return select(*columns).select_from(joined)


def _bond(row: Row[Any]) -> Bond:
    return Bond(
        bond_id=row.id,
        order_id=row.order_id,
        account_id=row.account_id,
        reference=row.reference,
        number=row.number,
        amount=Money(row.amount_cents, row.currency),
        place=row.place,
        plan_id=row.plan_id,
        starts_at=row.starts_at,
        paypal_id=row.paypal_id,
        state=row.state,
        wanted=row.wanted,
        created_at=row.created_at,
        checks=row.checks,
    )


_ADD_PLAN: Final = insert_unless_known(paypal_plans)
