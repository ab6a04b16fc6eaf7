"""`cloudmatic-portal migrate`."""

from __future__ import annotations

import logging

from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate

_logger = logging.getLogger(__name__)


async def migrate_database(settings: Settings) -> None:
    database = Database(parse_url(settings.database))
    try:
        _logger.info("the database has revision %s", await migrate(database))
    finally:
        await database.close()
