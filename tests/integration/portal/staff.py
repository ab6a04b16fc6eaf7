"""Operators for the tests: made by the service, and coming in as they do, by the login page."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp

from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.services import operators
from cloudmatic_portal.services.operators import Choice, Keys
from cloudmatic_portal.services.secrets import Secrets
from tests.integration.portal.pages import send
from tests.integration.portal.world import Answer, Browser, Portal, random_bytes

PASSWORD = "drei ganz andere Wörter"
LOGIN = "/admin/login"


@dataclass(frozen=True)
class Staff:
    """An operator, with the app that shows the codes."""

    portal: Portal
    name: str
    factor: str

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many steps later."""
        return pyotp.TOTP(self.factor).at(self.portal.clock.now, counter_offset=steps)

    async def log_in(self, browser: Browser, **typed: str) -> Answer:
        """By the page, with a code that has not been used."""
        filled = {"name": self.name, "password": PASSWORD, "code": self.code()} | typed
        return await send(browser, await browser.get(LOGIN), LOGIN, filled)


async def invite(portal: Portal, name: str, role: Role) -> str:
    """The token of the link by which a new operator sets up their login."""
    return await operators.add(
        portal.database, name, role, now=portal.clock.now, random_bytes=random_bytes
    )


async def make(portal: Portal, role: Role = "admin", name: str = "anna") -> Staff:
    """An operator who is set up. The next code comes half a minute later."""
    now = portal.clock.now
    token = await invite(portal, name, role)
    keys = Keys(Secrets(64), portal.settings.secret)
    staff = Staff(portal, name, keys.new_factor(token))
    choice = Choice(token, PASSWORD, staff.code())
    session = await operators.set_up(
        portal.database, keys, choice, now=now, random_bytes=random_bytes
    )
    await operators.log_out(portal.database, session)
    portal.clock.move(seconds=30)
    return staff


async def come_in(
    portal: Portal, browser: Browser, role: Role = "admin", name: str = "anna"
) -> Staff:
    """A new operator, who is logged in."""
    staff = await make(portal, role, name)
    answer = await staff.log_in(browser)
    assert (answer.status, answer.location) == (303, "/admin")
    return staff
