"""What had been paid before there was a ledger is in it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate, upgrade
from cloudmatic_portal.storage.tables import (
    accounts,
    ledger_entries,
    order_items,
    orders,
    payments,
    products,
    subscriptions,
)
from tests.integration.portal import balanced
from tests.integration.portal.world import NOW, TODAY

ORDERS = {
    # State, total, paid: what it leads to.
    "open": (3600, 0),
    "part": (3600, 1000),
    "active": (3600, 3600),
    "too much": (3600, 4000),
    "cancelled": (3600, 500),
    "free": (0, 0),
}


@pytest.fixture
async def former(bare_database: str) -> AsyncIterator[Database]:
    """A database as it was before, with orders in each state."""
    database = Database(parse_url(bare_database))
    async with database.writing() as connection:
        await connection.run_sync(_fill)
    yield database
    await database.close()


def _fill(connection: Connection) -> None:
    upgrade(connection, "0004")
    _put(connection, accounts, id=1, user_name="max", user_name_folded="max", email="m@x.example",
         email_folded="m@x.example", password_hash="$argon2id$nobody", language="de",
         created_at=NOW)  # fmt: skip
    _put(connection, products, code="complete", name="Complete", kind="package", position=1,
         active=True)  # fmt: skip
    _put(connection, subscriptions, id=7, account_id=1, state="active", product="complete",
         months=12, price_cents=3600, currency="EUR", vat_basis_points=1900, method="transfer",
         anchor=TODAY, first_number=0, free_months=0, created_at=NOW)  # fmt: skip
    for number, (name, (total, paid)) in enumerate(ORDERS.items(), start=1):
        _order(connection, number, name, total, paid)


def _order(connection: Connection, number: int, name: str, total: int, paid: int) -> None:
    state = {"part": "open", "too much": "active", "free": "active"}.get(name, name)
    _put(connection, orders, id=number, account_id=1, reference=f"22222222{number}", state=state,
         method="none" if not total else "transfer", language="de", currency="EUR",
         total_cents=total, paid_cents=paid, created_at=NOW, pay_until=TODAY,
         activated_at=NOW if state == "active" else None)  # fmt: skip
    first = {"subscription_id": 7, "period_number": 0} if name == "active" else {}
    _put(connection, order_items, id=number, order_id=number, position=0, product="complete",
         name="Complete", product_kind="package", quantity=12, free_months=0,
         kind="subscription" if name in {"active", "open"} else "single", list_cents=total,
         price_cents=total, vat_basis_points=1900, **first)  # fmt: skip
    if paid:
        connection.execute(
            text(
                "INSERT INTO payments (order_id, amount_cents, currency, received_on, booked_at,"
                " source) VALUES (:order, :amount, 'EUR', '2026-11-23', '2026-11-23 17:00:00+00',"
                " :source)"
            ),
            {"order": number, "amount": paid, "source": f"bank {number}"},
        )


def _put(connection: Connection, table: Any, **values: Any) -> None:
    connection.execute(insert(table).values(values))


async def test_the_ledger_has_what_was_paid_before_it(former: Database) -> None:
    await migrate(former)
    await balanced.check(former)
    async with former.reading() as connection:
        found = await connection.execute(select(ledger_entries.c.kind, ledger_entries.c.cents))
        assert sorted(tuple(row) for row in found) == [
            ("charge", -3600),
            ("charge", -3600),
            ("moved", -500),
            ("moved", -400),
            ("moved", 400),
            ("moved", 500),
            ("payment", 500),
            ("payment", 1000),
            ("payment", 3600),
            ("payment", 4000),
        ]
        assert len((await connection.execute(select(payments))).all()) == 4
    async with former.writing() as connection:
        added = insert(payments).values(
            account_id=1, method="paypal", amount_cents=1, currency="EUR", received_on=TODAY,
            booked_at=NOW, source="new",
        )  # fmt: skip
        await connection.execute(added)


async def test_subscriptions_have_references_that_no_order_has(former: Database) -> None:
    await migrate(former)
    async with former.reading() as connection:
        [reference] = await connection.scalars(select(subscriptions.c.reference))
        items = select(order_items.c.id, order_items.c.subscription_reference)
        by_item = {row[0]: row[1] for row in await connection.execute(items)}
        numbers = set(await connection.scalars(select(orders.c.reference)))
    # The one that runs, and the one that an open order will begin.
    begun = {item: each for item, each in by_item.items() if each is not None}
    assert set(begun) == {1, 3}
    assert begun[3] == reference
    assert all(read_reference(each) == each for each in begun.values())
    assert not numbers & set(begun.values())
