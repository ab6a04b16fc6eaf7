"""An owner, or a thief, changes the account; what comes of it by mail."""

from __future__ import annotations

from tests.integration.portal.every_form import NEW_EMAIL
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Letter, Postbox
from tests.integration.portal.world import PASSWORD, Answer, Browser, Portal

OLD, NEW = "max@muster.example", "max@neu.example"


async def change(browser: Browser, what: str, **typed: str) -> Answer:
    address = f"/account/{what}"
    return await send(browser, await browser.get(address), address, typed)


async def letters(portal: Portal) -> dict[str, Letter]:
    return {each.recipient: each for each in await Postbox(portal).empty()}


async def asked(portal: Portal, browser: Browser, old: str = OLD, new: str = NEW) -> dict[str, str]:
    """Ask for the new address; the links that came to it and to the old one."""
    typed = {**NEW_EMAIL, "email": new}
    assert (await change(browser, "email", **typed)).location == "/account/email/sent"
    came = await letters(portal)
    return {
        "confirm": came[new].link("/account/email/confirm"),
        "stop": came[old].link("/account/email/stop"),
    }


async def press(browser: Browser, link: str) -> Answer:
    page = await browser.get_exactly(link)
    if page.status != 200:
        return page
    return await send(browser, page, link.partition("?")[0])


async def can_log_in(portal: Portal, name: str, password: str = PASSWORD) -> bool:
    async with Browser(portal) as other:
        return (await other.log_in(name, password)).status == 303
