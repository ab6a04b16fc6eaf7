"""Logs tell what happened and not to whom: a walk through the site with names to look for."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Final

import pytest
from aiohttp.test_utils import TestServer

from cloudmatic_portal.app import make_app
from cloudmatic_portal.cli.logs import AccessLog
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.errors import MailRejected
from cloudmatic_portal.services.mailing import deliver_due
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.web.mails import MailWriter
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import order, put, redeem
from tests.integration.portal.world import BANK, Browser, Portal, random_bytes

NAME: Final = "Zaubermarke"
MARKS: Final = ("zaubermarke", "irgendwo.example", "streng-geheim", "hausnummer-77")
PASSWORD: Final = "streng-geheim und lang"


class Refuser:
    """A mail server that repeats whom it refuses."""

    async def send(self, message: EmailMessage) -> None:
        raise MailRejected(f"550 5.1.1 <{message['To']}>: no such user")


@pytest.fixture
async def logged(portal: Portal, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Portal]:
    """The portal with the log of requests that `serve` writes, and everything else logged too."""
    caplog.set_level(logging.DEBUG)
    app = make_app(portal.settings, clock=portal.clock, random_bytes=random_bytes)
    server = TestServer(app)
    await server.start_server(
        access_log_class=AccessLog, access_log=logging.getLogger("cloudmatic_portal.access")
    )
    yield Portal(server, portal.settings, portal.clock, portal.database)
    await server.close()


async def walk(portal: Portal, browser: Browser, email: str) -> None:
    """Become a customer, change everything, buy, cancel, declare, fail at each, and leave."""

    async def fill(address: str, **typed: str) -> None:
        await send(browser, await browser.get(address), address, typed)

    new = {"user_name": NAME, "email": email, "password": PASSWORD}
    await fill("/register", **{**new, "password": "kurz"})
    await fill("/register", **new)
    link = (await Postbox(portal).only()).link("/register/confirm")
    await send(browser, await browser.get_exactly(link), "/register/confirm")
    await fill("/login", name=NAME, password="streng-geheim aber falsch")
    await browser.log_in(NAME, PASSWORD)
    await fill("/account/name", user_name=f"{NAME}-2", current=PASSWORD)
    await fill("/account/email", email=f"neu-{email}", current=PASSWORD)
    await fill("/account/password", current=f"{PASSWORD}!", password=PASSWORD)
    await put(browser)
    await redeem(browser, "HAUSNUMMER-77")
    await fill(f"{await order(browser)}/cancel")
    for address in ("/cancel-contract", "/withdraw-contract"):
        declared = {"name": NAME, "contract": "Hausnummer-77", "email": email}
        more = {"identification": NAME, "cancellation": "extraordinary", "reason": "Hausnummer-77"}
        await fill(address, **declared, **(more if address == "/cancel-contract" else {}))
    await browser.get(f"/password/new?token={NAME}")
    await browser.get(f"/products?product={NAME.lower()}")
    await browser.post("/login", {"name": NAME, "password": PASSWORD})
    await browser.get("/account/data.json")
    await fill("/account/delete", current=PASSWORD, understood="1")


async def test_no_log_names_anybody(logged: Portal, caplog: pytest.LogCaptureFixture) -> None:
    writer = MailWriter(logged.origin, logged.settings.sender)
    async with Browser(logged) as browser:
        await walk(logged, browser, f"{NAME}@irgendwo.example")
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.tend(logged.database, logged.clock.now):
        pass
    while await deliver_due(logged.database, Refuser(), writer, now=logged.clock.now):
        pass
    own = [each for each in caplog.records if each.name.startswith("cloudmatic_portal")]
    text = "\n".join(each.getMessage() for each in own)
    # The walk was a real one, and the log tells of it.
    for told in (
        "POST /account/delete 303",
        "waits for the operator",
        "<recipient>",
        "POST /login",
    ):
        assert told in text
    assert "Traceback" not in caplog.text
    for mark in MARKS:
        assert mark not in text.lower()
        foreign = (each for each in caplog.records if each not in own)
        assert not any(mark in each.getMessage().lower() for each in foreign)
