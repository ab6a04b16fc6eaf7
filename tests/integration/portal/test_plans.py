"""What is asked with each purchase is found by an index, however many orders there are."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.database import Database


@pytest.mark.parametrize(
    ("table", "column"),
    [("orders", "reference"), ("order_items", "subscription_reference")],
)
async def test_whether_a_reference_is_taken_is_found_by_an_index(
    database: Database, table: str, column: str
) -> None:
    # As the trigger of `forbid_shared` asks.
    query = f"SELECT 1 FROM {table} WHERE {column} = '222222222'"  # noqa: S608
    async with database.writing() as connection:
        plan = await explained(connection, query)
    assert "Seq Scan" not in plan
    assert f"SCAN {table}" not in plan


async def explained(connection: AsyncConnection, query: str) -> str:
    """The plan that the database has for `query`, as it says it."""
    if connection.dialect.name == "postgresql":
        # An empty table is read as a whole if that is allowed.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        asked = f"EXPLAIN {query}"
    else:
        asked = f"EXPLAIN QUERY PLAN {query}"
    return "\n".join(str(row) for row in await connection.execute(text(asked)))
