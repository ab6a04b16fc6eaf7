"""Chores: whose turn it is, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import chores


async def is_due(connection: AsyncConnection, name: str, now: datetime) -> bool:
    query = select(chores.c.due_at).where(chores.c.name == name)
    due_at = (await connection.execute(query)).scalar_one_or_none()
    return due_at is None or due_at <= now


async def take(connection: AsyncConnection, name: str, now: datetime, again: datetime) -> bool:
    """Whether it is ours to do; nobody else gets it before `again`."""
    await connection.execute(_ADD.on(connection), {"name": name, "due_at": now})
    mine = update(chores).where(chores.c.name == name, chores.c.due_at <= now)
    return (await connection.execute(mine.values(due_at=again))).rowcount == 1


_ADD: Final = insert_unless_known(chores)
