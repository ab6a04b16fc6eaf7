"""What the workers do and have done, for the operator: look at it, try it again."""

from __future__ import annotations

from datetime import datetime

from cloudmatic_portal.domain.due import DueState, StoredDue
from cloudmatic_portal.domain.errors import ActionUnknown
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database


async def in_state(database: Database, state: DueState, most: int) -> tuple[StoredDue, ...]:
    """Actions in that state: those that wait by when they are due, others the latest first."""
    async with database.reading() as connection:
        return await stored_due.in_state(connection, state, most)


async def find(database: Database, due_id: int) -> StoredDue:
    """Raises ActionUnknown."""
    async with database.reading() as connection:
        due = await stored_due.find(connection, due_id)
    if due is None:
        raise ActionUnknown(due_id)
    return due


async def retry(database: Database, due_id: int, now: datetime) -> StoredDue:
    """Let an action that was set aside be done now, by any worker; return what it was.

    It is looked at like any other then: what has passed is dropped. Raises ActionUnknown or
    ActionCannot.
    """
    async with database.writing() as connection:
        due = await stored_due.hold(connection, due_id)
        if due is None:
            raise ActionUnknown(due_id)
        due.require_retry()
        await stored_due.put_back(connection, due, now)
    return due
