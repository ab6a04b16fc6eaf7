"""A customer's phone with the app that shows codes; set up by the pages, as customers do."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyotp

from tests.integration.portal.pages import send
from tests.integration.portal.world import PASSWORD, Answer, Browser, Portal

FACTOR = "/account/second-factor"
STEP = "/login/code"
CODE_PAGE = f"{STEP}?next=dashboard"


@dataclass(frozen=True)
class Phone:
    """The app, and beside it the sheet of paper with the recovery codes."""

    portal: Portal
    secret: str
    codes: tuple[str, ...]

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many steps later."""
        return pyotp.TOTP(self.secret).at(self.portal.clock.now, counter_offset=steps)


def secret_on(page: Answer) -> str:
    """The secret as it is shown to be typed."""
    found = re.search(r'<strong class="code">([A-Z2-7 ]+)</strong>', page.text)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: Answer) -> tuple[str, ...]:
    """The recovery codes that the page shows."""
    return tuple(re.findall(r'<li><span class="code">([0-9A-Z-]{19})</span></li>', page.text))


async def set_up(portal: Portal, browser: Browser, *, seconds: int = 30) -> Phone:
    """Set the factor up for whoever is logged in. The next code comes `seconds` later."""
    page = await browser.get(FACTOR)
    phone = Phone(portal, secret_on(page), ())
    answer = await send(browser, page, FACTOR, {"code": phone.code(), "current": PASSWORD})
    assert answer.status == 200, answer.words
    portal.clock.move(seconds=seconds)
    return Phone(portal, phone.secret, codes_on(answer))


async def owner_of_a_phone(portal: Portal, browser: Browser, name: str = "maxmuster") -> Phone:
    """Log in and set the factor up."""
    assert (await browser.log_in(name)).location == "/dashboard"
    return await set_up(portal, browser)


async def type_code(browser: Browser, code: str, wanted: str = "dashboard") -> Answer:
    """In the second step, after the password."""
    page = await browser.get(STEP, params={"next": wanted})
    assert page.status == 200, page.location
    return await send(browser, page, STEP, {"code": code})


async def logged_in(browser: Browser) -> bool:
    return (await browser.get("/dashboard")).status == 200
