"""Tallies of attempts: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.throttle import LONGEST_MEMORY, Tally
from cloudmatic_portal.storage.inserts import insert_or_lock
from cloudmatic_portal.storage.tables import attempts

_FORGOTTEN_AT_ONCE: Final = 100


async def find(connection: AsyncConnection, subjects: Sequence[bytes]) -> dict[bytes, Tally]:
    """What stands under those of `subjects` that anything stands under."""
    rows = await connection.execute(_FIND, {"subjects": subjects})
    return {row.subject: _tally(row) for row in rows}


async def lock(
    connection: AsyncConnection, purpose: str, subjects: Sequence[bytes], now: datetime
) -> dict[bytes, Tally]:
    """The same for all of `subjects`; nobody else changes them before this transaction ends."""
    empty = {"purpose": purpose, "failures": 0, "last_at": now, "free_at": now}
    # In the same order everywhere: two that need the same rows wait, and not for each other.
    rows = [{"subject": subject, **empty} for subject in sorted(subjects)]
    found = await connection.execute(insert_or_lock(connection, attempts, *rows))
    return {row.subject: _tally(row) for row in found}


async def put(connection: AsyncConnection, subject: bytes, tally: Tally) -> None:
    change = update(attempts).where(attempts.c.subject == subject)
    await connection.execute(
        change.values(failures=tally.failures, last_at=tally.last_at, free_at=tally.free_at)
    )


async def remove(connection: AsyncConnection, subject: bytes) -> None:
    await connection.execute(delete(attempts).where(attempts.c.subject == subject))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Delete a few tallies that no rule remembers any more. What others hold is left to them."""
    old = (
        select(attempts.c.subject)
        .where(attempts.c.last_at < now - LONGEST_MEMORY)
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await connection.execute(delete(attempts).where(attempts.c.subject.in_(old)))


def _tally(row: Row[Any]) -> Tally:
    return Tally(row.failures, row.last_at, row.free_at)


_FIND: Final = select(attempts).where(attempts.c.subject.in_(bindparam("subjects", expanding=True)))
