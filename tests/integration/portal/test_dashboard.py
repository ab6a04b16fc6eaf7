"""The dashboard: what runs, what is booked, what is still to pay, and what belongs to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.integration.portal.every_form import REGISTRATION
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import buy, order, put, redeem
from tests.integration.portal.test_order_page import pay
from tests.integration.portal.world import LAST_DAY, SERIAL, Browser, Portal


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    return browser


async def test_zugang_buchen_leads_to_the_window_of_the_package_that_runs(
    customer: Browser,
) -> None:
    page = await customer.get("/dashboard")
    assert "CloudMatic Complete Noch 31 Tage Aktiv bis 24.12.2026 Zugang buchen" in page.words
    assert re.search(r'href="/products/complete">\s*Zugang buchen', page.text)


async def test_an_open_order_stands_there_with_its_amount_until_it_is_paid(
    portal: Portal, customer: Browser
) -> None:
    address = await order(customer, "connect")
    number = address.rpartition("/")[2]
    words = (await customer.get("/dashboard")).words
    assert f"Offene Bestellungen Bestellung {number} Wartet auf Zahlung" in words
    assert "bis 07.12.2026" in words
    assert "24,00 €" in words
    await pay(portal, address, 1000)
    assert "14,00 €" in (await customer.get("/dashboard")).words
    await pay(portal, address, 1400, "bank 2")
    paid = await customer.get("/dashboard")
    assert "Offene Bestellungen" not in paid.words
    assert "CloudMatic Connect Gebucht vom 25.12.2026 bis 24.12.2027" in paid.words
    assert re.search(rf"Frühere Bestellungen .* {number} 23.11.2026", paid.words)


async def test_the_timeline_says_in_words_what_it_draws(portal: Portal, customer: Browser) -> None:
    await pay(portal, await order(customer, "connect", quantity="6"), 1500)
    await order(customer, "complete", quantity="1")
    page = await customer.get("/dashboard")
    [description] = re.findall(r"<desc[^>]*>(.*?)</desc>", page.text, re.DOTALL)
    said = " ".join(description.split())
    assert said.startswith("Heute ist der 23.11.2026")
    for bar in (
        f"bis {LAST_DAY:%d.%m.%Y}, jetzt aktiv",
        "CloudMatic Connect: 25.12.2026 bis 24.06.2027, gebucht",
        "CloudMatic Complete: 25.06.2027 bis 24.07.2027, offene Bestellung",
    ):
        assert bar in said
    assert page.text.count('class="bar ') == 2 * said.count(" bis ")


async def test_two_open_orders_are_shown_one_after_the_other(customer: Browser) -> None:
    first = await order(customer, "connect", quantity="1")
    await order(customer, "connect", quantity="1")
    words = (await customer.get("/dashboard")).words
    assert "25.12.2026 bis 24.01.2027" in words
    assert "25.01.2027 bis 24.02.2027" in words
    assert first.rpartition("/")[2] in words


async def test_after_the_end_it_says_what_ended_and_offers_it_again(
    portal: Portal, browser: Browser
) -> None:
    portal.clock.move(days=40)
    await browser.log_in("maxmuster")
    page = await browser.get("/dashboard")
    assert "CloudMatic Complete ist am 24.12.2026 abgelaufen" in page.words
    assert 'href="/products/complete"' in page.text
    await put(browser)
    today = (portal.clock.now + timedelta(hours=1)).date()
    assert f"12 Monate {today:%d.%m.%Y} bis" in (await browser.get("/cart")).words


async def test_credit_is_counted_once_it_is_paid(portal: Portal, customer: Browser) -> None:
    assert "0 Nachrichten" in (await customer.get("/dashboard")).words
    await put(customer, "notifyme", quantity="50")
    await redeem(customer, "GESCHENK")
    await buy(customer)
    address = await order(customer, "notifyme", quantity="100")
    assert "50 Nachrichten" in (await customer.get("/dashboard")).words
    await pay(portal, address, 1100)
    assert "150 Nachrichten" in (await customer.get("/dashboard")).words


async def test_hubs_are_listed_with_their_serial_numbers(portal: Portal, customer: Browser) -> None:
    assert "noch keine Zentrale verknüpft" in (await customer.get("/dashboard")).words
    await enrolled_hub(portal)
    words = (await customer.get("/dashboard")).words
    assert f"{SERIAL} verknüpft seit 23.11.2026, 18:00:00" in words
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        assert SERIAL not in (await other.get("/dashboard")).words


async def test_a_trial_runs_first_and_a_booking_follows_it(
    portal: Portal, browser: Browser
) -> None:
    await send(browser, await browser.get("/register"), "/register", REGISTRATION)
    link = (await Postbox(portal).only()).link("/register/confirm")
    await send(browser, await browser.get_exactly(link), "/register/confirm")
    words = (await browser.get("/dashboard")).words
    assert "CloudMatic Complete Testzugang Noch 29 Tage Aktiv bis 22.12.2026" in words
    address = await order(browser, quantity="1")
    assert "vom 23.12.2026 bis 22.01.2027" in (await browser.get(address)).words


async def test_nothing_of_another_account_is_there(portal: Portal, customer: Browser) -> None:
    number = (await order(customer)).rpartition("/")[2]
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        text = (await other.get("/dashboard")).text
    for mine in (number, "4711", "maxmuster", "max@muster.example", "Complete"):
        assert mine not in text
