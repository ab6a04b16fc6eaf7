"""The package window: what may be chosen, what it costs, when it would run, and into the cart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from cloudmatic_portal.app import make_app
from cloudmatic_portal.storage.tables import products, terms
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import change_price, put
from tests.integration.portal.world import TODAY, Browser, Portal, random_bytes

SAMPLES = "Diese Preise sind Platzhalter"


async def test_it_shows_both_kinds_of_booking_and_each_term_with_its_price(
    browser: Browser,
) -> None:
    page = await browser.get("/products/complete")
    for part in (
        "Einzelbuchung",
        "fünf Tage vor Ablauf",
        "Abonnement",
        "nicht dazu berechtigt",
        "1 Monat 4,50 €",
        "6 Monate 23,00 €",
        "12 Monate 36,00 € 3,00 € im Monat",
        "24 Monate 65,00 €",
        "Alle Preise enthalten 19 % USt.",
        "Sie sind nicht angemeldet",
    ):
        assert part in page.words
    form = Page(page).form("/products/complete")
    assert (form.value("kind"), form.value("quantity")) == ("single", "12")


async def test_whoever_is_known_sees_for_which_account_and_when_each_term_would_run(
    browser: Browser,
) -> None:
    await browser.log_in("maxmuster")
    words = (await browser.get("/products/connect")).words
    assert "Sie buchen für Konto 4711 (maxmuster)" in words
    # Complete runs until 24 December: coverage counts, whatever the package is.
    assert "1 Monat 25.12.2026 bis 24.01.2027" in words
    assert "12 Monate 25.12.2026 bis 24.12.2027" in words


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, "CloudMatic Complete 12 Monate 25.12.2026 bis 24.12.2027 Einzelbuchung"),
        (
            {"quantity": "6", "kind": "subscription"},
            "CloudMatic Complete 6 Monate 25.12.2026 bis 24.06.2027 Abonnement",
        ),
    ],
)
async def test_what_is_chosen_lies_in_the_cart(
    browser: Browser, choice: dict[str, str], expected: str
) -> None:
    await browser.log_in("maxmuster")
    answer = await put(browser, **choice)
    assert (answer.status, answer.location) == (303, "/cart")
    assert expected in (await browser.get("/cart")).words


async def test_another_choice_replaces_the_former_one(portal: Portal, browser: Browser) -> None:
    await browser.log_in("maxmuster")
    await put(browser, quantity="24")
    await put(browser, quantity="1", kind="subscription")
    assert "1 Monat 25.12.2026 bis 24.01.2027 Abonnement" in (await browser.get("/cart")).words
    assert await portal.count("cart_items") == 1


async def test_credit_is_bought_once_and_has_no_days(browser: Browser) -> None:
    await browser.log_in("maxmuster")
    page = await browser.get("/products/notifyme")
    assert "50 Nachrichten" in page.words
    assert "Abonnement" not in page.words
    await put(browser, "notifyme", quantity="100")
    assert "NotifyMe 100 Nachrichten Einzelbuchung" in (await browser.get("/cart")).words
    refused = Page(await put(browser, "notifyme", quantity="50", kind="subscription"))
    assert "100 Nachrichten" in (await browser.get("/cart")).words
    assert refused.form("/products/notifyme").value("quantity") == "50"


async def test_a_stranger_is_led_to_the_login_and_back_to_what_was_chosen(
    portal: Portal, browser: Browser
) -> None:
    answer = await put(browser, quantity="24", kind="subscription")
    assert answer.status == 303
    login = await browser.get(answer.location)
    wishes = {"name": "maxmuster", "password": "willkommen-4711"}
    entered = await send(browser, login, "/login", wishes)
    assert entered.location == "/products/complete?quantity=24&kind=subscription"
    form = Page(await browser.get(entered.location)).form("/products/complete")
    assert (form.value("quantity"), form.value("kind")) == ("24", "subscription")
    assert await portal.count("cart_items") == 0


async def test_a_term_that_ended_while_the_page_was_open_is_refused_beside_the_terms(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    page = await browser.get("/products/complete")
    async with portal.database.writing() as connection:
        ended = update(terms).where(terms.c.product == "complete", terms.c.quantity == 24)
        await connection.execute(ended.values(valid_from=TODAY.replace(year=2030)))
    chosen = {"quantity": "24", "kind": "subscription"}
    answer = await send(browser, page, "/products/complete", chosen)
    assert answer.status == 409
    assert "Die gewählte Laufzeit wird nicht mehr angeboten" in Page(answer).beside("quantity")
    assert Page(answer).form("/products/complete").value("kind") == "subscription"
    assert await portal.count("cart_items") == 0


async def test_a_product_that_is_not_sold_any_more_leads_to_those_that_are(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    page = await browser.get("/products/complete")
    async with portal.database.writing() as connection:
        gone = update(products).where(products.c.code == "complete")
        await connection.execute(gone.values(active=False))
    for answer in (
        await browser.get("/products/complete"),
        await send(browser, page, "/products/complete"),
    ):
        assert answer.status == 410
        assert "CloudMatic Complete kann zurzeit nicht gebucht werden" in answer.words
        assert "CloudMatic Connect" in answer.words
    assert await portal.count("cart_items") == 0


async def test_the_price_is_always_the_one_of_the_day(portal: Portal, browser: Browser) -> None:
    await browser.log_in("maxmuster")
    await put(browser)
    await change_price(portal, "complete", 12, 4200)
    assert "42,00 €" in (await browser.get("/products/complete")).words
    await put(browser)
    cart = await browser.get("/cart")
    assert "42,00 €" in cart.words
    assert "Preis geändert" not in cart.words


@pytest.mark.parametrize(
    "address", ["/products/gibt-es-nicht", "/products/x", "/products/COMPLETE"]
)
async def test_there_is_no_window_for_what_is_no_product(browser: Browser, address: str) -> None:
    assert (await browser.get(address)).status == 404


async def test_only_placeholder_prices_are_called_so(portal: Portal, browser: Browser) -> None:
    await browser.accept((await enrolled_hub(portal)).link())
    settings = replace(portal.settings, sample_prices=True)
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with (
        TestServer(app) as server,
        Browser(Portal(server, settings, portal.clock, portal.database)) as other,
    ):
        await other.log_in("maxmuster")
        for address in ("/products", "/products/complete", "/cart", "/checkout"):
            assert SAMPLES in (await other.get(address)).words
    await browser.log_in("maxmuster")
    for address in ("/products", "/products/complete", "/cart", "/checkout"):
        assert SAMPLES not in (await browser.get(address)).words
