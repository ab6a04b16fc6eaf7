"""Bring a database to the schema that this version of the portal needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cloudmatic_portal.storage.database import Database, lock_schema


class SchemaOutdated(Exception):
    """The database has revision `found` (None: no tables yet); `needed` is this version's."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(f"the database has revision {found}, this version needs {needed}")
        self.found = found
        self.needed = needed


async def migrate(database: Database) -> str:
    """Upgrade to the newest revision, in one transaction, and return it."""
    async with database.writing() as connection:
        await connection.run_sync(upgrade)
    return newest_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to `revision`, within the caller's transaction."""
    lock_schema(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def require_current(database: Database) -> None:
    """Raise SchemaOutdated unless the database has the newest revision."""
    async with database.reading() as connection:
        found = await connection.run_sync(_revision)
    if found != newest_revision():
        raise SchemaOutdated(found, newest_revision())


@cache
def newest_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("the migrations are not where they belong")
    return head


def knows(revision: str) -> bool:
    """Whether the migrations of this version begin at or lead to `revision`."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {each.revision for each in scripts.walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
