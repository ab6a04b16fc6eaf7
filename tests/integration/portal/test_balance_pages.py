"""The balance as customers see it: dashboard, checkout, order."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import ledger, orders, payments, subscriptions
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.shopping import buy, make_voucher, put, redeem
from tests.integration.portal.shopping import order as order_by_page
from tests.integration.portal.world import NOW, TODAY, Browser, Portal, random_bytes


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    return browser


def reference(page: str) -> str:
    return page.rpartition("/")[2]


async def give(portal: Portal, cents: int) -> None:
    await ledger.correct(portal.database, 4711, Money(cents), f"gift {cents}", "gift", NOW)


async def arrive(portal: Portal, page: str, cents: int, source: str = "bank 1") -> None:
    payment = Payment(Money(cents), TODAY, source)
    await payments.book(portal.database, reference(page), payment, NOW)


async def test_the_checkout_says_what_the_balance_pays_and_what_is_left(
    portal: Portal, customer: Browser
) -> None:
    await give(portal, 600)
    assert "Guthaben 6,00 €" in (await customer.get("/dashboard")).words
    await put(customer)
    words = (await customer.get("/checkout")).words
    assert "Guthaben 6,00 € wird verrechnet, noch zu zahlen: 30,00 €" in words
    page = (await buy(customer)).location
    shown = (await customer.get(page)).words
    assert "Bitte überweisen Sie 30,00 €" in shown
    assert "Aus Ihrem Guthaben bezahlt 6,00 €" in shown
    assert "Guthaben 6,00 €" not in (await customer.get("/dashboard")).words


async def test_what_the_balance_covers_asks_for_no_method_and_is_active(
    portal: Portal, customer: Browser
) -> None:
    await give(portal, 5000)
    await put(customer, kind="subscription")
    words = (await customer.get("/checkout")).words
    assert "noch zu zahlen: 0,00 €" in words
    assert "Dauerauftrag" not in words
    page = (await buy(customer)).location
    assert "Ihr Guthaben hat sie bezahlt" in (await customer.get(page)).words


async def test_a_balance_that_has_changed_is_shown_again_and_nothing_is_bought(
    portal: Portal, customer: Browser
) -> None:
    await give(portal, 600)
    await put(customer)
    page = await customer.get("/checkout")
    await give(portal, 100)
    form = {name: page.field(name) for name in ("form_token", "revision", "fingerprint", "terms")}
    for stale in ("600", "x", "-1", "9" * 300):
        sent = form | {"method": "transfer", "from_balance": stale}
        answer = await customer.post("/checkout", sent)
        assert answer.status == 409
        assert "Ihr Guthaben hat sich zwischenzeitlich geändert" in answer.words
        assert "Guthaben 7,00 € wird verrechnet" in answer.words
    assert await portal.count("orders") == 0


async def test_a_debt_is_shown_with_what_to_do(portal: Portal, customer: Browser) -> None:
    page = await order_by_page(customer)
    await arrive(portal, page, 3600)
    async with portal.database.writing() as connection:
        await payments.take_back(connection, "bank 1", Money(3600), "return_debit", "back 1", NOW)
    words = (await customer.get("/dashboard")).words
    assert "−36,00 €" in words
    assert "zurückgebucht" in words


async def test_an_order_that_was_taken_back_says_where_its_price_is(
    portal: Portal, customer: Browser
) -> None:
    page = await order_by_page(customer)
    await arrive(portal, page, 3600)
    await orders.refund(portal.database, reference(page), NOW)
    words = (await customer.get(page)).words
    assert "Diese Bestellung ist zurückgenommen" in words
    assert "Der Preis von 36,00 € ist als Guthaben Ihres Kontos gebucht" in words


async def test_an_expired_order_says_what_becomes_of_its_price_if_the_voucher_is_gone(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "TENTH")
    await put(customer)
    await redeem(customer, "TENTH")
    page = (await buy(customer)).location
    portal.clock.move(days=16)
    while await Worker(HOUSE, random_bytes).work(portal.database, portal.clock.now):
        pass
    await customer.log_in("maxmuster")
    words = (await customer.get(page)).words
    assert "Der Preis gilt, solange der Gutschein (TENTH)" in words


async def test_a_standing_order_is_set_up_with_the_subscriptions_reference(
    portal: Portal, customer: Browser
) -> None:
    await put(customer, "connect", kind="subscription", quantity="1")
    page = (await buy(customer, method="standing_order")).location
    words = (await customer.get(page)).words
    assert "Es ist der Ihres Abonnements und bleibt in jedem Zeitraum gleich" in words
    order = await orders.show(portal.database, 4711, reference(page), NOW)
    assert f"Verwendungszweck {order.transfer_number}" in words
    await arrive(portal, f"/{order.transfer_number}", order.total.gross.cents)
    [mine] = await subscriptions.of_account(portal.database, 4711)
    assert mine.number == order.transfer_number
    assert (
        f"Verwendungszweck Ihres Dauerauftrags: {mine.number}"
        in (await customer.get("/dashboard")).words
    )
