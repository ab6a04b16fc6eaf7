"""What is asked with each purchase is found by an index, however many orders there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.due import DOCUMENTS
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import due_actions
from tests.integration.portal.purchases import ACCOUNT
from tests.integration.portal.world import NOW


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


async def test_invoices_that_wait_for_a_seller_are_in_nobodys_way(database: Database) -> None:
    wait = [planned("invoice", number) for number in range(3000)]
    async with database.writing() as connection:
        await connection.execute(insert(due_actions), [*wait, planned("order_expiry", 3000)])
        await connection.execute(text("ANALYZE"))
        for query in (stored_due._any_due(DOCUMENTS), stored_due._take(DOCUMENTS)):
            compiled = query.params(now=NOW).compile(
                dialect=connection.dialect, compile_kwargs={"literal_binds": True}
            )
            plan = await explained(connection, str(compiled))
            assert "ix_due_actions_no_document" in plan, plan


def planned(kind: str, number: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": f"{kind} {number}",
        "account_id": ACCOUNT,
        "due_at": NOW - timedelta(days=1),
        "state": "waiting",
    }


async def explained(connection: AsyncConnection, query: str) -> str:
    """The plan that the database has for `query`, as it says it."""
    if connection.dialect.name == "postgresql":
        # An empty table is read as a whole if that is allowed.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        asked = f"EXPLAIN {query}"
    else:
        asked = f"EXPLAIN QUERY PLAN {query}"
    return "\n".join(str(row) for row in await connection.execute(text(asked)))
