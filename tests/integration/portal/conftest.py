"""The portal over real HTTP, on both databases, with a clock and hubs of the tests' own."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from cloudmatic_portal.app import make_app
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from cloudmatic_portal.storage.tables import metadata
from tests import postgres
from tests.integration.portal.phone import Phone, owner_of_a_phone
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import BANK, Browser, Clock, Portal, random_bytes, seed

SECRET = b"a secret for the form tokens of the tests"
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Templates:
    """Databases to copy from: one with tables only, one with catalogue and accounts as well."""

    folder: Path
    cluster: postgres.Cluster | None

    @property
    def server(self) -> postgres.Cluster:
        """The running PostgreSQL, which the test cannot do without."""
        return postgres.required(self.cluster)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster | None]:
    binaries = postgres.programs()
    if binaries is None or os.environ.get(postgres.WITHOUT) == "1":
        yield None
    else:
        with postgres.cluster(binaries) as running:
            yield running


@pytest.fixture(scope="session")
def templates(
    tmp_path_factory: pytest.TempPathFactory, cluster: postgres.Cluster | None
) -> Templates:
    folder = tmp_path_factory.mktemp("templates")
    asyncio.run(_make_templates(folder, cluster))
    return Templates(folder, cluster)


@pytest.fixture(params=DATABASES)
async def bare_database(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> AsyncIterator[str]:
    """The URL of a database without any tables."""
    if request.param == "sqlite":
        yield str(tmp_path / "portal.db")
        return
    made = await templates.server.create()
    yield templates.server.url(made)
    await templates.server.drop(made)


@pytest.fixture(params=DATABASES)
async def empty_database(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> AsyncIterator[str]:
    """The URL of a database with tables and nothing in them."""
    async for url in _copy(request.param, "empty", templates, tmp_path):
        yield url


@pytest.fixture(params=DATABASES)
async def database_url(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> AsyncIterator[str]:
    """The URL of a database with the catalogue and the accounts 4711 and 4712."""
    async for url in _copy(request.param, "seeded", templates, tmp_path):
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(parse_url(database_url))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        origin="http://localhost:8000",
        database=database_url,
        secret=SECRET,
        password_memory_kib=64,
        bank=BANK,
        sample_texts=True,
    )


@pytest.fixture
async def portal(settings: Settings, clock: Clock, database: Database) -> AsyncIterator[Portal]:
    app = make_app(settings, clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield Portal(server, settings, clock, database)


@pytest.fixture
async def browser(portal: Portal) -> AsyncIterator[Browser]:
    async with Browser(portal) as opened:
        yield opened


async def _make_templates(folder: Path, cluster: postgres.Cluster | None) -> None:
    for name in ("empty", "seeded"):
        urls = [str(folder / f"{name}.db")]
        if cluster is not None:
            urls.append(cluster.url(await cluster.create(name=name)))
        for url in urls:
            database = Database(parse_url(url))
            await migrate(database)
            if name == "seeded":
                await seed(database)
            await database.close()
    if cluster is not None:
        await cluster.remember("seeded", [table.name for table in metadata.sorted_tables])


async def _copy(dialect: str, name: str, templates: Templates, folder: Path) -> AsyncIterator[str]:
    if dialect == "sqlite":
        yield str(shutil.copy(templates.folder / f"{name}.db", folder / "portal.db"))
        return
    cluster = templates.server
    if name == "seeded":
        await cluster.recall("seeded", [table.name for table in metadata.sorted_tables])
        yield cluster.url("seeded")
        return
    copied = await cluster.create(template=name)
    yield cluster.url(copied)
    await cluster.drop(copied)


@pytest.fixture
async def owner(browser: Browser) -> Browser:
    """Of account 4711, logged in."""
    await browser.log_in("maxmuster")
    return browser


@pytest.fixture
def postbox(portal: Portal) -> Postbox:
    return Postbox(portal)


@pytest.fixture
async def phone(portal: Portal, browser: Browser, postbox: Postbox) -> Phone:
    """Of maxmuster, who is logged in in `browser`; no letter about it waits any more."""
    made = await owner_of_a_phone(portal, browser)
    await postbox.empty()
    return made
