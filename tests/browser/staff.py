"""Operators in front of their pages, with an authenticator app that reads what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Page

from tests.scanning import scan

PASSWORD = "drei ganz andere Wörter"


@dataclass
class Staff:
    """Somebody who was given `link` (its path), and what their app keeps after scanning."""

    name: str
    link: str
    factor: pyotp.OTP | None = field(default=None, init=False)

    def code(self) -> str:
        assert isinstance(self.factor, pyotp.TOTP)
        return self.factor.now()

    def set_up(self, page: Page) -> None:
        """On the page of the link: choose a password, scan the code, type what the app shows."""
        self.factor = pyotp.parse_uri(scan(page.locator("[role=img]").screenshot()))
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=code]").fill(self.code())
        page.locator("main [type=submit]").click()
        page.wait_for_url("**/admin")
