"""PostgreSQL restarts now and then: nobody who comes a while later shall notice."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cloudmatic_portal.storage import database as module
from cloudmatic_portal.storage.database import Database, parse_url

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ANYTHING = text("SELECT 1")
CUT_OFF = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def use(database: Database) -> None:
    async with database.reading() as connection:
        assert (await connection.execute(ANYTHING)).scalar_one() == 1


async def cut_off(url: str) -> None:
    other = Database(parse_url(url))
    async with other.writing() as connection:
        await connection.execute(CUT_OFF)
    await other.close()


@pytest.mark.fault(
    "database away",
    "PostgreSQL restarted meanwhile: nobody who comes later notices",
)
async def test_a_connection_that_idled_is_asked_before_it_is_used(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await use(database)
    await cut_off(database_url)
    monkeypatch.setattr(module, "_FRESH", 0.0)
    await use(database)


@pytest.mark.fault(
    "connection cut",
    "to PostgreSQL, in use: one request fails, the next one does not",
)
async def test_one_that_is_cut_off_in_use_costs_one_request(
    database: Database, database_url: str
) -> None:
    await use(database)
    await cut_off(database_url)
    with pytest.raises(DBAPIError):
        await use(database)
    await use(database)
