"""From a hub's booking link to the right cart: shown as often as wanted, done exactly once."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from sqlalchemy import update

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.storage.tables import cart_items
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.world import Browser, Portal

ABROAD = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


async def test_the_confirmation_says_what_for_whom_and_for_how_much(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    page = await browser.show_link(hub.link(months=6, kind="subscription"))
    assert page.status == 200
    assert "Sie buchen für Konto 4711 (maxmuster)" in page.words
    for fact in (hub.serial, "CloudMatic Complete", "6 Monate", "Abonnement", "23,00\xa0€"):
        assert fact in page.text
    assert "In den Warenkorb" in page.words


async def test_what_the_link_leaves_open_is_a_single_booking_for_a_year(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    page = await browser.show_link(hub.link())
    assert "12 Monate" in page.words
    assert "Einzelbuchung" in page.words


async def test_looking_at_a_link_ten_times_changes_nothing_and_consumes_nothing(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    link = hub.link()
    await browser.log_in("erikamuster")
    before = await portal.rows()
    for _ in range(10):
        assert (await browser.get(f"/entry?{LINK_FIELD}={link}", headers=ABROAD)).status == 200
    assert await portal.rows() == before
    assert (await browser.accept(link)).status == 303


async def test_confirming_leads_to_the_cart_of_the_linked_account(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    accepted = await browser.accept(hub.link())
    assert (accepted.status, accepted.location) == (303, "/booking/cart")
    cart = await browser.get("/booking/cart")
    assert "Warenkorb für Konto 4711 (maxmuster)" in cart.words
    for part in ("CloudMatic Complete", "30,25\xa0€", "5,75\xa0€", "36,00\xa0€", "19\xa0%"):
        assert part in cart.text


async def test_a_link_works_once(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    link = hub.link()
    await browser.accept(link)
    before = await portal.rows()
    async with Browser(portal) as other:
        token = (await other.show_link(hub.link("connect"))).field("form_token")
        form = {LINK_FIELD: link, "form_token": token}
        for answer in (await other.show_link(link), await other.post("/entry", form)):
            assert answer.status == 409
            assert "Der Buchungslink wurde schon verwendet" in answer.words
            assert "erneut auf „Zugang buchen“" in answer.words
    assert await portal.rows() == before


async def test_a_used_link_leads_the_browser_that_used_it_back_to_the_cart(
    portal: Portal, browser: Browser
) -> None:
    link = (await enrolled_hub(portal)).link()
    await browser.accept(link)
    page = await browser.show_link(link)
    assert page.status == 409
    assert "Weiter zum Warenkorb" in page.words
    assert "Konto 4711 (maxmuster)" in page.words


async def test_twenty_simultaneous_clicks_consume_a_link_exactly_once(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    link = hub.link()
    browsers = [Browser(portal) for _ in range(20)]
    for each in browsers:
        await each.__aenter__()
    pages = await asyncio.gather(*(each.show_link(link) for each in browsers))
    forms = [{LINK_FIELD: link, "form_token": page.field("form_token")} for page in pages]
    answers = await asyncio.gather(
        *(each.post("/entry", form) for each, form in zip(browsers, forms, strict=True))
    )
    for each in browsers:
        await each.__aexit__()
    assert sorted(answer.status for answer in answers) == [303] + [409] * 19
    for table in ("consumed_links", "cart_items", "sessions"):
        assert await portal.count(table) == 1


async def test_twenty_different_links_at_once_make_one_item(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    async with Browser(portal) as first:
        token = (await first.show_link(hub.link())).field("form_token")
        links = [hub.link() for _ in range(20)]
        answers = await asyncio.gather(
            *(first.post("/entry", {LINK_FIELD: each, "form_token": token}) for each in links)
        )
    assert {answer.status for answer in answers} == {303}
    assert await portal.count("cart_items") == 1
    assert await portal.count("consumed_links") == 20


async def test_a_login_as_another_account_is_named_and_left_alone(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("erikamuster")
    login = browser.cookie("cm_session")
    page = await browser.get(f"/entry?{LINK_FIELD}={hub.link()}", headers=ABROAD)
    assert "Sie buchen für Konto 4711 (maxmuster)" in page.words
    assert "als erikamuster (Konto 4712) angemeldet" in page.words
    assert "Ihre Anmeldung bleibt, wie sie ist" in page.words
    await browser.accept(hub.link())
    assert "4711 (maxmuster)" in (await browser.get("/booking/cart")).words
    assert browser.cookie("cm_session") == login
    assert "erikamuster" in (await browser.get("/dashboard")).words
    mine = await browser.get("/cart")
    assert "Warenkorb für Konto 4712 (erikamuster)" in mine.words
    assert "Der Warenkorb ist leer" in mine.words


async def test_a_login_as_the_same_account_needs_no_warning(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    assert "angemeldet" not in (await browser.show_link(hub.link())).words


async def test_the_same_package_again_is_not_doubled(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link(months=6, kind="subscription"))
    await browser.accept(hub.link())
    kept = (await browser.get("/booking/cart")).words
    assert "6 Monate 25.12.2026 bis 24.06.2027 Abonnement" in kept
    await browser.accept(hub.link(months=24))
    longer = (await browser.get("/booking/cart")).words
    assert "24 Monate 25.12.2026 bis 24.12.2028 Abonnement" in longer
    await browser.accept(hub.link(kind="single"))
    once = (await browser.get("/booking/cart")).words
    assert "24 Monate 25.12.2026 bis 24.12.2028 Einzelbuchung" in once
    assert await portal.count("cart_items") == 1
    await browser.accept(hub.link("connect"))
    assert await portal.count("cart_items") == 2


async def test_a_new_booking_ends_the_browsers_former_one(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link())
    former = browser.cookie("cm_booking")
    await browser.accept(hub.link())
    assert browser.cookie("cm_booking") != former
    assert await portal.count("sessions") == 1


async def test_the_confirmation_shows_todays_price_and_so_does_the_cart_after_it(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link())
    async with portal.database.writing() as connection:
        await connection.execute(update(cart_items).values(price_cents=3000))
    page = await browser.show_link(hub.link())
    assert "36,00\xa0€" in page.text
    await browser.accept(hub.link())
    assert "36,00\xa0€" in (await browser.get("/booking/cart")).text


async def test_two_links_opened_at_once_in_a_fresh_browser_can_both_be_confirmed(
    portal: Portal,
) -> None:
    hub = await enrolled_hub(portal)
    links = (hub.link("complete"), hub.link("connect"))
    async with Browser(portal) as first, Browser(portal) as second:
        # Neither request had a cookie yet; then the browser keeps what both answers set.
        pages = [await first.show_link(links[0]), await second.show_link(links[1])]
        for cookie in second.session.cookie_jar:
            first.session.cookie_jar.update_cookies({cookie.key: cookie}, portal.url("/"))
        for link, page in zip(links, pages, strict=True):
            form = {LINK_FIELD: link, "form_token": page.field("form_token")}
            assert (await first.post("/entry", form)).status == 303
    assert await portal.count("cart_items") == 2


async def test_the_language_links_keep_the_link_and_the_path(
    portal: Portal, browser: Browser
) -> None:
    link = (await enrolled_hub(portal)).link()
    page = await browser.show_link(link)
    assert f'href="?{LINK_FIELD}={link}&amp;lang=en"' in page.text


async def test_neither_page_nor_log_nor_referrer_gives_the_link_away(
    portal: Portal, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = (await enrolled_hub(portal)).link()
    page = await browser.show_link(link)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    await browser.accept(link)
    refused = await browser.show_link(link)
    assert link not in refused.text.replace("lang=", "")[: refused.text.index("<footer")]
    ours = [each for each in caplog.records if each.name.startswith("cloudmatic_portal")]
    assert any("replayed" in each.getMessage() for each in ours)
    assert link not in "".join(each.getMessage() for each in ours)


async def test_the_page_speaks_english_when_asked(portal: Portal, browser: Browser) -> None:
    link = (await enrolled_hub(portal)).link()
    page = await browser.get(f"/entry?{LINK_FIELD}={link}&lang=en")
    assert "You are booking for account 4711 (maxmuster)" in page.words
    assert "€36.00" in page.words
    assert "You are booking" in (await browser.show_link(link)).words


async def test_the_date_of_every_answer_is_the_servers(portal: Portal) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/entry", "/api/v1/hub/status", "/nothing"):
            async with session.get(portal.url(path)) as response:
                assert response.headers["Date"].endswith("GMT")
