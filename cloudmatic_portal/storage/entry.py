"""Entries into a booking by a link: noted, and forgotten again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.entry import KEPT, EntryWay
from cloudmatic_portal.storage.tables import counted_since, entries


async def note(
    connection: AsyncConnection, session_hash: bytes, way: EntryWay, now: datetime
) -> None:
    """Note that somebody came in, with the booking-only session that this opened."""
    row = {"session_hash": session_hash, "way": way, "entered_at": now}
    await connection.execute(_NOTE, row)


async def since(connection: AsyncConnection) -> datetime:
    """Since when entries are noted."""
    found: datetime = (await connection.execute(_SINCE)).scalar_one()
    return found


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(entries).where(entries.c.entered_at < now - KEPT))


_NOTE: Final = insert(entries)
_SINCE: Final = select(counted_since.c.since).where(counted_since.c.name == "entries")
