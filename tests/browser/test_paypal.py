"""Paying by PayPal, at the sandbox: from a login, from the hub, once and again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.customers import Customers
from tests.browser.running import RunningSystem
from tests.browser.shopping import Shopper
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.demo.folders import open_folder

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser

PAID = "Ihre Zahlung ist eingetroffen"


@pytest.fixture(scope="module")
def paying(today: date) -> Iterator[RunningSystem]:
    """A hub and a portal whose customers may pay by PayPal."""
    with open_folder("paypal") as folder, RunningSystem(folder, today, paypal=True) as running:
        running.do(running.system.addon.until_enrolled())
        yield running


@pytest.fixture(scope="module")
def payers(paying: RunningSystem, today: date) -> Customers:
    return Customers(paying, today)


@pytest.fixture
def profile(browser: Browser, paying: RunningSystem) -> Iterator[BrowserContext]:
    with watched(browser, paying.system) as context:
        yield context


@pytest.fixture
def payer(profile: BrowserContext, paying: RunningSystem) -> Shopper:
    return Shopper(profile.new_page(), paying.system.portal.origin)


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
    payer: Shopper, payers: Customers, picture: Picture
) -> None:
    customer = payers.new()
    payers.put(customer, "complete", 12)
    payer.log_in(customer)
    choose(payer, "PayPal")
    picture(payer.page, "paypal-checkout")
    payer.press("Jetzt kaufen")
    agree(payer, "36.00 EUR")
    payer.sees(PAID, "Aktiv")
    picture(payer.page, "paypal-paid")
    payer.visit("/dashboard")
    payer.sees("Complete")
    payers.mailbox.wait_for(customer.email, PAID)


def test_a_booking_from_the_hub_is_paid_without_any_login(
    profile: BrowserContext, paying: RunningSystem, picture: Picture
) -> None:
    visitor = Visitor(profile, paying.system)
    dashboard = visitor.open_the_dashboard_directly()
    page = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/booking/cart")
    shopper = Shopper(page, paying.system.portal.origin)
    shopper.to_checkout()
    page.get_by_role("radio", name="PayPal", exact=True).check()
    shopper.press("Jetzt kaufen")
    agree(shopper, "EUR")
    assert "/booking/orders/" in page.url
    shopper.sees(PAID)
    picture(page, "paypal-booking-paid")


def test_who_turns_back_at_paypal_finds_the_order_and_pays_it_there(
    payer: Shopper, payers: Customers, picture: Picture
) -> None:
    customer = payers.new()
    payers.put(customer, "connect", 12)
    payer.log_in(customer)
    choose(payer, "PayPal")
    payer.press("Jetzt kaufen")
    payer.page.wait_for_url("**/checkoutnow?token=*")
    payer.page.get_by_role("link", name="Abbrechen und zurück zu CloudMatic").click()
    payer.page.wait_for_url("**/orders/*")
    payer.sees("Sie haben PayPal verlassen, ohne zu bezahlen", "IBAN")
    picture(payer.page, "paypal-cancelled")
    payer.press("Mit PayPal bezahlen")
    agree(payer, "24.00 EUR")
    payer.sees(PAID)


def test_a_subscription_is_paid_by_an_agreement(
    payer: Shopper, payers: Customers, picture: Picture
) -> None:
    customer = payers.new()
    payers.put(customer, "connect", 1, "subscription")
    payer.log_in(customer)
    choose(payer, "PayPal-Abonnement")
    picture(payer.page, "paypal-agreement-checkout")
    payer.press("Jetzt kaufen")
    agree(payer, "3.00 EUR")
    payer.sees(PAID, "PayPal-Abonnement")
    payer.visit("/dashboard")
    payer.press("Abonnement kündigen")
    payer.sees("Wir sagen PayPal, dass auch die Vereinbarung dort endet")
    picture(payer.page, "paypal-agreement-cancel")
