"""Note what an operator does, in the transaction that does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.audit import AuditEntry
from cloudmatic_portal.storage import audit as stored_audit
from cloudmatic_portal.storage.database import Database, watched


class Audited(Database):
    """`database` for one action: the transaction that changes something notes `entry`, too.

    So every service that writes in one transaction can be audited, and knows nothing of it: what
    is rolled back or changes no row is not noted, and nothing is done that is not. Where an action
    is a row of transactions (`several`), the first one that changes something notes it.
    """

    def __init__(self, database: Database, entry: AuditEntry, *, several: bool = False) -> None:
        self._database = database
        self._entry: AuditEntry | None = entry
        self._several = several

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.reading() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.writing() as connection:
            with watched(connection) as changes:
                yield connection
            if self._entry is None:
                if not self._several:
                    raise RuntimeError("an audited action writes in one transaction")
            elif changes.made:
                await stored_audit.add(connection, self._entry)
        # Not before it is committed: what was rolled back may be done again, and is noted then.
        if changes.made:
            self._entry = None

    async def close(self) -> None:
        """The database stays open: it is somebody else's."""


async def latest(
    database: Database, most: int, *, about: str | None = None
) -> tuple[AuditEntry, ...]:
    """The latest entries, the newest first; those `about` one object if it is given."""
    async with database.reading() as connection:
        return await stored_audit.latest(connection, most, about=about)
