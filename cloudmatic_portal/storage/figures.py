"""Counts and sums for the operator; no statement brings a row per customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.figures import DUE_SPANS, MONTHS, WEEKS, ActiveAccess
from cloudmatic_portal.storage.tables import (
    access_periods,
    ledger_entries,
    orders,
    payments,
    products,
    subscriptions,
)


async def active_access(connection: AsyncConnection, today: date) -> tuple[ActiveAccess, ...]:
    """Each product, in the order in which they are shown."""
    rows = await connection.execute(_ACTIVE, {"today": today})
    return tuple(
        ActiveAccess(name=row.name, bought=int(row.held) - int(row.trials), trial=int(row.trials))
        for row in rows
    )


async def received(connection: AsyncConnection, firsts: Sequence[date]) -> dict[int, int]:
    """Cents that arrived in each of the months between `firsts`, by their places."""
    return _by_bucket(await connection.execute(_RECEIVED, _bounds(firsts)))


async def gone(connection: AsyncConnection, firsts: Sequence[date]) -> dict[int, int]:
    """Cents that were paid out or taken back in each of these months."""
    instants = [berlin_instant(first, 0) for first in firsts]
    return _by_bucket(await connection.execute(_GONE, _bounds(instants)))


async def endings(
    connection: AsyncConnection, firsts: Sequence[date]
) -> dict[tuple[int, bool], int]:
    """Accounts whose access ends in each of these weeks; whether a subscription goes on."""
    rows = await connection.execute(_ENDINGS, _bounds(firsts))
    return {(row.bucket, bool(row.renews)): int(row.accounts) for row in rows}


async def open_amounts(
    connection: AsyncConnection, bounds: Sequence[date]
) -> dict[int, tuple[int, int]]:
    """Open orders to be paid before, between and after `bounds`: how many, and cents in all."""
    rows = await connection.execute(_OPEN, _bounds(bounds))
    return {row.bucket: (int(row.orders), int(row.cents)) for row in rows}


def _by_bucket(rows: Any) -> dict[int, int]:
    return {row.bucket: int(row.cents) for row in rows}


def _bounds(values: Sequence[Any]) -> Mapping[str, Any]:
    return {f"bound_{place}": value for place, value in enumerate(values)}


def _bound(place: int, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return bindparam(f"bound_{place}", type_=column.type)


def _bucket(column: ColumnElement[Any], bounds: int) -> ColumnElement[int]:
    """How many of that many bounds do not lie behind `column`, less one; -1 before all of them."""
    whens = [(column >= _bound(place, column), literal(place)) for place in reversed(range(bounds))]
    return case(*whens, else_=literal(-1, Integer))


def _within(column: ColumnElement[Any], buckets: int) -> ColumnElement[bool]:
    return and_(column >= _bound(0, column), column < _bound(buckets, column))


def _summed(cents: ColumnElement[int], column: ColumnElement[Any], *where: Any) -> Select[Any]:
    """The sums of `cents` by month of `column`."""
    rows = (
        select(_bucket(column, MONTHS).label("bucket"), cents.label("cents"))
        .where(_within(column, MONTHS), *where)
        .subquery()
    )
    return select(rows.c.bucket, func.sum(rows.c.cents).label("cents")).group_by(rows.c.bucket)


def _active() -> Select[Any]:
    today = bindparam("today", type_=Date())
    # Counted before products are joined, so that the index is read and nothing else.
    running = (
        select(
            access_periods.c.product,
            func.count().label("held"),
            func.sum(case((access_periods.c.trial, 1), else_=0)).label("trials"),
        )
        .where(access_periods.c.last_day >= today, access_periods.c.first_day <= today)
        .group_by(access_periods.c.product)
        .subquery()
    )
    return (
        select(
            products.c.name,
            func.coalesce(running.c.held, 0).label("held"),
            func.coalesce(running.c.trials, 0).label("trials"),
        )
        .outerjoin_from(products, running, running.c.product == products.c.code)
        .where(products.c.kind == "package")
        .order_by(products.c.position, products.c.code)
    )


def _endings() -> Select[Any]:
    """An account's access ends with the period that no other one of it outlasts."""
    later = access_periods.alias("later")
    outlasted = exists().where(
        later.c.account_id == access_periods.c.account_id,
        later.c.last_day > access_periods.c.last_day,
    )
    renews = exists().where(
        subscriptions.c.account_id == access_periods.c.account_id,
        subscriptions.c.state == "active",
    )
    # Two periods of an account may end on the same day.
    ending = (
        select(
            access_periods.c.account_id,
            access_periods.c.last_day,
            case((renews, 1), else_=0).label("renews"),
        )
        .where(_within(access_periods.c.last_day, WEEKS), ~outlasted)
        .distinct()
        .subquery()
    )
    rows = select(_bucket(ending.c.last_day, WEEKS).label("bucket"), ending.c.renews).subquery()
    return select(rows.c.bucket, rows.c.renews, func.count().label("accounts")).group_by(
        rows.c.bucket, rows.c.renews
    )


def _open() -> Select[Any]:
    rows = (
        select(
            _bucket(orders.c.pay_until, len(DUE_SPANS) - 1).label("bucket"),
            (orders.c.total_cents - orders.c.paid_cents).label("cents"),
        )
        # An order that has expired may still be paid, but nobody waits for it.
        .where(orders.c.state == "open")
        .subquery()
    )
    return select(
        rows.c.bucket, func.count().label("orders"), func.sum(rows.c.cents).label("cents")
    ).group_by(rows.c.bucket)


_ACTIVE: Final = _active()
_RECEIVED: Final = _summed(payments.c.amount_cents, payments.c.received_on)
_GONE: Final = _summed(
    -ledger_entries.c.cents,
    ledger_entries.c.booked_at,
    ledger_entries.c.kind.in_(("refund", "return_debit")),
)
_ENDINGS: Final = _endings()
_OPEN: Final = _open()
