"""Who takes part in the tests: a clock that stands still, hubs that sign, browsers that click."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any, Protocol, Self

import aiohttp
from aiohttp.test_utils import BaseTestServer
from sqlalchemy import func, select
from yarl import URL

from cloudmatic_link.api import (
    LINK_FIELD,
)
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.services import catalogue_file, demo
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import metadata

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LAST_DAY = date(2026, 12, 24)
PASSWORD = "willkommen-4711"
USER_KEY = "A1B2C3D4E5F6"
BANK = BankAccount("CloudMatic (Beispiel)", "DE02120300000000202051", "BYLADEM1001")
TERMS = Terms("What is agreed.", "How to withdraw.")
SERIAL = "3014F711A0001234"

random_bytes = secrets.token_bytes


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)


async def seed(database: Database) -> None:
    """The demo's catalogue and accounts."""
    await demo.load(
        database,
        Secrets(64),
        catalogue_file.read(CATALOGUE.read_text("utf-8")),
        demo.demo_accounts(LAST_DAY, TODAY),
        password=PASSWORD,
        user_key=USER_KEY,
        now=NOW,
    )


async def all_rows(database: Database) -> dict[str, list[Any]]:
    """Everything in every table, to tell whether anything changed."""
    async with database.reading() as connection:
        return {
            # As tuples: what SQLAlchemy's rows say of themselves is cut off. Not by `select`, which
            # each test would compile anew for each table.
            table.name: sorted(
                repr(tuple(row))
                for row in await connection.exec_driver_sql(f"SELECT * FROM {table.name}")  # noqa: S608
            )
            for table in metadata.sorted_tables
        }


class Reachable(Protocol):
    """What a browser needs to know of a portal."""

    @property
    def origin(self) -> str: ...

    def url(self, path: str) -> URL: ...


@dataclass(frozen=True)
class Portal:
    """The portal under test, as its tests see it from outside and from below."""

    server: BaseTestServer
    settings: Settings
    clock: Clock
    database: Database

    @property
    def origin(self) -> str:
        return self.settings.origin

    def url(self, path: str) -> URL:
        return self.server.make_url("/").join(URL(path))

    async def rows(self) -> dict[str, list[Any]]:
        return await all_rows(self.database)

    async def rows_but_tallies(self) -> dict[str, list[Any]]:
        """The same without what counts failed attempts."""
        return {name: rows for name, rows in (await self.rows()).items() if name != "attempts"}

    async def count(self, table: str) -> int:
        async with self.database.reading() as connection:
            query = select(func.count()).select_from(metadata.tables[table])
            return int((await connection.execute(query)).scalar_one())


@dataclass(frozen=True)
class Answer:
    """A response, read to its end."""

    status: int
    headers: Any
    text: str

    @classmethod
    async def of(cls, response: aiohttp.ClientResponse) -> Self:
        return cls(response.status, response.headers, await response.text())

    @property
    def words(self) -> str:
        """What a reader sees: the main part without markup, in single spaces."""
        main = re.search(r"<main.*?</main>", self.text, re.DOTALL)
        text = re.sub(r"<[^>]+>", " ", main[0] if main else self.text)
        return " ".join(unescape(text).split())

    def field(self, name: str) -> str:
        found = re.search(f'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no field {name}"
        return unescape(found[1])

    @property
    def location(self) -> str:
        return str(self.headers["Location"])

    @property
    def cookies(self) -> list[str]:
        return list(self.headers.getall("Set-Cookie", ()))


class Browser:
    """Keeps cookies, sends forms as a browser does, follows no redirect unasked."""

    def __init__(self, portal: Reachable) -> None:
        self.portal = portal

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        self.session = aiohttp.ClientSession(cookie_jar=jar)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def get(self, path: str, **options: Any) -> Answer:
        url = self.portal.url(path)
        async with self.session.get(url, allow_redirects=False, **options) as response:
            return await Answer.of(response)

    async def get_exactly(self, target: str) -> Answer:
        """Ask for `target` as it stands, not as a well-behaved client would write it."""
        url = URL(f"{self.portal.url('/').origin()}{target}", encoded=True)
        async with self.session.get(url, allow_redirects=False) as response:
            return await Answer.of(response)

    async def post(self, path: str, form: Any, *, headers: dict[str, str] | None = None) -> Answer:
        sent = {"Origin": self.portal.origin, "Sec-Fetch-Site": "same-origin"}
        async with self.session.post(
            self.portal.url(path), data=form, headers=sent | (headers or {}), allow_redirects=False
        ) as response:
            return await Answer.of(response)

    async def show_link(self, link: str) -> Answer:
        return await self.get(f"/entry?{LINK_FIELD}={link}")

    async def accept(self, link: str) -> Answer:
        """Look at the link's page and press its button."""
        page = await self.show_link(link)
        return await self.post("/entry", {LINK_FIELD: link, "form_token": page.field("form_token")})

    async def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        page = await self.get("/login")
        return await self.post(
            "/login",
            {
                "form_token": page.field("form_token"),
                "name": name,
                "password": password,
                "next": "dashboard",
            },
        )

    def cookie(self, name: str) -> str | None:
        # The operators' is sent to their pages only.
        found = self.session.cookie_jar.filter_cookies(self.portal.url("/admin")).get(name)
        return found.value if found else None
