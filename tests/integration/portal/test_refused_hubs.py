"""A link whose hub, account, package or term is no good: told as it is; nothing changes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from cloudmatic_portal.storage.tables import products
from tests.integration.portal.hubs import Hub, enrolled_hub, withdraw
from tests.integration.portal.test_refusals import CHOOSE, WAIT, WAY, WEBSITE, refuse
from tests.integration.portal.world import Browser, Portal


async def test_an_unknown_key(portal: Portal, browser: Browser) -> None:
    page = await refuse(portal, browser, Hub(portal).link())
    assert page.status == 403
    assert "Wir kennen Ihre Zentrale noch nicht" in page.words
    for advice in (WAIT, WAY, WEBSITE):
        assert advice in page.words
    assert 'href="/products"' in page.text


async def test_a_revoked_key(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await withdraw(hub)
    page = await refuse(portal, browser, hub.link())
    assert page.status == 403
    assert "Der Schlüssel Ihrer Zentrale wurde gesperrt" in page.words
    assert "23.11.2026" in page.words
    assert WAY not in page.words
    assert WEBSITE in page.words
    assert 'href="/products"' in page.text


async def test_revoking_a_key_ends_the_bookings_it_opened(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link())
    await withdraw(hub)
    assert (await browser.get("/booking/cart")).status == 403


async def test_a_link_that_names_another_hub(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    page = await refuse(portal, browser, hub.link(issuer="ANOTHER123"))
    assert page.status == 403
    assert "ANOTHER123" in page.words
    for advice in (WAIT, WAY, WEBSITE):
        assert advice in page.words


async def test_a_link_that_names_another_account(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    page = await refuse(portal, browser, hub.link(subject="4712"))
    assert page.status == 403
    assert "Der Buchungslink nennt ein anderes Konto" in page.words
    for advice in (WAIT, WAY, WEBSITE):
        assert advice in page.words
    assert "erikamuster" not in page.text


@pytest.mark.parametrize(
    ("product", "status", "sentence"),
    [
        ("unheardof", 404, "Dieses Paket kennen wir nicht"),
        ("fullservice", 410, "CloudMatic FullService kann zurzeit nicht gebucht werden"),
    ],
)
async def test_a_product_that_cannot_be_booked(
    portal: Portal, browser: Browser, product: str, status: int, sentence: str
) -> None:
    hub = await enrolled_hub(portal)
    async with portal.database.writing() as connection:
        await connection.execute(
            update(products).where(products.c.code == "fullservice").values(active=False)
        )
    page = await refuse(portal, browser, hub.link(product))
    assert page.status == status
    assert sentence in page.words
    assert CHOOSE in page.words


async def test_a_product_that_is_no_longer_sold(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    async with portal.database.writing() as connection:
        change = update(products).where(products.c.code == "complete").values(active=False)
        await connection.execute(change)
    page = await browser.show_link(hub.link())
    assert page.status == 410
    assert "Dieses Paket wird nicht mehr verkauft" in page.words


async def test_a_term_that_is_not_offered_names_those_that_are(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    page = await refuse(portal, browser, hub.link(months=7))
    assert page.status == 404
    assert "nicht für 7 Monate angeboten, sondern für: 1, 6, 12, 24" in page.words
