"""A customer's phone with an authenticator app, and the sheet with the recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
from playwright.sync_api import Page

from tests.scanning import scan

FACTOR = "/account/second-factor"


@dataclass
class Phone:
    """What the app keeps after scanning, and the codes that have not been used."""

    app: pyotp.TOTP
    codes: list[str]

    def code(self) -> str:
        """One that has not been used to set it up: the app's clock is half a minute fast."""
        return self.app.at(datetime.now(UTC), counter_offset=1)

    def recovery_code(self) -> str:
        return self.codes.pop()


def set_up(page: Page, password: str) -> Phone:
    """On the page that offers it: scan the code, type what the app shows, keep the codes."""
    app = pyotp.parse_uri(scan(page.locator("figure [role=img]").screenshot()))
    assert isinstance(app, pyotp.TOTP)
    page.locator("[name=code]").fill(app.now())
    page.locator("[name=current]").fill(password)
    page.locator("main [type=submit]").click()
    page.locator(".recovery li").first.wait_for()
    return Phone(app, page.locator(".recovery .code").all_inner_texts())
