"""Uploads that wait to be imported: rows in, bytes out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.tables import statement_uploads


async def add(
    connection: AsyncConnection, operator_id: int, name: str, data: bytes, now: datetime
) -> int:
    row = {"operator_id": operator_id, "name": name, "data": data, "uploaded_at": now}
    upload_id: int = (await connection.execute(_ADD, row)).scalar_one()
    return upload_id


async def find(
    connection: AsyncConnection, operator_id: int, upload_id: int, since: datetime
) -> tuple[str, bytes] | None:
    """Name and content of an upload of that operator that is not older than `since`."""
    wanted = {"upload": upload_id, "operator": operator_id, "since": since}
    row = (await connection.execute(_FIND, wanted)).one_or_none()
    return None if row is None else (row.name, row.data)


async def remove(connection: AsyncConnection, upload_id: int) -> None:
    this = statement_uploads.c.id == upload_id
    await connection.execute(delete(statement_uploads).where(this))


async def forget_old(connection: AsyncConnection, before: datetime) -> None:
    old = statement_uploads.c.uploaded_at < before
    await connection.execute(delete(statement_uploads).where(old))


_ADD: Final = insert(statement_uploads).returning(statement_uploads.c.id)
_FIND: Final = select(statement_uploads.c.name, statement_uploads.c.data).where(
    statement_uploads.c.id == bindparam("upload"),
    statement_uploads.c.operator_id == bindparam("operator"),
    statement_uploads.c.uploaded_at >= bindparam("since"),
)
