"""The page of an order: how to pay it, what becomes of it, and cancelling it."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import payments
from tests.integration.portal.pages import send
from tests.integration.portal.shopping import buy, make_voucher, order, put, redeem
from tests.integration.portal.world import TODAY, Browser, Portal


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    return browser


async def pay(portal: Portal, address: str, cents: int, source: str = "bank 1") -> None:
    number = address.rpartition("/")[2]
    payment = Payment(Money(cents), TODAY, source)
    await payments.book(portal.database, number, payment, portal.clock.now)


async def test_it_says_where_to_send_how_much_with_which_reference_until_when(
    customer: Browser,
) -> None:
    address = await order(customer)
    number = address.rpartition("/")[2]
    words = (await customer.get(address)).words
    for part in (
        f"Bestellung {number} Wartet auf Zahlung",
        "Für Konto 4711 (maxmuster)",
        "Bitte überweisen Sie 36,00 € bis 07.12.2026",
        "CloudMatic (Beispiel)",
        "DE02 1203 0000 0000 2020 51",
        "BYLADEM1001",
        f"Verwendungszweck {number}",
        "läuft voraussichtlich vom 25.12.2026 bis 24.12.2027, wenn Sie heute bezahlen",
    ):
        assert part in words


async def test_a_standing_order_is_explained_with_its_interval(customer: Browser) -> None:
    await put(customer, quantity="6", kind="subscription")
    address = (await buy(customer, method="standing_order")).location
    words = (await customer.get(address)).words
    assert "Daten für Ihren Dauerauftrag" in words
    assert "alle 6 Monate" in words
    assert "23,00 €" in words


async def test_its_number_is_understood_however_it_is_written(customer: Browser) -> None:
    address = await order(customer)
    plain = address.replace("-", "").replace("/orders/", "")
    for spelling in (plain, plain.lower(), f"{plain[:4]}-{plain[4:]}"):
        assert (await customer.get(f"/orders/{spelling}")).status == 200
    mistyped = ("2" if plain[0] != "2" else "3") + plain[1:]
    for unknown in (mistyped, "222222222", plain[:-1], f"{plain}A", "x"):
        assert (await customer.get(f"/orders/{unknown}")).status == 404


async def test_too_little_leaves_it_open_and_the_rest_makes_it_active(
    portal: Portal, customer: Browser
) -> None:
    address = await order(customer)
    await pay(portal, address, 3000)
    partly = (await customer.get(address)).words
    assert "Teilweise bezahlt" in partly
    assert "Eingegangen 30,00 €, offen 6,00 €" in partly
    assert "Betrag 6,00 €" in partly
    await pay(portal, address, 700, "bank 2")
    paid = (await customer.get(address)).words
    assert "Ihre Zahlung ist eingetroffen" in paid
    assert "läuft vom 25.12.2026 bis 24.12.2027" in paid
    assert "Es sind 1,00 € mehr eingegangen als fällig war. Sie sind nun Guthaben" in paid
    assert "IBAN" not in paid
    assert "stornieren" not in paid


async def test_what_was_agreed_stays_whatever_becomes_of_the_price(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "HALB", value=5000)
    await put(customer)
    await redeem(customer, "HALB")
    address = (await buy(customer)).location
    words = (await customer.get(address)).words
    assert "Gutschein HALB spart 18,00 €" in words
    assert "Gesamt 15,13 € 2,87 € 18,00 €" in words


async def test_cancelling_asks_once_more_and_gives_the_voucher_back(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "EINMAL", limit=1)
    await put(customer)
    await redeem(customer, "EINMAL")
    address = (await buy(customer)).location
    before = await portal.rows()
    question = await customer.get(f"{address}/cancel")
    assert "stornieren?" in question.words
    assert "32,40 €" in question.words
    assert await portal.rows() == before
    await put(customer, "connect")
    assert (await redeem(customer, "EINMAL")).status == 409
    answer = await send(customer, question, f"{address}/cancel")
    assert (answer.status, answer.location) == (303, address)
    cancelled = (await customer.get(address)).words
    assert "Diese Bestellung wurde storniert" in cancelled
    assert "IBAN" not in cancelled
    assert (await redeem(customer, "EINMAL")).status == 303
    assert (await buy(customer)).status == 303


async def test_cancelling_twice_is_cancelling_once(portal: Portal, customer: Browser) -> None:
    address = await order(customer)
    question = await customer.get(f"{address}/cancel")
    await send(customer, question, f"{address}/cancel")
    before = await portal.rows()
    again = await send(customer, question, f"{address}/cancel")
    assert (again.status, again.location) == (303, address)
    assert await portal.rows() == before


async def test_an_order_that_was_paid_meanwhile_cannot_be_cancelled(
    portal: Portal, customer: Browser
) -> None:
    address = await order(customer)
    question = await customer.get(f"{address}/cancel")
    await pay(portal, address, 3600)
    before = await portal.rows()
    answer = await send(customer, question, f"{address}/cancel")
    assert answer.status == 409
    assert "kann nicht mehr storniert werden" in answer.words
    assert await portal.rows() == before
    assert (await customer.get(f"{address}/cancel")).location == address


async def test_money_for_a_cancelled_order_is_seen_and_brings_nothing(
    portal: Portal, customer: Browser
) -> None:
    address = await order(customer)
    await send(customer, await customer.get(f"{address}/cancel"), f"{address}/cancel")
    periods = await portal.count("access_periods")
    await pay(portal, address, 3600)
    page = (await customer.get(address)).words
    assert "36,00 €, die dafür bezahlt waren, sind nun Guthaben Ihres Kontos" in page
    assert await portal.count("access_periods") == periods
