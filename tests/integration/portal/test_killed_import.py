"""Killed in the middle of an import (SIGKILL): the next one goes on, without loss or doubles."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from cloudmatic_portal.services import statements
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.tables import access_periods, bank_lines, orders, payments
from tests.bank_statements import OWN, Paid, camt
from tests.integration.portal import killable
from tests.integration.portal.purchases import add_accounts, buy, fill
from tests.integration.portal.test_killed import context
from tests.integration.portal.world import NOW

KILLS = int(os.environ.get("CLOUDMATIC_KILLS", "4"))
ACCOUNTS = range(30_000, 30_030)


@pytest.mark.fault(
    "process killed",
    "an import of a statement goes on where it was killed, each line booked once",
)
async def test_an_import_goes_on_where_it_was_killed(
    database: Database, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    await add_accounts(database, *ACCOUNTS)
    references = [await buy(database, await fill(database, each), each) for each in ACCOUNTS]
    # Half of the customers pay in two equal parts, so that equal lines are many.
    halves = [Paid(cents=1800, text=each) for each in references[:15] for _ in range(2)]
    data = camt(*halves, *(Paid(cents=3600, text=each) for each in references[15:]))
    await database.close()
    dice = random.Random(os.environ.get("CLOUDMATIC_SEED"))  # noqa: S311
    killed = 0
    for _ in range(KILLS):
        process = context.Process(target=killable.bring_statement, args=(database_url, data, NOW))
        process.start()
        await asyncio.sleep(dice.uniform(0.2, 1.5))
        killed += process.is_alive()
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()
    record_property("tried", killed)
    other = Database(parse_url(database_url))
    upload = Upload(name="november.xml", data=data)
    [imported] = await statements.run(other, upload, [OWN], NOW)
    assert imported.counts["booked"] + imported.counts["known"] == 45
    await check(other)
    await other.close()


async def check(database: Database) -> None:
    async with database.reading() as connection:
        query = select(payments.c.account_id, func.sum(payments.c.amount_cents))
        sums = await connection.execute(query.group_by(payments.c.account_id))
        assert {row[0]: row[1] for row in sums} == dict.fromkeys(ACCOUNTS, 3600)
        mine = orders.c.account_id.in_(ACCOUNTS)
        states = await connection.scalars(select(orders.c.state).where(mine))
        assert Counter(states) == {"active": 30}
        periods = select(func.count()).where(access_periods.c.account_id.in_(ACCOUNTS))
        assert (await connection.execute(periods)).scalar_one() == 30
        lines = select(bank_lines.c.state, func.count()).group_by(bank_lines.c.state)
        assert {row[0]: row[1] for row in await connection.execute(lines)} == {"booked": 45}
