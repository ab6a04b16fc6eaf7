"""How the pages of a second factor get into their states."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.guests import Guests
from tests.browser.phone import FACTOR


def on(path: str) -> Callable[[Guests], Page]:
    """A page of whoever has one."""

    def show(guests: Guests) -> Page:
        _ = guests.phone
        return guests.visit(guests.newcomer, path)

    return show


def off_faulty(guests: Guests) -> Page:
    page = on(f"{FACTOR}/off")(guests)
    page.locator("[name=current]").fill(guests.other.password)
    page.locator("[name=code]").fill("000000")
    page.locator("main [type=submit]").click()
    page.locator(".problem").wait_for()
    return page


def seen_by_the_operator(guests: Guests) -> Page:
    _ = guests.phone, guests.staff
    return guests.visit(guests.operator, f"/admin/accounts/{guests.other.account_id}")


def withdraw(guests: Guests) -> Page:
    page = seen_by_the_operator(guests)
    page.locator("a[href$='/second-factor/off']").click()
    page.wait_for_url("**/second-factor/off")
    return page


def step(guests: Guests) -> Page:
    """After user name and password; the browser stays a stranger's."""
    _ = guests.phone
    page = guests.visit(guests.stranger, "/login?next=cart")
    page.locator("[name=name]").fill(guests.other.name)
    page.locator("[name=password]").fill(guests.other.password)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/login/code?next=cart")
    return page


def step_refused(guests: Guests) -> Page:
    page = step(guests)
    page.locator("[name=code]").fill("000000")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def step_recovery(guests: Guests) -> Page:
    page = step(guests)
    page.locator("main .ways a").first.click()
    page.wait_for_url("**&recovery=1")
    return page
