"""Credit for messages: rows in, domain out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.tables import credit_entries


async def balance(connection: AsyncConnection, account_id: int) -> int:
    """How many messages the account has left."""
    query = select(func.coalesce(func.sum(credit_entries.c.messages), 0))
    mine = credit_entries.c.account_id == account_id
    return int((await connection.execute(query.where(mine))).scalar_one())


async def add(
    connection: AsyncConnection,
    account_id: int,
    product: str,
    messages: int,
    order_item: int,
    now: datetime,
) -> None:
    """Add what an order item bought. Raises IntegrityError if it was added before."""
    row = {
        "account_id": account_id,
        "product": product,
        "messages": messages,
        "order_item": order_item,
        "made_at": now,
    }
    await connection.execute(insert(credit_entries).values(row))


async def take_back(
    connection: AsyncConnection, account_id: int, order_item: int, now: datetime
) -> None:
    """Take what an order item added, as far as the account has it left. Lock the account first."""
    added = select(credit_entries).where(credit_entries.c.order_item == order_item)
    row = (await connection.execute(added)).one_or_none()
    left = await balance(connection, account_id)
    if row is None or left <= 0:
        return
    taken = {
        "account_id": account_id,
        "product": row.product,
        "messages": -min(left, row.messages),
        "made_at": now,
    }
    await connection.execute(insert(credit_entries).values(taken))
