"""Access periods: rows in, domain out."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.storage.tables import access_periods, order_items, products


async def not_ended(
    connection: AsyncConnection, account_id: int, today: date
) -> tuple[AccessPeriod, ...]:
    """The account's periods that run today or later, earliest first."""
    query = _periods(account_id).where(access_periods.c.last_day >= today)
    by_time = (access_periods.c.first_day, access_periods.c.last_day, products.c.position)
    return tuple(_period(row) for row in await connection.execute(query.order_by(*by_time)))


async def last_ended(
    connection: AsyncConnection, account_id: int, today: date
) -> AccessPeriod | None:
    """The account's period that was over last before today."""
    query = _periods(account_id).where(access_periods.c.last_day < today)
    latest = query.order_by(access_periods.c.last_day.desc(), products.c.position).limit(1)
    row = (await connection.execute(latest)).one_or_none()
    return None if row is None else _period(row)


def _periods(account_id: int) -> Select[Any]:
    return (
        select(access_periods, products.c.name)
        .join(products, access_periods.c.product == products.c.code)
        .where(access_periods.c.account_id == account_id)
    )


def _period(row: Row[Any]) -> AccessPeriod:
    return AccessPeriod(row.first_day, row.last_day, row.product, row.name, row.trial)


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
    await connection.execute(
        insert(access_periods).values(
            account_id=account_id,
            product=period.product,
            first_day=period.first_day,
            last_day=period.last_day,
            trial=period.trial,
            order_item=order_item,
        )
    )


async def of_order(connection: AsyncConnection, order_id: int) -> dict[int, tuple[date, date]]:
    """First and last day of what the order's lines bought, by their position in it."""
    query = (
        select(order_items.c.position, access_periods.c.first_day, access_periods.c.last_day)
        .join(order_items, access_periods.c.order_item == order_items.c.id)
        .where(order_items.c.order_id == order_id)
    )
    rows = await connection.execute(query)
    return {row.position: (row.first_day, row.last_day) for row in rows}
