"""How the pages of hubs get into a state, and whoever comes in by a mail."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.guests import Guests


def _pair(guests: Guests, code: str) -> Page:
    page = guests.visit(guests.regular, "/pair")
    page.locator("[name=code]").fill(code)
    page.locator("main [type=submit]").click()
    return page


def pair_wrong(guests: Guests) -> Page:
    page = _pair(guests, "BCDF-GHJK")
    page.locator(".problem").wait_for()
    return page


def pair_hub(guests: Guests) -> Page:
    page = _pair(guests, guests.customers.hub_that_waits())
    page.locator("[value=confirm]").wait_for()
    return page


def revoke(guests: Guests) -> Page:
    page = pair_hub(guests)
    page.locator("[value=confirm]").click()
    page.wait_for_url("**/pair/done")
    page = guests.visit(guests.regular, "/dashboard")
    page.locator("a[href^='/hubs/']").first.click()
    page.wait_for_url("**/revoke")
    return page


def mailed(guests: Guests) -> Page:
    return guests.visit(guests.stranger, guests.customers.mailed_link(guests.customer))
