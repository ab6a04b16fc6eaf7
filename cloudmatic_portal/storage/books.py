"""What bank lines may be for, looked up for many lines at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import fold
from cloudmatic_portal.domain.books import Books, Candidate, Customer
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.tables import accounts, order_items, orders
from cloudmatic_portal.storage.tables.order import FIRST_PERIOD

LOOKED_FOR: Final = timedelta(days=400)
"""How long after its last day to pay an expired order is still thought of at a mistyped number."""

_WAITING: Final = ("open", "expired")


async def add_references(
    connection: AsyncConnection, books: Books, references: Collection[str]
) -> None:
    """Tell `books` whose these references are, of orders and of subscriptions."""
    wanted = [each for each in references if each not in books.references]
    if not wanted:
        return
    found = _candidates(await connection.execute(_ORDERS_NAMED, {"references": wanted}))
    _note(books, found)
    books.references.update({each.reference: each.order_id for each in found})
    settled = [each.order_id for each in found if not each.due.cents]
    if settled:
        await _add_successors(connection, books, settled)
    rest = [each for each in wanted if each not in books.references]
    if rest:
        await _add_customers(connection, books, rest)


async def add_accounts(
    connection: AsyncConnection,
    books: Books,
    *,
    ibans: Collection[str],
    numbers: Collection[int],
    names: Collection[str],
) -> None:
    """Tell `books` of the customers with these bank accounts, CloudMatic-IDs or user names."""
    if ibans:
        books.payers.update(await stored_statement.payers_of(connection, ibans))
    if numbers or names:
        by_fold = {fold(name): name for name in names}
        wanted = {"numbers": list(numbers), "names": list(by_fold)}
        for row in await connection.execute(_ACCOUNTS, wanted):
            if row.id in numbers:
                books.account_ids.add(row.id)
            if row.user_name_folded in by_fold:
                books.user_names[by_fold[row.user_name_folded]] = row.id
    meant = {each for payers in books.payers.values() for each in payers}
    meant |= books.account_ids | set(books.user_names.values())
    meant -= set(books.waiting)
    if not meant:
        return
    waiting: dict[int, list[int]] = {each: [] for each in meant}
    found = _candidates(await connection.execute(_ORDERS_OF, {"accounts": list(meant)}))
    _note(books, found)
    for each in found:
        waiting[each.account_id].append(each.order_id)
    books.waiting.update({account_id: tuple(each) for account_id, each in waiting.items()})


async def waiting_references(connection: AsyncConnection, today: date) -> list[str]:
    """References of all orders that wait, and of subscriptions that have one, for `Nearby`."""
    since = {"since": today - LOOKED_FOR}
    named = list(await connection.scalars(_REFERENCES, since))
    return named + list(await connection.scalars(_CUSTOMER_REFERENCES))


async def _add_successors(
    connection: AsyncConnection, books: Books, order_ids: Sequence[int]
) -> None:
    """The orders of the same subscriptions that wait."""
    rows = list(await connection.execute(_SUBSCRIPTIONS_OF, {"orders": list(order_ids)}))
    by_subscription = await _waiting_of(connection, books, {row.subscription_id for row in rows})
    for row in rows:
        books.successors[row.order_id] = by_subscription.get(row.subscription_id, ())


async def _add_customers(
    connection: AsyncConnection, books: Books, references: Sequence[str]
) -> None:
    rows = list(await connection.execute(_CUSTOMERS, {"references": list(references)}))
    begun = {row.subscription_id for row in rows if row.subscription_id is not None}
    by_subscription = await _waiting_of(connection, books, begun)
    for row in rows:
        if row.subscription_id is None:
            [first] = _candidates([row])
            _note(books, [first])
            waiting: tuple[int, ...] = (first.order_id,) if first.due.cents else ()
        else:
            waiting = by_subscription.get(row.subscription_id, ())
        books.customers[row.subscription_reference] = Customer(row.account_id, waiting)


async def _waiting_of(
    connection: AsyncConnection, books: Books, subscriptions: Collection[int]
) -> dict[int, tuple[int, ...]]:
    """The orders of each subscription that wait, the oldest first."""
    if not subscriptions:
        return {}
    rows = list(await connection.execute(_PERIODS, {"subscriptions": list(subscriptions)}))
    _note(books, _candidates(rows))
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.subscription_id].append(row.id)
    return {subscription: tuple(each) for subscription, each in found.items()}


def _note(books: Books, found: Iterable[Candidate]) -> None:
    books.orders.update({each.order_id: each for each in found})


def _candidates(rows: Iterable[Row[Any]]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            order_id=row.id,
            reference=row.reference,
            account_id=row.account_id,
            due=Money(
                row.total_cents - row.paid_cents if row.state in _WAITING else 0, row.currency
            ),
        )
        for row in rows
    )


_ORDERS: Final[Select[Any]] = select(
    orders.c.id,
    orders.c.reference,
    orders.c.account_id,
    orders.c.state,
    orders.c.currency,
    orders.c.total_cents,
    orders.c.paid_cents,
)
_ORDERS_NAMED: Final = _ORDERS.where(
    orders.c.reference.in_(bindparam("references", expanding=True))
)
_ORDERS_OF: Final = _ORDERS.where(
    orders.c.account_id.in_(bindparam("accounts", expanding=True)),
    orders.c.state.in_(_WAITING),
).order_by(orders.c.id)
_PERIODS: Final = (
    _ORDERS.add_columns(order_items.c.subscription_id)
    .join(order_items, order_items.c.order_id == orders.c.id)
    .where(
        order_items.c.subscription_id.in_(bindparam("subscriptions", expanding=True)),
        orders.c.state.in_(_WAITING),
    )
    .order_by(orders.c.id)
)
_SUBSCRIPTIONS_OF: Final = select(order_items.c.order_id, order_items.c.subscription_id).where(
    order_items.c.order_id.in_(bindparam("orders", expanding=True)),
    order_items.c.subscription_id.is_not(None),
)
_ACCOUNTS: Final = select(accounts.c.id, accounts.c.user_name_folded).where(
    or_(
        accounts.c.id.in_(bindparam("numbers", expanding=True)),
        accounts.c.user_name_folded.in_(bindparam("names", expanding=True)),
    )
)
_REFERENCES: Final = select(orders.c.reference).where(
    or_(
        orders.c.state == "open",
        (orders.c.state == "expired") & (orders.c.pay_until > bindparam("since")),
    )
)
_CUSTOMERS: Final = (
    _ORDERS.add_columns(order_items.c.subscription_reference, order_items.c.subscription_id)
    .join(order_items, order_items.c.order_id == orders.c.id)
    .where(
        order_items.c.subscription_reference.in_(bindparam("references", expanding=True)),
        text(FIRST_PERIOD),
    )
)
_CUSTOMER_REFERENCES: Final = (
    select(order_items.c.subscription_reference)
    .join(orders, order_items.c.order_id == orders.c.id)
    .where(orders.c.state == "open", order_items.c.subscription_reference.is_not(None))
    .distinct()
)
