"""The migrations make the tables that the queries speak of, on both databases."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from cloudmatic_portal.app import make_app
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, DatabaseUnusable, parse_url
from cloudmatic_portal.storage.schema import (
    SchemaOutdated,
    migrate,
    newest_revision,
    require_current,
)
from cloudmatic_portal.storage.tables import metadata
from tests.integration.portal.conftest import SECRET, Templates
from tests.integration.portal.world import Clock, random_bytes

POSTGRESQL = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
               column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def describe(connection: Connection) -> set[tuple[Any, ...]]:
    """Every column, constraint, index and trigger, in the database's own words."""
    if connection.dialect.name == "postgresql":
        found = {
            (kind, *row)
            for kind, query in POSTGRESQL.items()
            for row in connection.execute(text(query))
        }
        return {row for row in found if "alembic_version" not in str(row)}
    rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
    return {
        (
            kind,
            name,
            *sorted(re.sub(r"[\s()]+", " ", part).strip() for part in (sql or "").split(",")),
        )
        for kind, name, sql in rows
        if "alembic_version" not in name
    }


async def made_from_metadata(dialect: str, templates: Templates, folder: Any) -> set[Any]:
    if dialect == "sqlite":
        url = str(folder / "other.db")
    else:
        url = templates.server.url(await templates.server.create())
    database = Database(parse_url(url))
    async with database.writing() as connection:
        await connection.run_sync(metadata.create_all)
    async with database.reading() as connection:
        found = await connection.run_sync(describe)
    await database.close()
    return found


async def test_the_migrated_schema_is_the_one_in_the_code(
    empty_database: str, templates: Templates, tmp_path: Any
) -> None:
    database = Database(parse_url(empty_database))
    async with database.reading() as connection:
        migrated = await connection.run_sync(describe)
        dialect = connection.dialect.name
        differences = await connection.run_sync(
            lambda each: compare_metadata(MigrationContext.configure(each), metadata)
        )
    await database.close()
    assert migrated == await made_from_metadata(dialect, templates, tmp_path)
    assert len(migrated) > 30
    assert differences == []


async def test_migrating_again_changes_nothing(empty_database: str) -> None:
    database = Database(parse_url(empty_database))
    assert await migrate(database) == newest_revision()
    await require_current(database)
    await database.close()


async def test_a_database_without_tables_is_refused_at_the_start(tmp_path: Any) -> None:
    settings = Settings(
        origin="http://localhost:8000",
        database=str(tmp_path / "new.db"),
        secret=SECRET,
        password_memory_kib=64,
    )
    app = make_app(settings, clock=Clock(), random_bytes=random_bytes)
    with pytest.raises(SchemaOutdated) as refused:
        await web.AppRunner(app).setup()
    assert (refused.value.found, refused.value.needed) == (None, newest_revision())


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        async with database.reading() as connection:
            await connection.execute(text("DELETE FROM cart_items"))


@pytest.mark.parametrize("url", ["mysql://here/db", "sqlite://", "sqlite:///:memory:", "://"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        parse_url(url)
