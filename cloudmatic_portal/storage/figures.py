"""Counts and sums for the operator; no statement brings a row per customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
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
    entries,
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
    return _by_bucket(await connection.execute(_GONE, _bounds(_instants(firsts))))


async def entered(connection: AsyncConnection, firsts: Sequence[date]) -> dict[int, int]:
    """How many came in by hubs' links in each of these months."""
    rows = await connection.execute(_ENTERED, _bounds(_instants(firsts)))
    return {row.bucket: int(row.entries) for row in rows}


async def converted(
    connection: AsyncConnection, firsts: Sequence[date]
) -> dict[int, tuple[int, int]]:
    """How many of those ordered, and how many paid, by the month in which they came in."""
    rows = await connection.execute(_CONVERTED, _bounds(_instants(firsts)))
    return {row.bucket: (int(row.ordered), int(row.paid)) for row in rows}


async def ordered(
    connection: AsyncConnection, firsts: Sequence[date]
) -> dict[tuple[int, str], tuple[int, int]]:
    """Orders of each of these months by `OrderWay`: how many, and how many of them are paid."""
    rows = await connection.execute(_ORDERED, _bounds(_instants(firsts)))
    return {(row.bucket, row.way): (int(row.orders), int(row.paid)) for row in rows}


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


def _instants(firsts: Sequence[date]) -> list[datetime]:
    return [berlin_instant(first, 0) for first in firsts]


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


def _entered() -> Select[Any]:
    rows = (
        select(_bucket(entries.c.entered_at, MONTHS).label("bucket"))
        .where(_within(entries.c.entered_at, MONTHS), entries.c.way == "hub")
        .subquery()
    )
    return select(rows.c.bucket, func.count().label("entries")).group_by(rows.c.bucket)


def _converted() -> Select[Any]:
    """From the orders to the entries: there are fewer of them."""
    # Somebody may order twice in one session.
    made = (
        select(orders.c.session_hash, func.max(_paid()).label("paid"))
        .where(
            orders.c.entered_by == "booking",
            orders.c.session_hash.is_not(None),
            orders.c.created_at >= _bound(0, orders.c.created_at),
        )
        .group_by(orders.c.session_hash)
        .subquery()
    )
    rows = (
        select(_bucket(entries.c.entered_at, MONTHS).label("bucket"), made.c.paid)
        .join(made, made.c.session_hash == entries.c.session_hash)
        .where(_within(entries.c.entered_at, MONTHS), entries.c.way == "hub")
        .subquery()
    )
    return select(
        rows.c.bucket, func.count().label("ordered"), func.sum(rows.c.paid).label("paid")
    ).group_by(rows.c.bucket)


def _ordered() -> Select[Any]:
    way = case(
        (orders.c.entered_by == "login", "login"), else_=func.coalesce(entries.c.way, "link")
    )
    rows = (
        select(
            _bucket(orders.c.created_at, MONTHS).label("bucket"),
            way.label("way"),
            _paid().label("paid"),
        )
        .outerjoin_from(orders, entries, entries.c.session_hash == orders.c.session_hash)
        .where(_within(orders.c.created_at, MONTHS), orders.c.entered_by.is_not(None))
        .subquery()
    )
    return select(
        rows.c.bucket,
        rows.c.way,
        func.count().label("orders"),
        func.sum(rows.c.paid).label("paid"),
    ).group_by(rows.c.bucket, rows.c.way)


def _paid() -> ColumnElement[int]:
    """1 for an order that was paid in full, also if it was taken back."""
    return case((orders.c.state.in_(("paid", "active", "refunded")), 1), else_=0)


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
_ENTERED: Final = _entered()
_CONVERTED: Final = _converted()
_ORDERED: Final = _ordered()
_ENDINGS: Final = _endings()
_OPEN: Final = _open()
