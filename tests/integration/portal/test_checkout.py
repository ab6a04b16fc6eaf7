"""The checkout: everything in sight before "Jetzt kaufen", and one order whatever hands do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from cloudmatic_portal.app import make_app
from cloudmatic_portal.storage.tables import vouchers
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import buy, change_price, in_cart, make_voucher, put, redeem
from tests.integration.portal.world import Browser, Portal, random_bytes


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    await put(browser)
    return browser


async def test_what_the_law_wants_to_be_seen_stands_above_the_button(customer: Browser) -> None:
    """§ 312j II BGB: what it is, what it costs in all, how long it binds; III: the words."""
    words = (await customer.get("/checkout")).words
    above, button, below = words.partition("Jetzt kaufen")
    assert button
    for part in (
        "Bestellung für Konto 4711 (maxmuster)",
        "Connect und SmartHome in einem Paket.",
        "36,00 €",
        "inkl. 5,75 € USt.",
        "Versandkosten",
        "Mindestlaufzeit: 12 Monate",
        "25.12.2026 bis 24.12.2027",
        "Einzelbuchung: Nach Ablauf wird Ihr Zugang eingestellt",
    ):
        assert part in above
    # Nothing else can be pressed where it is.
    assert below == ""


async def test_how_to_pay_is_said_before_the_checkout_begins(customer: Browser) -> None:
    """§ 312j I BGB: at the latest when ordering begins."""
    words = (await customer.get("/cart")).words
    assert "Bezahlen können Sie per Überweisung (Vorkasse)" in words
    assert "Lieferbeschränkungen bestehen nicht" in words


async def test_a_subscription_says_that_it_goes_on_and_that_nothing_is_collected(
    browser: Browser,
) -> None:
    await browser.log_in("maxmuster")
    await put(browser, kind="subscription")
    words = (await browser.get("/checkout")).words
    assert (
        "Nach jedem Ablauf wird die Bestellung automatisch erneut für Ihr Konto angelegt" in words
    )
    assert "Dauerauftrag" in words
    assert "Wir ziehen nichts von Ihrem Konto ein" in words
    assert "Sie können es jederzeit zum Ende der bezahlten Laufzeit kündigen" in words


async def test_a_method_of_payment_is_chosen_only_if_there_are_several(
    browser: Browser,
) -> None:
    await browser.log_in("maxmuster")
    await put(browser)
    single = Page(await browser.get("/checkout")).form("/checkout")
    assert single.value("method") == "transfer"
    await put(browser, kind="subscription")
    page = await browser.get("/checkout")
    assert Page(page).form("/checkout").value("method") == ""
    refused = await send(browser, page, "/checkout")
    assert refused.status == 409
    assert "wählen Sie eine Zahlungsweise" in Page(refused).beside("method")
    chosen = await send(browser, refused, "/checkout", {"method": "standing_order"})
    assert chosen.status == 303
    assert "Dauerauftrag" in (await browser.get(chosen.location)).words


async def test_where_nothing_is_due_no_method_is_asked_for_and_all_is_active_at_once(
    portal: Portal, customer: Browser
) -> None:
    await redeem(customer, "GESCHENK")
    page = await customer.get("/checkout")
    assert "Es ist nichts zu bezahlen" in page.words
    assert "Zahlungsweise" not in page.words
    answer = await send(customer, page, "/checkout")
    order = (await customer.get(answer.location)).words
    assert "Es ist nichts zu bezahlen, und das Gebuchte ist aktiv" in order
    assert "läuft vom 25.12.2026 bis 24.12.2027" in order
    assert "IBAN" not in order
    assert "Gebucht vom 25.12.2026 bis 24.12.2027" in (await customer.get("/dashboard")).words
    assert await portal.count("mails") == 1


async def test_without_a_bank_account_nothing_that_costs_money_is_sold(
    portal: Portal, customer: Browser
) -> None:
    settings = replace(portal.settings, bank=None)
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        other = Portal(server, settings, portal.clock, portal.database)
        async with Browser(other) as browser:
            await browser.log_in("maxmuster")
            page = await browser.get("/checkout")
            assert "Zurzeit können wir keine Zahlung entgegennehmen" in page.words
            assert "Jetzt kaufen" not in page.words
            assert (await send(browser, page, "/checkout", {"method": "transfer"})).status == 409
            await redeem(browser, "GESCHENK")
            assert (await buy(browser)).status == 303


async def test_two_clicks_a_reload_and_two_tabs_make_one_order(
    portal: Portal, customer: Browser
) -> None:
    await redeem(customer, "FUENF")
    first, second = [await customer.get("/checkout") for _ in range(2)]
    answers = await asyncio.gather(
        *(send(customer, page, "/checkout") for page in (first, first, second, first, second))
    )
    answers.append(await send(customer, first, "/checkout"))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    for table in ("orders", "order_items", "voucher_redemptions", "mails"):
        assert await portal.count(table) == 1


async def test_the_same_again_is_another_order(portal: Portal, customer: Browser) -> None:
    await buy(customer)
    assert "Der Warenkorb ist leer" in (await customer.get("/cart")).words
    await put(customer)
    await buy(customer)
    assert await portal.count("orders") == 2


async def test_a_cart_that_another_tab_has_changed_is_shown_again_and_not_bought(
    portal: Portal, customer: Browser
) -> None:
    page = await customer.get("/checkout")
    await put(customer, "connect")
    answer = await send(customer, page, "/checkout")
    assert answer.status == 409
    assert "Es wurde nichts gekauft" in answer.words
    assert "vielleicht in einem anderen Fenster" in answer.words
    assert "60,00 €" in answer.words
    assert await portal.count("orders") == 0
    assert (await send(customer, answer, "/checkout")).status == 303


async def test_a_cart_that_another_tab_has_emptied_is_shown_as_it_is(
    portal: Portal, customer: Browser
) -> None:
    page = await customer.get("/checkout")
    await in_cart(customer, remove="complete")
    answer = await send(customer, page, "/checkout")
    assert answer.status == 409
    assert "Der Warenkorb wurde in der Zwischenzeit geändert" in answer.words
    assert "Der Warenkorb ist leer" in answer.words
    assert await portal.count("orders") == 0


@pytest.mark.parametrize("change", ["price", "voucher"])
async def test_another_sum_than_the_one_that_was_shown_is_never_bought(
    portal: Portal, customer: Browser, change: str
) -> None:
    await redeem(customer, "FUENF")
    page = await customer.get("/checkout")
    if change == "price":
        await change_price(portal, "complete", 12, 3500)
    else:
        async with portal.database.writing() as connection:
            ended = update(vouchers).where(vouchers.c.code == "FUENF")
            await connection.execute(ended.values(active=False))
    answer = await send(customer, page, "/checkout")
    assert answer.status == 409
    assert "Es wurde nichts gekauft" in answer.words
    assert "hat sich ein Preis oder ein Gutschein geändert" in answer.words
    assert {"price": "30,00 €", "voucher": "36,00 €"}[change] in answer.words
    assert await portal.count("orders") == 0
    assert (await send(customer, answer, "/checkout")).status == 303


async def test_the_last_use_of_a_voucher_goes_to_one_of_two_customers(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "EINMAL", limit=1)
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        await put(other)
        pages = []
        for each in (customer, other):
            await redeem(each, "EINMAL")
            pages.append(await each.get("/checkout"))
        answers = await asyncio.gather(
            send(customer, pages[0], "/checkout"), send(other, pages[1], "/checkout")
        )
    assert sorted(answer.status for answer in answers) == [303, 409]
    [refused] = [answer for answer in answers if answer.status == 409]
    assert "Es wurde nichts gekauft" in refused.words
    assert "36,00 €" in refused.words
    assert await portal.count("orders") == 1


async def test_there_is_no_checkout_for_an_empty_cart(browser: Browser) -> None:
    await browser.log_in("erikamuster")
    answer = await browser.get("/checkout")
    assert (answer.status, answer.location) == (303, "/cart")
