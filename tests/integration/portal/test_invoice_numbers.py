"""No number is missing and none is given twice (§ 14 IV Nr. 4 UStG), whatever happens.

`CLOUDMATIC_KILLS` says how many processes are killed at least.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from cloudmatic_portal.domain.due import document
from cloudmatic_portal.domain.invoice import Invoice
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.tables import due_actions, invoice_documents, invoices, mails
from cloudmatic_portal.storage.tables import order_items as items
from cloudmatic_portal.storage.tables import orders as orders_table
from tests.integration.portal import killable
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.test_killed import Mob, is_left
from tests.integration.portal.world import NOW, random_bytes
from tests.invoicing import SELLER

AT_ONCE = 50
KILLS = int(os.environ.get("CLOUDMATIC_KILLS", "12"))


async def plan(database: Database, many: int, first: int = 30_000) -> None:
    """That many customers whose order has just become active, each with its invoice planned."""
    accounts = range(first, first + many)
    await add_accounts(database, *accounts)
    async with database.writing() as connection:
        for account in accounts:
            order = {
                "account_id": account,
                "reference": f"T{account:08}",
                "state": "active",
                "method": "transfer",
                "language": "de",
                "currency": "EUR",
                "total_cents": 2400,
                "paid_cents": 2400,
                "created_at": NOW,
                "pay_until": NOW.date(),
                "activated_at": NOW,
            }
            made = insert(orders_table).values(order).returning(orders_table.c.id)
            order_id = (await connection.execute(made)).scalar_one()
            line = {
                "order_id": order_id,
                "position": 0,
                "product": "connect",
                "name": "CloudMatic Connect",
                "product_kind": "package",
                "quantity": 12,
                "free_months": 0,
                "kind": "single",
                "list_cents": 2400,
                "price_cents": 2400,
                "vat_basis_points": 1900,
            }
            await connection.execute(insert(items).values(line))
            await stored_due.plan(connection, [document("invoice", account, order_id, NOW)])


async def check(database: Database, many: int) -> None:
    async with database.reading() as connection:
        numbers = await connection.scalars(select(invoices.c.number).order_by(invoices.c.number))
        assert list(numbers) == list(range(1, many + 1))
        orders = select(func.count(func.distinct(invoices.c.order_id)))
        assert (await connection.execute(orders)).scalar_one() == many
        documents = select(func.count()).select_from(invoice_documents)
        assert (await connection.execute(documents)).scalar_one() == many
        told = select(mails.c.invoice_id).where(mails.c.kind == "invoice")
        assert len(set(await connection.scalars(told))) == many
        states = select(due_actions.c.state).where(due_actions.c.kind == "invoice")
        assert set(await connection.scalars(states)) == {"done"}


def _number(invoice: Invoice, _: datetime) -> bytes:
    return str(invoice.number).encode()


async def test_fifty_at_once_with_some_that_fail(database: Database) -> None:
    await plan(database, AT_ONCE)
    failed = set()

    def write(invoice: Invoice, _: datetime) -> bytes:
        account = invoice.buyer.account_id
        if account % 3 == 0 and account not in failed:
            failed.add(account)
            raise ValueError("the disk is full")
        return _number(invoice, _)

    worker = Worker(HOUSE, random_bytes, Office(SELLER, write))
    for minutes in (0, 2, 4):
        now = NOW + timedelta(minutes=minutes)
        while any(await asyncio.gather(*(worker.work(database, now) for _ in range(AT_ONCE)))):
            pass
    assert len(failed) >= AT_ONCE // 3
    await check(database, AT_ONCE)


async def test_a_number_whose_transaction_fails_is_the_next_ones(database: Database) -> None:
    async def take(keep: bool) -> int:
        async with database.writing() as connection:
            number = await stored_invoice.next_number(connection, "RE-2026")
            await asyncio.sleep(0)
            if not keep:
                await connection.rollback()
        return number.number

    dice = random.Random(7)  # noqa: S311
    fates = [dice.random() < 0.6 for _ in range(AT_ONCE)]
    numbers = await asyncio.gather(*map(take, fates))
    kept = [number for number, fate in zip(numbers, fates, strict=True) if fate]
    assert sorted(kept) == list(range(1, len(kept) + 1))


@pytest.mark.fault("process killed", "invoices' numbers have no gap and no twin")
async def test_processes_are_killed_and_no_number_is_lost_or_doubled(
    database: Database, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    await plan(database, AT_ONCE)
    await database.close()
    mob = Mob(database_url, random.Random(os.environ.get("CLOUDMATIC_SEED")))  # noqa: S311
    done = AT_ONCE
    while await is_left(database_url, NOW, stored_due.any_due):
        await mob.disturb(killable.issue_invoices, NOW)
        other = Database(parse_url(database_url))
        # On a machine so busy that nobody gets anything done before being killed.
        await Worker(HOUSE, random_bytes, Office(SELLER, _number)).work(other, NOW)
        if mob.killed < KILLS and not await is_left(database_url, NOW, stored_due.any_due):
            await plan(other, AT_ONCE, 30_000 + done)
            done += AT_ONCE
        await other.close()
    assert mob.killed >= KILLS
    record_property("tried", mob.killed)
    after = Database(parse_url(database_url))
    await check(after, done)
    await after.close()
