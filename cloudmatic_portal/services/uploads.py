"""A statement between preview and import: kept in the database, as both may be on two machines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.errors import UploadUnknown
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage import upload as stored
from cloudmatic_portal.storage.database import Database

LIFETIME: Final = timedelta(hours=1)
MOST_BYTES: Final = 20 * 1024 * 1024
"""Of one upload; larger files are imported by the command."""

_NAME: Final = 200


async def keep(database: Database, operator_id: int, upload: Upload, now: datetime) -> int:
    """Keep the upload for its operator, for an hour; return its id."""
    name = "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in upload.name
    )
    async with database.writing() as connection:
        await stored.forget_old(connection, now - LIFETIME)
        return await stored.add(connection, operator_id, name[-_NAME:], upload.data, now)


async def find(database: Database, operator_id: int, upload_id: int, now: datetime) -> Upload:
    """Raises UploadUnknown, also for somebody else's."""
    async with database.reading() as connection:
        found = await stored.find(connection, operator_id, upload_id, now - LIFETIME)
    if found is None:
        raise UploadUnknown
    name, data = found
    return Upload(name=name, data=data)


async def forget(database: Database, upload_id: int) -> None:
    async with database.writing() as connection:
        await stored.remove(connection, upload_id)
