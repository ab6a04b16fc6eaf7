"""An account sees its hubs and can withdraw them; a hub can leave by itself."""

from __future__ import annotations

import re

from sqlalchemy import select

from cloudmatic_portal.storage.tables import accounts, hubs
from tests.integration.portal.every_form import revoke_address
from tests.integration.portal.hubs import Hub, enrolled_hub, with_erikas_hub
from tests.integration.portal.pages import send
from tests.integration.portal.test_enrolment import reason
from tests.integration.portal.world import Browser, Portal


async def revoke(browser: Browser, address: str) -> None:
    answer = await send(browser, await browser.get(address), address)
    assert (answer.status, answer.location) == (303, "/dashboard")


async def test_the_dashboard_tells_when_a_hub_was_last_heard_of(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    assert "noch nicht gemeldet" in (await browser.get("/dashboard")).words
    await hub.status()
    page = (await browser.get("/dashboard")).words
    assert hub.serial in page
    assert "letzter Kontakt 23.11.2026" in page


async def test_a_contact_is_noted_once_an_hour(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    noted = []
    for _ in range(3):
        await hub.status()
        async with portal.database.reading() as connection:
            query = select(hubs.c.last_contact_at)
            noted.append((await connection.execute(query)).scalar_one())
        portal.clock.move(minutes=40)
    assert noted[0] == noted[1] < noted[2]


async def test_a_withdrawn_hub_neither_asks_nor_books(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    second = Hub(portal)
    assert (await second.enrol()).status == 201
    await browser.accept(hub.link())
    link = hub.link()
    await browser.log_in("maxmuster")
    portal.clock.move(minutes=1)
    await revoke(browser, await revoke_address(browser))
    # All keys of that hub, and the booking that was under way.
    for each in (hub, second):
        assert reason(await each.status()) == "revoked-key"
    assert (await browser.show_link(link)).status == 403
    assert (await browser.get("/booking/cart")).status == 403
    page = (await browser.get("/dashboard")).text
    assert re.search(r"/hubs/[0-9]+/revoke", page) is None


async def test_of_two_hubs_the_other_one_goes_on(portal: Portal, browser: Browser) -> None:
    first = await enrolled_hub(portal)
    second = await enrolled_hub(portal, serial="ANOTHER123")
    await browser.log_in("maxmuster")
    portal.clock.move(minutes=1)
    await revoke(browser, await revoke_address(browser))
    assert (await first.status()).status == 403
    assert (await second.status()).status == 200


async def test_somebody_elses_hub_cannot_be_withdrawn(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    address = await revoke_address(browser)
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        assert (await other.get(address)).status == 404
        form = {"form_token": (await other.get("/pair")).field("form_token")}
        for number in ("999", "0", "x", "1" * 12):
            assert (await other.post(f"/hubs/{number}/revoke", form)).status == 404
        assert (await other.post(address, form)).status == 404
    assert (await hub.status()).status == 200


async def test_a_withdrawn_hub_comes_back_by_being_linked_anew(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    portal.clock.move(minutes=1)
    await revoke(browser, await revoke_address(browser))
    again = Hub(portal)
    told = await again.begin_pairing(account="4711")
    page = await send(browser, await browser.get("/pair"), "/pair", {"code": told["user_code"]})
    await send(browser, page, "/pair/decide", {"do": "confirm"})
    assert (await again.status()).status == 200
    assert (await hub.status()).status == 403
    assert await portal.count("hubs") == 1


async def test_a_hub_can_leave_by_itself(portal: Portal) -> None:
    former, hub = await enrolled_hub(portal), await enrolled_hub(portal)
    other = await enrolled_hub(portal, serial="ANOTHER123")
    portal.clock.move(minutes=1)
    assert (await hub.leave()).status == 204
    assert reason(await former.status()) == "revoked-key"
    assert (await other.status()).status == 200
    assert reason(await hub.status()) == "revoked-key"
    assert reason(await hub.leave()) == "revoked-key"


async def test_a_hub_that_moves_to_another_account_is_one_of_each(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    moved = await with_erikas_hub(portal)
    again = Hub(portal, account="4712")
    again.key = hub.key
    assert reason(await again.enrol()) == "key-elsewhere"
    assert (await moved.status()).status == (await hub.status()).status == 200
    assert await portal.count("hubs") == 2


async def test_a_new_user_key_does_not_shut_out_a_hub_that_is_known(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    async with portal.database.writing() as connection:
        mine = accounts.update().where(accounts.c.id == 4711)
        await connection.execute(mine.values(user_key_hash=None))
    assert (await hub.status()).status == 200
    assert reason(await Hub(portal).enrol()) == "credentials-refused"
