"""How declarations, which the law asks for, get into a state."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.guests import Guests
from tests.browser.states import shop


def declare(page: Page, address: str, **typed: str) -> Page:
    """Fill in the declaration at `address` and send it; returns the receipt."""
    facts = {"name": "Erika Beispiel", "contract": "CloudMatic Complete", **typed}
    for name, value in facts.items():
        page.locator(f"[name={name}]").fill(value)
    if address == "/cancel-contract":
        page.locator("[value=ordinary]").check()
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/declarations/receipt?*")
    return page


def receipt(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/cancel-contract")
    email = f"niemand-{guests.language}@haus.example"
    return declare(page, "/cancel-contract", identification="0", email=email)


def withdrawal_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/withdraw-contract")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def cancellation_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/cancel-contract")
    return shop.send_unchecked(page)
