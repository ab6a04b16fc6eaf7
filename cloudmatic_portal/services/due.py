"""What was set aside by the workers, for the operator: look at it, try it again."""

from __future__ import annotations

from datetime import datetime

from cloudmatic_portal.domain.due import StoredDue
from cloudmatic_portal.domain.errors import ActionUnknown
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database


async def set_aside(database: Database, most: int) -> tuple[StoredDue, ...]:
    """The actions that failed too often, the latest first."""
    async with database.reading() as connection:
        return await stored_due.set_aside(connection, most)


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
