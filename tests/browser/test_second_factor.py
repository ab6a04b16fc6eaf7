"""A second factor: set up with the phone, asked for, replaced by a recovery code, switched off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import phone
from tests.browser.customers import Customer, Customers
from tests.browser.running import RunningSystem
from tests.browser.shopping import Shopper
from tests.browser.test_every_page import look_at
from tests.browser.watching import watched

pytestmark = pytest.mark.browser


def begin(shopper: Shopper, customer: Customer) -> None:
    """The first step of a login that is to lead to the cart."""
    shopper.visit("/cart")
    shopper.page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.name)
    shopper.page.get_by_label("Passwort").fill(customer.password)
    shopper.press("Anmelden")
    shopper.page.wait_for_url("**/login/code?next=cart")


def test_from_setting_it_up_to_switching_it_off(
    shopper: Shopper,
    customers: Customers,
    browser: Browser,
    running: RunningSystem,
    picture: Callable[[Page, str], None],
) -> None:
    customer, page = customers.new(), shopper.page
    shopper.log_in(customer)
    shopper.visit("/account")
    shopper.sees("Ausgeschaltet: Das Passwort allein genügt")
    shopper.press("Zweiten Faktor einrichten")
    mine = phone.set_up(page, customer.password)
    shopper.sees("Der zweite Faktor ist eingeschaltet.")
    look_at(page, picture, "portal-account-factor-recovery-de")
    page.emulate_media(media="print")
    picture(page, "portal-account-factor-recovery-print")
    expect(page.locator(".recovery li")).to_have_count(10)
    expect(page.locator(".recovery .code").first).to_be_visible()
    page.emulate_media(media="screen")
    shopper.press("Ich habe die Codes aufbewahrt")
    shopper.sees("Eingeschaltet", "10 Wiederherstellungscodes sind übrig")
    customers.mailbox.wait_for(customer.email, "Zweiter Faktor Ihres CloudMatic-Kontos eing")
    page.get_by_role("button", name="Abmelden").click()

    begin(shopper, customer)
    expect(page.get_by_label("Code aus Ihrer Authenticator-App")).to_be_focused()
    page.get_by_label("Code aus Ihrer Authenticator-App").fill(mine.code())
    shopper.press("Anmelden")
    page.wait_for_url("**/cart")
    page.get_by_role("button", name="Abmelden").click()

    begin(shopper, customer)
    shopper.press("Kein Telefon zur Hand? Wiederherstellungscode verwenden")
    page.get_by_label("Wiederherstellungscode").fill(mine.recovery_code().lower())
    shopper.press("Anmelden")
    page.wait_for_url("**/cart")
    customers.mailbox.wait_for(customer.email, "Ein Wiederherstellungscode Ihres CloudMatic-Kontos")

    shopper.visit("/account")
    shopper.sees("9 Wiederherstellungscodes sind übrig")
    page.get_by_role("link", name="Ausschalten").click()
    page.get_by_label("Ihr jetziges Passwort").fill(customer.password)
    page.get_by_label(re.compile("Wiederherstellungscode")).fill(mine.recovery_code())
    shopper.press("Zweiten Faktor ausschalten")
    shopper.sees("Gespeichert.", "Ausgeschaltet: Das Passwort allein genügt")
    customers.mailbox.wait_for(customer.email, "Zweiter Faktor Ihres CloudMatic-Kontos ausg")
    with watched(browser, running.system) as elsewhere:
        Shopper(elsewhere.new_page(), shopper.origin).log_in(customer)
