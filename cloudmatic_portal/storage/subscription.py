"""Subscriptions: rows in, domain out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.storage.tables import subscriptions


async def add(
    connection: AsyncConnection, account_id: int, line: Line, anchor: date, now: datetime
) -> int:
    """Begin a subscription of what `line` bought, counted from `anchor`; return its id."""
    values = {
        "account_id": account_id,
        "product": line.product,
        "months": line.quantity,
        "anchor": anchor,
        "free_months": line.free_months,
        "created_at": now,
    }
    statement = insert(subscriptions).values(values).returning(subscriptions.c.id)
    added: int = (await connection.execute(statement)).scalar_one()
    return added
