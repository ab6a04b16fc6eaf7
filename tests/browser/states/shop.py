"""How the shop's pages get into a state that an address alone does not lead to."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.guests import Guests


def nothing_chosen(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/products/complete")
    return send_unchecked(page)


def no_method(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/checkout")
    return send_unchecked(page)


def send_unchecked(page: Page) -> Page:
    """Send the form as a browser would that checks nothing itself, with nothing chosen."""
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("[type=radio]").evaluate_all("all => all.forEach(each => each.checked = false)")
    page.locator("main [type=submit]").last.click()
    page.locator(".problem").first.wait_for()
    return page


def wrong_voucher(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/cart")
    page.locator("[name=voucher]").fill("FALSCH99")
    page.locator("[value=redeem]").click()
    page.get_by_role("alert").wait_for()
    return page


def covered_by_a_voucher(guests: Guests) -> Page:
    guests.customers.put(guests.other, "connect", 1)
    page = guests.visit(guests.newcomer, "/cart")
    page.locator("[name=voucher]").fill("GESCHENK")
    page.locator("[value=redeem]").click()
    page.locator("[value=buy]").click()
    page.wait_for_url("**/checkout")
    return page


def covered_by_the_balance(guests: Guests) -> Page:
    number = guests.customers.order(guests.other, "connect", 12)
    guests.customers.pay(number, "48,00")
    guests.customers.put(guests.other, "connect", 12)
    return guests.visit(guests.newcomer, "/checkout")


def paused(guests: Guests) -> Page:
    page = guests.visit(guests.regular, f"{guests.subscription}/pause")
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/dashboard")
    return guests.visit(guests.regular, f"{guests.subscription}/resume")
