"""Operators see whether gateways hear of changes and what PayPal told, and have it tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from cloudmatic_portal.clients.gateway import GatewayClient
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import Event
from cloudmatic_portal.services import audit, gateways
from cloudmatic_portal.services.gateways import GatewayFeed
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.storage import gateway as stored_gateway
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.commands import run
from tests.integration.portal.pages import send
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_gateways import give, settle
from tests.integration.portal.world import NOW, TODAY, Browser, Portal

HOME: Final = "/admin/webhooks"
RETRY: Final = f"{HOME}/vpn/retry"
NOBODY: Final = "http://localhost:9/changed?key=geheim"
"""Where nothing listens."""

UNCLEAR: Final = Event(
    event_id="WH-1", event_type="PAYMENT.CAPTURE.REFUNDED", kind="taken_back", subject="RF-1"
)
WAITS: Final = Event(
    event_id="WH-2",
    event_type="PAYMENT.SALE.REVERSED",
    kind="taken_back",
    subject="RF-2",
    parent="CAP-1",
    amount=Money(2400),
    day=date(2026, 11, 20),
)


@pytest.fixture
async def failing(portal: Portal) -> GatewayFeed:
    """A gateway that was not reached."""
    await settle(portal)
    secret = portal.settings.secret
    await gateways.put(portal.database, secret, "vpn", NOBODY, portal.clock.now)
    await give(portal, 4711, TODAY + timedelta(days=300))
    await settle(portal)
    feed = GatewayFeed(secret, GatewayClient())
    assert await feed.tell(portal.database, portal.clock.now)
    return feed


async def test_a_gateway_that_does_not_hear_is_told_again(
    portal: Portal, browser: Browser, failing: GatewayFeed
) -> None:
    await come_in(portal, browser, "support")
    page = await browser.get(HOME)
    for part in ("http://localhost:9/changed", "1 vergeblicher Versuch", "ClientConnectorError"):
        assert part in page.words
    assert "geheim" not in page.text
    await failing.tell(portal.database, portal.clock.now + timedelta(hours=2))
    # Its next attempt lies ahead, so that nothing is done by itself.
    assert not await failing.tell(portal.database, portal.clock.now)
    answer = await send(browser, await browser.get(RETRY), RETRY, {"reason": "läuft wieder"})
    assert (answer.status, answer.location) == (303, HOME)
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.object, entry.reason) == (
        "retry gateway",
        "gateway vpn",
        "läuft wieder",
    )
    assert await failing.tell(portal.database, portal.clock.now)
    assert "3 vergebliche Versuche" in (await browser.get(HOME)).words


async def test_a_gateway_that_hears_or_is_told_soon_is_not_put_forward(
    portal: Portal, browser: Browser
) -> None:
    await settle(portal)
    now = portal.clock.now
    await gateways.put(portal.database, portal.settings.secret, "vpn", NOBODY, now)
    await come_in(portal, browser, "support")
    page = await browser.get(RETRY)
    portal.clock.move(seconds=30)
    before = await portal.rows()
    assert (await send(browser, page, RETRY, {"reason": "Anruf"})).status == 303
    await note_failure(portal, "TimeoutError", portal.clock.now + timedelta(minutes=5))
    assert (await send(browser, page, RETRY, {"reason": "Anruf"})).status == 303
    assert len((await portal.rows())["audit_log"]) == len(before["audit_log"]) + 1
    again = await portal.rows()
    assert (await send(browser, page, RETRY, {"reason": "Anruf"})).status == 303
    assert await portal.rows() == again


async def note_failure(portal: Portal, error: str, again: datetime) -> None:
    async with portal.database.writing() as connection:
        gateway = await stored_gateway.find(connection, "vpn")
        assert gateway is not None
        failed = replace(gateway, attempts=1, last_error=error, next_attempt_at=again)
        await stored_gateway.told(connection, failed)


async def test_what_a_gateway_answered_is_said_in_words(portal: Portal, browser: Browser) -> None:
    await settle(portal)
    now = portal.clock.now
    await gateways.put(portal.database, portal.settings.secret, "vpn", NOBODY, now)
    await note_failure(portal, "it answered 503", now + timedelta(minutes=5))
    await come_in(portal, browser, "support")
    assert "Die Antwort war 503." in (await browser.get(HOME)).words
    assert "Beim letzten Versuch war die Antwort 503." in (await browser.get(RETRY)).words


async def test_what_paypal_told_is_listed_by_what_became_of_it(
    portal: Portal, browser: Browser
) -> None:
    for event in (UNCLEAR, WAITS):
        assert await events.receive(portal.database, event, NOW)
    await come_in(portal, browser, "accounting")
    words = (await browser.get(HOME)).words
    assert "it does not say" not in words
    assert "PayPal sagt nicht, wovon." in words
    assert "CAP-1 wartet 24,00 €" in words
    unclear = (await browser.get(f"{HOME}?state=unclear")).words
    assert "WH-1" in unclear
    await events.settle(portal.database, "WH-1", "bei PayPal nachgesehen")
    settled = (await browser.get(f"{HOME}?state=done")).words
    assert "PayPal sagt nicht, wovon. bei PayPal nachgesehen" in settled
    assert "WH-2" not in unclear


@pytest.mark.parametrize("name", ["nothing", "NOTHING", "a%00b"])
async def test_a_gateway_that_is_not_there_has_no_page(
    portal: Portal, browser: Browser, name: str
) -> None:
    await come_in(portal, browser)
    answer = await browser.get_exactly(f"{HOME}/{name}/retry?lang=de")
    assert answer.status == 404
    assert "Dieses Gateway gibt es nicht" in answer.words


@pytest.mark.usefixtures("failing")
async def test_accounting_sees_it_and_tries_nothing(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser, "accounting")
    assert RETRY not in (await browser.get(HOME)).text
    assert (await browser.get(RETRY)).status == 403


async def test_the_same_by_commands(tmp_path: Path, database_url: str, database: Database) -> None:
    machine = environment(tmp_path, database_url)
    assert (await run(machine, "tell-gateway", "vpn"))[0] == 1
    assert (await run(machine, "add-gateway", "vpn", "--webhook", "https://vpn.example"))[0] == 0
    [gateway] = json.loads((await run(machine, "gateways", "--json"))[1])
    assert (gateway["name"], gateway["webhook"], gateway["attempts"], gateway["last_error"]) == (
        "vpn",
        "https://vpn.example",
        0,
        None,
    )
    assert (await run(machine, "tell-gateway", "vpn"))[0] == 0
    assert await events.receive(database, WAITS, NOW)
    [event] = json.loads((await run(machine, "paypal-events", "--json"))[1])
    assert (event["event"], event["cents"], event["state"]) == ("WH-2", 2400, "waiting")
    assert "WH-2" in (await run(machine, "paypal-events"))[1]
    assert (await run(machine, "paypal-events", "--state", "done"))[1] == "no events\n"
