"""The forms about hubs: pairing, entering from one, withdrawing one."""

from __future__ import annotations

import re
from typing import Final

from cloudmatic_link.api import LINK_FIELD
from tests.integration.portal.forms.case import Case, Opened, at
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.world import Browser, Portal

NO_PAIRING_CODE: Final = "Bitte geben Sie den Code ein."


async def _entry(portal: Portal, browser: Browser) -> Opened:
    link = (await enrolled_hub(portal)).link()
    return await browser.show_link(link), "/entry"


async def _pair(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await at(browser, "/pair")


async def _pair_decide(portal: Portal, browser: Browser) -> Opened:
    told = await Hub(portal).begin_pairing()
    await browser.log_in("maxmuster")
    page = await browser.get("/pair")
    return await send(browser, page, "/pair", {"code": told["user_code"]}), "/pair/decide"


async def _revoke(portal: Portal, browser: Browser) -> Opened:
    await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    return await at(browser, await revoke_address(browser))


async def revoke_address(browser: Browser) -> str:
    """The page that asks before the account's hub is withdrawn."""
    page = await browser.get("/dashboard")
    return str(re.search(r"/hubs/[0-9]+/revoke", page.text)[0])  # type: ignore[index]


CASES: Final = (
    Case("/entry", _entry, strict=(LINK_FIELD,)),
    Case(
        "/pair",
        _pair,
        {"code": "BCDF-GHJK"},
        strict=("code",),
        beside={"code": NO_PAIRING_CODE},
        kept=("code",),
        counted=True,
        needs="login",
    ),
    Case(
        "/pair/decide",
        _pair_decide,
        {"do": "confirm"},
        strict=("code", "do"),
        needs="login",
    ),
    Case("/hubs/{number}/revoke", _revoke, needs="login"),
)
