"""What lies in the cart: at today's prices, of the account and not of the browser."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from cloudmatic_portal.storage.tables import products
from tests.integration.portal.pages import send
from tests.integration.portal.shopping import change_price, in_cart, put, redeem
from tests.integration.portal.world import Browser, Portal


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    await put(browser)
    return browser


async def test_columns_add_up_and_packages_run_one_after_the_other(
    portal: Portal, customer: Browser
) -> None:
    portal.clock.move(seconds=1)
    await put(customer, "connect", quantity="6")
    await put(customer, "notifyme", quantity="50")
    words = (await customer.get("/cart")).words
    assert "CloudMatic Complete 12 Monate 25.12.2026 bis 24.12.2027" in words
    assert "CloudMatic Connect 6 Monate 25.12.2027 bis 24.06.2028" in words
    # 30,25 + 12,61 + 5,04; 5,75 + 2,39 + 0,96; 36 + 15 + 6.
    assert "Gesamt 47,90 € 9,10 € 57,00 €" in words


async def test_a_tick_and_aktualisierung_take_an_article_out(customer: Browser) -> None:
    await put(customer, "connect")
    page = await customer.get("/cart")
    assert "Löschen" in page.words
    answer = await send(customer, page, "/cart", {"remove": "complete", "do": "update"})
    assert (answer.status, answer.location) == (303, "/cart")
    left = (await customer.get("/cart")).words
    assert "Complete" not in left
    assert "Connect 12 Monate 25.12.2026" in left


async def test_ticking_all_of_it_leaves_an_empty_cart_and_a_way_on(customer: Browser) -> None:
    await put(customer, "connect")
    await in_cart(customer, remove=["complete", "connect"])
    cart = await customer.get("/cart")
    assert "Der Warenkorb ist leer" in cart.words
    assert 'href="/products"' in cart.text
    assert "Kaufen" not in cart.words


@pytest.mark.parametrize(("pressed", "page"), [("buy", "/checkout"), ("update", "/cart")])
async def test_whichever_button_is_pressed_ticks_and_code_are_heeded(
    customer: Browser, pressed: str, page: str
) -> None:
    await put(customer, "connect")
    answer = await in_cart(customer, remove="connect", voucher="FUENF", do=pressed)
    assert answer.location == page
    words = (await customer.get("/checkout")).words
    assert "Connect" not in words.partition("Complete")[0]
    assert "31,00 €" in words


async def test_a_price_that_has_changed_is_shown_as_changed_before_it_is_bought(
    portal: Portal, customer: Browser
) -> None:
    await change_price(portal, "complete", 12, 4200)
    for address in ("/cart", "/checkout"):
        words = (await customer.get(address)).words
        assert "Preis geändert: bisher 36,00 €, jetzt 42,00 €" in words
        assert "42,00 €" in words.partition("jetzt 42,00 €")[2]
    cart = (await customer.get("/cart")).words
    assert "Seit Sie den Artikel in den Warenkorb gelegt haben" in cart


async def test_what_is_no_longer_sold_must_be_taken_out_before_the_rest_is_bought(
    portal: Portal, customer: Browser
) -> None:
    await put(customer, "connect")
    async with portal.database.writing() as connection:
        gone = update(products).where(products.c.code == "complete")
        await connection.execute(gone.values(active=False))
    cart = await customer.get("/cart")
    assert "CloudMatic Complete nicht mehr verfügbar" in cart.words
    assert "Gesamt 20,17 € 3,83 € 24,00 €" in cart.words
    assert 'value="buy"' not in cart.text
    assert (await customer.get("/checkout")).location == "/cart"
    await in_cart(customer, remove="complete")
    assert (await customer.get("/checkout")).status == 200


async def test_the_cart_outlives_the_login_and_is_the_same_on_another_device(
    portal: Portal, customer: Browser
) -> None:
    await redeem(customer, "FUENF")
    await send(customer, await customer.get("/cart"), "/logout")
    assert (await customer.get("/cart")).location == "/login?next=cart"
    async with Browser(portal) as phone:
        await phone.log_in("maxmuster")
        assert "FUENF spart 5,00 €" in (await phone.get("/cart")).words
        await in_cart(phone, withdraw="FUENF")
    portal.clock.move(days=20)
    await customer.log_in("maxmuster")
    words = (await customer.get("/cart")).words
    assert "CloudMatic Complete 12 Monate" in words
    assert "FUENF" not in words


async def test_carts_of_two_accounts_are_two(portal: Portal, customer: Browser) -> None:
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        await put(other, "connect")
        await in_cart(other, remove=["complete", "connect"], withdraw="FUENF")
        assert "Der Warenkorb ist leer" in (await other.get("/cart")).words
    assert "CloudMatic Complete" in (await customer.get("/cart")).words
