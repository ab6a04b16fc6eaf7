"""Orders, bank files that pay them, and what an import makes of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from cloudmatic_portal.services import statements
from cloudmatic_portal.services.statements import FileImported, FilePreview, Upload
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import payments
from tests.bank_statements import OWN
from tests.integration.portal.purchases import buy, fill, find
from tests.integration.portal.world import NOW

DAY = timedelta(days=1)
MAX = "DE44500105175407324931"


async def ordered(database: Database, account: int = 4711, product: str = "complete") -> str:
    """Order twelve months (Complete 36,00 €, Connect 24,00 €); the order's reference."""
    return await buy(database, await fill(database, account, product), account)


async def bring(database: Database, data: bytes, name: str = "november") -> FileImported:
    [imported] = await statements.run(database, Upload(name=name, data=data), [OWN], NOW)
    return imported


async def look(database: Database, data: bytes) -> FilePreview:
    [seen] = await statements.preview(database, Upload(name="look", data=data), [OWN], NOW)
    return seen


async def state(database: Database, reference: str) -> str:
    return (await find(database, reference)).state


async def open_reasons(database: Database) -> list[str]:
    async with database.reading() as connection:
        lines = await stored_statement.search(connection, state="open")
    return [each.reason for each in lines]


async def received(database: Database) -> tuple[int, int]:
    """How many payments there are, and their sum."""
    async with database.reading() as connection:
        query = select(func.count(), func.coalesce(func.sum(payments.c.amount_cents), 0))
        count, total = (await connection.execute(query)).one()
    return count, total
