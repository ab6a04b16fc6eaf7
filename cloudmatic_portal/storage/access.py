"""Access periods: rows in, domain out."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.storage.tables import access_periods, order_items, products


async def not_ended(
    connection: AsyncConnection, account_id: int, today: date
) -> tuple[AccessPeriod, ...]:
    """The account's periods that run today or later, earliest first."""
    rows = await connection.execute(_NOT_ENDED, {"account": account_id, "today": today})
    return tuple(_period(row) for row in rows)


async def last_ended(
    connection: AsyncConnection, account_id: int, today: date
) -> AccessPeriod | None:
    """The account's period that was over last before today."""
    last = {"account": account_id, "today": today}
    row = (await connection.execute(_LAST_ENDED, last)).one_or_none()
    return None if row is None else _period(row)


async def ended_and_not(
    connection: AsyncConnection, account_id: int, today: date
) -> tuple[AccessPeriod, ...]:
    """What `last_ended` and `not_ended` say, in this order, with one statement."""
    rows = list(await connection.execute(_ENDED_AND_NOT, {"account": account_id, "today": today}))
    # Several may have ended on the same day; the first of them stands for all.
    ended = [row for row in rows if row.last_day < today][:1]
    return tuple(_period(row) for row in (*ended, *(r for r in rows if r.last_day >= today)))


def _period(row: Row[Any]) -> AccessPeriod:
    grace = row.grace_for is not None
    return AccessPeriod(row.first_day, row.last_day, row.product, row.name, row.trial, grace)


async def last_day(connection: AsyncConnection, account_id: int, product: str) -> date | None:
    """The end of the account's latest period of `product`, past or future."""
    table = access_periods
    query = (
        select(table.c.last_day)
        .where(table.c.account_id == account_id, table.c.product == product)
        .order_by(table.c.last_day.desc())
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def add(
    connection: AsyncConnection,
    account_id: int,
    period: AccessPeriod,
    order_item: int | None = None,
) -> None:
    """Add a period, of the order item that bought it. Lock the account first.

    Raises IntegrityError if the account has the product on one of those days already, or the
    order item has its period.
    """
    await connection.execute(_ADD, _values(account_id, period) | {"order_item": order_item})


def _values(account_id: int, period: AccessPeriod) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "product": period.product,
        "first_day": period.first_day,
        "last_day": period.last_day,
        "trial": period.trial,
    }


async def add_grace(
    connection: AsyncConnection, account_id: int, period: AccessPeriod, order_item: int
) -> None:
    """Let the account use what it has not paid yet. Lock the account first."""
    row = _values(account_id, period) | {"grace_for": order_item}
    await connection.execute(_ADD, row)


async def grace(connection: AsyncConnection, order_item: int) -> AccessPeriod | None:
    """The days of grace that the account has, or had, for an order item that is not paid."""
    row = (await connection.execute(_GRACE, {"item": order_item})).one_or_none()
    return None if row is None else _period(row)


async def keep_grace(connection: AsyncConnection, order_item: int, last_day: date) -> None:
    """Paid in time: the days of grace become the beginning of what was bought."""
    values = {"order_item": order_item, "grace_for": None, "last_day": last_day}
    await connection.execute(_KEEP_GRACE, {"item": order_item, **values})


async def end_grace(connection: AsyncConnection, order_item: int, last_day: date) -> None:
    """Let the days of grace end on `last_day`, or not begin at all."""
    await _end(connection, access_periods.c.grace_for == order_item, last_day)


async def end(connection: AsyncConnection, order_item: int, last_day: date) -> None:
    """Let what the order item bought end on `last_day`, or not begin at all."""
    await _end(connection, access_periods.c.order_item == order_item, last_day)


async def _end(connection: AsyncConnection, mine: ColumnElement[bool], last_day: date) -> None:
    begun = access_periods.c.first_day <= last_day
    later = access_periods.c.last_day > last_day
    await connection.execute(
        update(access_periods).where(mine, begun, later).values(last_day=last_day)
    )
    await connection.execute(delete(access_periods).where(mine, ~begun))


async def of_order(connection: AsyncConnection, order_id: int) -> dict[int, tuple[date, date]]:
    """First and last day of what the order's lines bought, by their position in it."""
    query = (
        select(order_items.c.position, access_periods.c.first_day, access_periods.c.last_day)
        .join(order_items, access_periods.c.order_item == order_items.c.id)
        .where(order_items.c.order_id == order_id)
    )
    rows = await connection.execute(query)
    return {row.position: (row.first_day, row.last_day) for row in rows}


_ADD: Final = insert(access_periods)
_GRACE: Final = (
    select(access_periods, products.c.name)
    .join(products)
    .where(access_periods.c.grace_for == bindparam("item"))
)
_KEEP_GRACE: Final = update(access_periods).where(access_periods.c.grace_for == bindparam("item"))
_PERIODS: Final = (
    select(access_periods, products.c.name)
    .join(products, access_periods.c.product == products.c.code)
    .where(access_periods.c.account_id == bindparam("account"))
)
_NOT_ENDED: Final = _PERIODS.where(access_periods.c.last_day >= bindparam("today")).order_by(
    access_periods.c.first_day, access_periods.c.last_day, products.c.position
)
_LAST_ENDED: Final = (
    _PERIODS.where(access_periods.c.last_day < bindparam("today"))
    .order_by(access_periods.c.last_day.desc(), products.c.position)
    .limit(1)
)
_LAST_END: Final = (
    select(func.max(access_periods.c.last_day))
    .where(
        access_periods.c.account_id == bindparam("account"),
        access_periods.c.last_day < bindparam("today"),
    )
    .scalar_subquery()
)
_ENDED_AND_NOT: Final = _PERIODS.where(
    access_periods.c.last_day >= func.coalesce(_LAST_END, bindparam("today", type_=Date()))
).order_by(
    case((access_periods.c.last_day < bindparam("today"), products.c.position)),
    access_periods.c.first_day,
    access_periods.c.last_day,
    products.c.position,
)
