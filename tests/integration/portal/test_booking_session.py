"""Coming from the hub: the whole way to an order for the linked account, and nothing else of it."""

from __future__ import annotations

import pytest

from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import buy, in_cart, order, put, redeem
from tests.integration.portal.world import Browser, Portal

BASE = "/booking"


@pytest.fixture
async def hub(portal: Portal) -> Hub:
    return await enrolled_hub(portal)


@pytest.fixture
async def visitor(browser: Browser, hub: Hub) -> Browser:
    """Somebody who has clicked on "Zugang buchen" in the dashboard of their hub."""
    await browser.accept(hub.link())
    return browser


async def test_from_the_link_to_the_order_for_the_linked_account(
    portal: Portal, visitor: Browser
) -> None:
    await put(visitor, "connect", BASE, quantity="6")
    await in_cart(visitor, BASE, remove="complete")
    await redeem(visitor, "FUENF", BASE)
    checkout = await visitor.get("/booking/checkout")
    assert "Bestellung für Konto 4711 (maxmuster)" in checkout.words
    bought = await send(visitor, checkout, "/booking/checkout")
    assert bought.location.startswith("/booking/orders/")
    page = await visitor.get(bought.location)
    assert "Für Konto 4711 (maxmuster)" in page.words
    assert "Bitte überweisen Sie 10,00 €" in page.words
    async with Browser(portal) as owner:
        await owner.log_in("maxmuster")
        assert bought.location.rpartition("/")[2] in (await owner.get("/dashboard")).words


async def test_the_cart_is_the_same_as_that_of_the_login(portal: Portal, visitor: Browser) -> None:
    async with Browser(portal) as owner:
        await owner.log_in("maxmuster")
        await redeem(owner, "FUENF")
    assert "FUENF spart 5,00 €" in (await visitor.get("/booking/cart")).words
    assert "31,00 €" in (await visitor.get("/booking/checkout")).words


async def test_a_cart_bought_in_both_places_is_bought_once(
    portal: Portal, visitor: Browser
) -> None:
    page = await visitor.get("/booking/checkout")
    async with Browser(portal) as owner:
        await owner.log_in("maxmuster")
        mine = await buy(owner)
    again = await send(visitor, page, "/booking/checkout")
    assert again.location == f"/booking{mine.location}"
    assert await portal.count("orders") == 1


async def test_it_sees_the_orders_made_in_it_and_no_other_of_the_account(
    portal: Portal, visitor: Browser, hub: Hub
) -> None:
    async with Browser(portal) as owner:
        await owner.log_in("maxmuster")
        theirs = await order(owner, "connect")
        mine = await order(visitor, base=BASE)
        assert (await visitor.get(mine)).status == 200
        for address in (f"/booking{theirs}", f"/booking{theirs}/cancel"):
            assert (await visitor.get(address)).status == 404
        # The owner sees both, and a later booking from the hub neither.
        assert (await owner.get(mine.removeprefix(BASE))).status == 200
    async with Browser(portal) as later:
        await later.accept(hub.link())
        for address in (mine, f"{mine}/cancel", f"/booking{theirs}"):
            assert (await later.get(address)).status == 404


async def test_it_may_cancel_its_own_order(visitor: Browser) -> None:
    address = await order(visitor, base=BASE)
    answer = await send(visitor, await visitor.get(f"{address}/cancel"), f"{address}/cancel")
    assert answer.location == address
    assert "Diese Bestellung wurde storniert" in (await visitor.get(address)).words


@pytest.mark.parametrize(
    "address", ["/dashboard", "/cart", "/checkout", "/logout-everywhere", "/orders/222-222-222"]
)
async def test_nothing_else_opens(visitor: Browser, address: str) -> None:
    answer = await visitor.get(address)
    assert answer.status == 303
    assert answer.location.startswith("/login?next=")


async def test_no_page_of_it_names_an_address_or_leads_to_the_account(visitor: Browser) -> None:
    ordered = await order(visitor, base=BASE)
    await put(visitor, "connect", BASE)
    for address in (
        "/booking/products",
        "/booking/products/complete",
        "/booking/cart",
        "/booking/checkout",
        ordered,
        f"{ordered}/cancel",
    ):
        page = await visitor.get(address)
        assert page.status == 200
        assert "max@muster.example" not in page.text
        for way in ('href="/dashboard', 'href="/cart', 'href="/orders', 'href="/login', "/logout"):
            assert way not in page.text
        assert all(each.action.startswith("/booking/") for each in Page(page).forms)


async def test_a_login_as_somebody_else_is_neither_asked_nor_touched(
    portal: Portal, visitor: Browser
) -> None:
    await visitor.log_in("erikamuster")
    await put(visitor, "connect")
    mine = await order(visitor, base=BASE)
    assert "4711 (maxmuster)" in (await visitor.get(mine)).words
    assert (await visitor.get(mine.removeprefix(BASE))).status == 404
    assert "CloudMatic Connect" in (await visitor.get("/cart")).words
    assert "Der Warenkorb ist leer" in (await visitor.get("/booking/cart")).words


async def test_it_ends_with_the_owners_word(portal: Portal, visitor: Browser) -> None:
    async with Browser(portal) as owner:
        await owner.log_in("maxmuster")
        await send(owner, await owner.get("/logout-everywhere"), "/logout-everywhere")
    page = await visitor.get("/booking/checkout")
    assert page.status == 403
    assert "Ihre Buchung wurde unterbrochen" in page.words
