"""What operators did: rows in, domain out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.audit import AuditEntry
from cloudmatic_portal.storage.tables import audit_log


async def add(connection: AsyncConnection, entry: AuditEntry) -> None:
    await connection.execute(_ADD, asdict(entry))


async def latest(
    connection: AsyncConnection, most: int, *, about: str | None = None
) -> tuple[AuditEntry, ...]:
    """The latest entries, the newest first; those `about` one object if it is given."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(most)
    if about is not None:
        query = query.where(audit_log.c.object == about)
    return tuple(map(_entry, await connection.execute(query)))


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        operator=row.operator,
        operator_id=row.operator_id,
        action=row.action,
        object=row.object,
        detail=row.detail,
        reason=row.reason,
    )


_ADD: Final = insert(audit_log)
