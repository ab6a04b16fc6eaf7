"""Whoever waits for a mail gets it at once: a request that queued one wakes the delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer

from cloudmatic_portal.app import make_app, work
from cloudmatic_portal.services import mailing
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.mail_server import MailServer, mail_server
from tests.integration.portal.pages import send
from tests.integration.portal.shopping import order
from tests.integration.portal.world import Browser, Clock, Portal, random_bytes


@pytest.fixture
async def post_office() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def portal(
    settings: Settings,
    clock: Clock,
    database: Database,
    post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Portal]:
    """The portal as it is served, but one that looks for mails only when it is told to."""
    monkeypatch.setattr(mailing, "_PAUSE", 3600.0)
    delivering = replace(settings, smtp=post_office.server())
    app = make_app(delivering, clock=clock, random_bytes=random_bytes)
    app.cleanup_ctx.append(work)
    async with TestServer(app) as server:
        # Until it has looked for the first time.
        await asyncio.sleep(0.1)
        yield Portal(server, delivering, clock, database)


async def arrived(post_office: MailServer) -> list[str]:
    """The subjects of what has come, once anything has."""
    async with asyncio.timeout(5):
        while not post_office.taken:  # noqa: ASYNC110 - it comes over the wire
            await asyncio.sleep(0.02)
    return [str(message["Subject"]) for _, _, message in post_office.taken]


async def test_the_confirmation_of_an_order(browser: Browser, post_office: MailServer) -> None:
    await browser.log_in("maxmuster")
    number = (await order(browser)).rpartition("/")[2]
    [subject] = await arrived(post_office)
    assert number in subject
    [(_, recipients, message)] = post_office.taken
    assert recipients == ["max@muster.example"]
    text = message.get_body(("plain",))
    assert text is not None
    assert number in text.get_content()


async def test_the_link_for_a_new_password(browser: Browser, post_office: MailServer) -> None:
    await send(browser, await browser.get("/password"), "/password", {"name": "maxmuster"})
    assert await arrived(post_office) == ["Neues Passwort für CloudMatic wählen"]


async def test_the_link_of_a_registration(browser: Browser, post_office: MailServer) -> None:
    wishes = {"user_name": "neumann", "email": "n@neumann.example", "password": "langes Wort 1"}
    await send(browser, await browser.get("/register"), "/register", wishes)
    assert await arrived(post_office) == ["Bestätigen Sie Ihr CloudMatic-Konto"]
