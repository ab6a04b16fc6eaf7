"""Whoever is killed, at whatever instant: nothing is lost and nothing is done twice.

Two workers race through the months of ten subscriptions, web processes take the payments, and
all of them are killed (SIGKILL) or lose the database at random instants. `CLOUDMATIC_KILLS` says
how often at least.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from cloudmatic_portal.domain.calendar import add_months
from cloudmatic_portal.domain.due import DOCUMENTS
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.tables import access_periods, due_actions, mails, order_items, orders
from tests.integration.portal import killable
from tests.integration.portal.passing_days import BEGIN, DAY, PassingDays
from tests.integration.portal.purchases import add_accounts

KILLS = int(os.environ.get("CLOUDMATIC_KILLS", "12"))
ACCOUNTS = range(20_000, 20_010)
CUT_OFF = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload([killable.__name__])


class Mob:
    """Starts processes and ends them before they are ready."""

    def __init__(self, url: str, dice: random.Random) -> None:
        self.url, self.dice = url, dice
        self.killed = 0

    async def disturb(self, what: Callable[[str, datetime], None], now: datetime) -> None:
        """Let two of them begin, and end both after a moment."""
        running = [context.Process(target=what, args=(self.url, now)) for _ in range(2)]
        for each in running:
            each.start()
        for each in running:
            await asyncio.sleep(self.dice.uniform(0, 0.3))
            if "postgresql" in self.url and self.dice.random() < 0.3:
                await cut_off(self.url)
            if each.is_alive():
                each.kill()
                self.killed += 1
        for each in running:
            await asyncio.to_thread(each.join)
            each.close()


async def cut_off(url: str) -> None:
    other = Database(parse_url(url))
    async with other.writing() as connection:
        await connection.execute(CUT_OFF)
    await other.close()


@pytest.mark.fault(
    "process killed",
    "workers and payments killed at any instant: each renewal, payment and mail once",
)
async def test_nothing_is_lost_and_nothing_doubled(
    database: Database, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    days = PassingDays(database, BEGIN)
    await add_accounts(database, *ACCOUNTS)
    for account in ACCOUNTS:
        await days.book_and_pay("complete", 1, "subscription", account=account)
    await database.close()
    mob = Mob(database_url, random.Random(os.environ.get("CLOUDMATIC_SEED")))  # noqa: S311
    month = 0
    while mob.killed < KILLS or month < 2:
        month += 1
        days.today = add_months(BEGIN, month) - DAY
        while await is_left(database_url, days.now, _any_due):
            await mob.disturb(killable.work, days.now)
        while await is_left(database_url, days.now, _any_open):
            await mob.disturb(killable.take_payments, days.now)
    assert mob.killed >= KILLS
    record_property("tried", mob.killed)
    await check(database_url, month)


async def is_left(url: str, now: datetime, question: Callable[..., Any]) -> bool:
    """Asked with connections of its own: those of others may just have been cut off."""
    database = Database(parse_url(url))
    try:
        async with database.reading() as connection:
            return bool(await question(connection, now))
    finally:
        await database.close()


async def _any_due(connection: Any, now: datetime) -> bool:
    """Invoices have a test of their own, and wait here: nobody is said to be the seller."""
    return await stored_due.any_due(connection, now, DOCUMENTS)


async def _any_open(connection: Any, _: datetime) -> bool:
    query = select(func.count()).where(orders.c.state == "open")
    return bool((await connection.execute(query)).scalar_one())


async def check(url: str, months: int) -> None:
    database = Database(parse_url(url))
    ends = [
        (add_months(BEGIN, each), add_months(BEGIN, each + 1) - DAY) for each in range(months + 1)
    ]
    async with database.reading() as connection:
        assert not (
            await connection.execute(select(due_actions).where(due_actions.c.state == "failed"))
        ).all()
        for account in ACCOUNTS:
            assert await _periods(connection, account) == ends
            numbers = select(order_items.c.period_number).join(orders)
            mine = numbers.where(orders.c.account_id == account).order_by(orders.c.id)
            assert list(await connection.scalars(mine)) == list(range(months + 1))
            told = select(mails.c.kind, func.count()).where(mails.c.account_id == account)
            counts = {
                row[0]: row[1] for row in await connection.execute(told.group_by(mails.c.kind))
            }
            assert counts == {
                "order_confirmation": 1,
                "order_active": months + 1,
                "order_renewed": months,
            }
    await database.close()


async def _periods(connection: Any, account: int) -> list[tuple[date, date]]:
    table = access_periods
    query = select(table.c.first_day, table.c.last_day).where(table.c.account_id == account)
    return [tuple(row) for row in await connection.execute(query.order_by(table.c.first_day))]
