"""The portal with a PayPal account at the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_portal.app import make_app
from cloudmatic_portal.app_keys import PAYPAL, WEBHOOKS
from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.clients.paypal.webhooks import Webhooks
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.services.paypal import watch
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import metadata
from cloudmatic_portal.web.places import WEBHOOK_PATH
from tests.integration.portal.conftest import SECRET as FORMS
from tests.integration.portal.purchases import find
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.world import BANK, Answer, Browser, Clock, Portal, random_bytes
from tests.paypal_sandbox.server import CLIENT_ID, SECRET, WEBHOOK_ID, Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def site(sandbox: Sandbox, tmp_path: Path) -> PayPalSite:
    return PayPalSite(
        base=sandbox.base,
        client_id=CLIENT_ID,
        secret=SECRET,
        webhook_id=WEBHOOK_ID,
        authorities=sandbox.authorities(tmp_path),
    )


@pytest.fixture
def settings(database_url: str, site: PayPalSite) -> Settings:
    return Settings(
        origin="http://localhost:8000",
        database=database_url,
        secret=FORMS,
        password_memory_kib=64,
        bank=BANK,
        sample_texts=True,
        paypal=site,
    )


@pytest.fixture
async def paypal(site: PayPalSite) -> AsyncIterator[PayPal]:
    async with Transport(site, patience=5, pauses=(0.01, 0.01)) as transport:
        yield PayPal(transport)


@pytest.fixture
async def portal(
    settings: Settings, clock: Clock, database: Database, paypal: PayPal, sandbox: Sandbox
) -> AsyncIterator[Portal]:
    app = make_app(settings, clock=clock, random_bytes=random_bytes)
    app[PAYPAL] = paypal
    app[WEBHOOKS] = Webhooks(paypal)
    async with TestServer(app) as server:
        portal = Portal(server, settings, clock, database)
        sandbox.webhooks.target = str(portal.url(WEBHOOK_PATH))
        yield portal


@dataclass
class Payer:
    """maxmuster at a browser, with PayPal's sandbox and the portal around."""

    portal: Portal
    browser: Browser
    sandbox: Sandbox
    paypal: PayPal
    base: str = ""

    @property
    def database(self) -> Database:
        return self.portal.database

    async def order(self, product: str = "complete", method: str = "paypal", **choice: str) -> str:
        """Order by PayPal; the id of what is to be approved there. Fills `page`."""
        await put(self.browser, product, self.base, **choice)
        return self.led(await buy(self.browser, self.base, method=method))

    def led(self, answer: Answer) -> str:
        """Where an answer leads to at PayPal."""
        assert answer.status == 303
        start = f"{self.sandbox.base}/checkoutnow?token="
        assert answer.location.startswith(start), answer.location
        return answer.location.removeprefix(start)

    async def back(self, address: str) -> Answer:
        """Come back from PayPal; the page of the order."""
        path = address.removeprefix(self.portal.origin)
        answer = await self.browser.get(path)
        assert answer.status == 303
        return await self.browser.get(answer.location)

    async def look(self, *, after: float = 0.0) -> int:
        """Let the watch look, so many seconds later."""
        self.portal.clock.now += timedelta(seconds=after)
        return await watch.look(self.database, self.paypal, self.portal.clock.now)

    async def the_order(self) -> Order:
        """The newest order there is."""
        table = metadata.tables["orders"]
        async with self.database.reading() as connection:
            query = select(table.c.reference).order_by(table.c.id.desc()).limit(1)
            reference = (await connection.execute(query)).scalar_one()
        return await find(self.database, reference, self.portal.clock.now)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        found = metadata.tables[table]
        async with self.database.reading() as connection:
            return [
                dict(row._mapping)
                for row in await connection.execute(select(found).order_by(*found.primary_key))
            ]

    async def money(self) -> list[tuple[str, int, str]]:
        """The payments that were booked: source, cents, method."""
        rows = await self.rows("payments")
        return [(row["source"], row["amount_cents"], row["method"]) for row in rows]

    def in_booking(self) -> Payer:
        return replace(self, base="/booking")


@pytest.fixture
async def payer(
    portal: Portal, browser: Browser, sandbox: Sandbox, paypal: PayPal
) -> AsyncIterator[Payer]:
    await browser.log_in("maxmuster")
    yield Payer(portal, browser, sandbox, paypal)
    await sandbox.all_delivered()
