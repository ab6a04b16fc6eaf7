"""Paying by PayPal, at the sandbox: from a login, from the hub, once and again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.customers import Customers
from tests.browser.shopping import Shopper
from tests.browser.visits import Visitor

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser

PAID = "Ihre Zahlung ist eingetroffen"


def choose(shopper: Shopper, method: str) -> None:
    shopper.visit("/checkout")
    shopper.page.get_by_role("radio", name=method, exact=True).check()


def agree(shopper: Shopper, amount: str) -> None:
    """The page at PayPal: see the amount, agree, be led back."""
    shopper.page.wait_for_url("**/checkoutnow?token=*")
    expect(shopper.page.get_by_role("main")).to_contain_text(amount)
    shopper.page.get_by_role("button", name="Zustimmen und zahlen").click()
    shopper.page.wait_for_url("**/orders/*")


def test_an_order_is_paid_at_paypal_and_active_at_once(
    shopper: Shopper, customers: Customers, picture: Picture
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12)
    shopper.log_in(customer)
    choose(shopper, "PayPal")
    picture(shopper.page, "paypal-checkout")
    shopper.press("Jetzt kaufen")
    agree(shopper, "36.00 EUR")
    shopper.sees(PAID, "Aktiv")
    picture(shopper.page, "paypal-paid")
    shopper.visit("/dashboard")
    shopper.sees("Complete")
    customers.mailbox.wait_for(customer.email, PAID)


def test_a_booking_from_the_hub_is_paid_without_any_login(
    visitor: Visitor, picture: Picture
) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    page = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/booking/cart")
    shopper = Shopper(page, visitor.system.portal.origin)
    shopper.to_checkout()
    page.get_by_role("radio", name="PayPal", exact=True).check()
    shopper.press("Jetzt kaufen")
    agree(shopper, "EUR")
    assert "/booking/orders/" in page.url
    shopper.sees(PAID)
    picture(page, "paypal-booking-paid")


def test_who_turns_back_at_paypal_finds_the_order_and_pays_it_there(
    shopper: Shopper, customers: Customers, picture: Picture
) -> None:
    customer = customers.new()
    customers.put(customer, "connect", 12)
    shopper.log_in(customer)
    choose(shopper, "PayPal")
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/checkoutnow?token=*")
    shopper.page.get_by_role("link", name="Abbrechen und zurück zu CloudMatic").click()
    shopper.page.wait_for_url("**/orders/*")
    shopper.sees("Sie haben PayPal verlassen, ohne zu bezahlen", "IBAN")
    picture(shopper.page, "paypal-cancelled")
    shopper.press("Mit PayPal bezahlen")
    agree(shopper, "24.00 EUR")
    shopper.sees(PAID)


def test_a_subscription_is_paid_by_an_agreement(
    shopper: Shopper, customers: Customers, picture: Picture
) -> None:
    customer = customers.new()
    customers.put(customer, "connect", 1, "subscription")
    shopper.log_in(customer)
    choose(shopper, "PayPal-Abonnement")
    picture(shopper.page, "paypal-agreement-checkout")
    shopper.press("Jetzt kaufen")
    agree(shopper, "3.00 EUR")
    shopper.sees(PAID, "PayPal-Abonnement")
    shopper.visit("/dashboard")
    shopper.press("Abonnement kündigen")
    shopper.sees("Wir sagen PayPal, dass auch die Vereinbarung dort endet")
    picture(shopper.page, "paypal-agreement-cancel")
