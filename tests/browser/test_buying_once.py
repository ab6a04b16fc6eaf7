"""Whatever hands, tabs and the back button do: one cart, one order, one mail."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.customers import Customer, Customers
from tests.browser.shopping import TRANSFER, Shopper

pytestmark = pytest.mark.browser

SUBJECT = "Ihre CloudMatic-Bestellung"


@pytest.fixture
def customer(customers: Customers, shopper: Shopper) -> Customer:
    """Logged in, at the checkout, with the method of payment chosen."""
    customer = customers.new()
    customers.put(customer, "complete", 12)
    shopper.log_in(customer)
    at_checkout(shopper)
    return customer


def at_checkout(shopper: Shopper) -> None:
    shopper.visit("/checkout")
    shopper.page.get_by_role("radio", name=TRANSFER).check()


def test_a_double_click_orders_once(
    shopper: Shopper, customers: Customers, customer: Customer
) -> None:
    shopper.page.get_by_role("button", name="Jetzt kaufen").dblclick()
    # Waiting for a navigation would fail where the second click ends the first one's.
    expect(shopper.page).to_have_url(re.compile(r"/orders/[^/]*$"), timeout=10_000)
    shopper.sees("Vielen Dank für Ihre Bestellung")
    assert customers.orders(customer) == 1
    customers.mailbox.wait_for(customer.email, SUBJECT)


def test_reloading_the_confirmation_orders_nothing(
    shopper: Shopper, customers: Customers, customer: Customer
) -> None:
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    number = shopper.number
    shopper.page.reload()
    assert shopper.number == number
    assert customers.orders(customer) == 1


def test_back_and_buying_again_leads_to_the_same_order(
    shopper: Shopper, customers: Customers, customer: Customer
) -> None:
    """The page that the browser kept, with its form as it was."""
    before = shopper.page.content()
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    number = shopper.number
    shopper.page.go_back()
    if shopper.page.get_by_role("button", name="Jetzt kaufen").count() == 0:
        # Pages are not kept (no-store): the browser asked again, and the cart is empty.
        shopper.sees("Der Warenkorb ist leer.")
        shopper.page.set_content(before)
        shopper.page.get_by_role("radio", name=TRANSFER).check()
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    assert shopper.number == number
    assert customers.orders(customer) == 1


def test_two_tabs_make_one_order(
    shopper: Shopper, customers: Customers, customer: Customer
) -> None:
    other = Shopper(shopper.page.context.new_page(), shopper.origin)
    at_checkout(other)
    for each in (shopper, other):
        each.press("Jetzt kaufen")
        each.page.wait_for_url("**/orders/*")
    assert other.number == shopper.number
    assert customers.orders(customer) == 1
    customers.mailbox.wait_for(customer.email, SUBJECT)


def test_what_another_tab_changed_is_shown_before_it_is_bought(
    shopper: Shopper, customers: Customers, customer: Customer
) -> None:
    customers.put(customer, "notifyme", 100)
    shopper.press("Jetzt kaufen")
    shopper.sees("Es wurde nichts gekauft.", "NotifyMe", "47,00 €")
    assert customers.orders(customer) == 0
