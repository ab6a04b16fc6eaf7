"""The cart, for a booking from a hub and for a login; neither sees the other's."""

from __future__ import annotations

import pytest

from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.world import Browser, Portal


@pytest.fixture
async def hub(portal: Portal) -> Hub:
    return await enrolled_hub(portal)


async def test_ticking_and_updating_removes_what_was_ticked(browser: Browser, hub: Hub) -> None:
    await browser.accept(hub.link("complete"))
    await browser.accept(hub.link("connect"))
    cart = await browser.get("/booking/cart")
    assert "60,00\xa0€" in cart.text
    form = {"form_token": cart.field("form_token"), "remove": "complete"}
    updated = await browser.post("/booking/cart", form)
    assert (updated.status, updated.location) == (303, "/booking/cart")
    left = (await browser.get("/booking/cart")).words
    assert "Complete" not in left
    assert "Connect" in left


async def test_updating_without_a_tick_changes_nothing(
    portal: Portal, browser: Browser, hub: Hub
) -> None:
    await browser.accept(hub.link())
    before = await portal.rows()
    cart = await browser.get("/booking/cart")
    form = {"form_token": cart.field("form_token")}
    assert (await browser.post("/booking/cart", form)).status == 303
    assert await portal.rows() == before


async def test_hostile_ticks_remove_nothing(portal: Portal, browser: Browser, hub: Hub) -> None:
    await browser.accept(hub.link())
    cart = await browser.get("/booking/cart")
    for tick in ("' OR 1=1 --", "complete ", "COMPLETE", "*", "%", "x" * 9000):
        form = {"form_token": cart.field("form_token"), "remove": tick}
        assert (await browser.post("/booking/cart", form)).status == 303
    assert await portal.count("cart_items") == 1


async def test_the_cart_of_an_account_is_the_same_from_hub_and_login(
    browser: Browser, hub: Hub
) -> None:
    await browser.accept(hub.link())
    await browser.log_in("maxmuster")
    mine = await browser.get("/cart")
    assert "Warenkorb für Konto 4711 (maxmuster)" in mine.words
    form = {"form_token": mine.field("form_token"), "remove": "complete"}
    assert (await browser.post("/cart", form)).location == "/cart"
    assert "Der Warenkorb ist leer" in (await browser.get("/booking/cart")).words


async def test_a_booking_session_reaches_the_cart_and_nothing_else(
    browser: Browser, hub: Hub
) -> None:
    await browser.accept(hub.link())
    for path in ("/dashboard", "/cart"):
        answer = await browser.get(path)
        assert (answer.status, answer.location) == (303, f"/login?next={path[1:]}")
    cart = await browser.get("/booking/cart")
    assert "max@muster.example" not in cart.text
    assert "/dashboard" not in cart.text


async def test_a_session_of_one_kind_is_none_of_the_other(browser: Browser, hub: Hub) -> None:
    await browser.accept(hub.link())
    await browser.log_in("erikamuster")
    booking, login = browser.cookie("cm_booking"), browser.cookie("cm_session")
    browser.session.cookie_jar.update_cookies(
        {"cm_booking": login or "", "cm_session": booking or ""}, browser.portal.url("/")
    )
    assert (await browser.get("/booking/cart")).status == 403
    assert (await browser.get("/cart")).status == 303


async def test_no_booking_session_no_cart_but_the_way_back(browser: Browser) -> None:
    page = await browser.get("/booking/cart")
    assert page.status == 403
    assert "Ihre Buchung wurde unterbrochen" in page.words
    assert "die auf der Zentrale oder mit einem Link aus einer Mail begann" in page.words
    assert "erneut auf „Zugang buchen“" in page.words
    assert "öffnen Sie noch einmal den Link aus der Mail" in page.words
    english = await browser.get("/booking/cart", headers={"Accept-Language": "en"})
    assert "at the hub or with a link from a mail" in english.words
    assert "or open the link in the mail once more" in english.words


async def test_a_booking_session_ends_when_idle_and_at_last_in_any_case(
    portal: Portal, browser: Browser, hub: Hub
) -> None:
    await browser.accept(hub.link())
    portal.clock.move(minutes=31)
    assert (await browser.get("/booking/cart")).status == 403
    await browser.accept(hub.link())
    for _ in range(6):
        portal.clock.move(minutes=19)
        assert (await browser.get("/booking/cart")).status == 200
    portal.clock.move(minutes=19)
    assert (await browser.get("/booking/cart")).status == 403
    assert await portal.count("cart_items") == 1


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 3000, "ü" * 43, "' OR 1=1 --"])
async def test_invented_session_cookies_open_nothing(portal: Portal, token: str) -> None:
    async with Browser(portal) as browser:
        cookies = f"cm_booking={token}; cm_session={token}"
        headers = {"Cookie": cookies}
        assert (await browser.get("/booking/cart", headers=headers)).status == 403
        assert (await browser.get("/dashboard", headers=headers)).status == 303
