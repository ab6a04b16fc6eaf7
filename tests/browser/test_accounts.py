"""Registration with its confirmation by mail, and a forgotten password."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.customers import Customers
from tests.browser.mailbox import link
from tests.browser.running import RunningSystem
from tests.browser.shopping import Shopper
from tests.browser.watching import watched

pytestmark = pytest.mark.browser

EMAIL = "neu.hier@haus.example"
PASSWORD = "vier Wörter sind genug"


def test_registration_needs_the_mail_and_gives_a_trial(
    shopper: Shopper, customers: Customers
) -> None:
    page = shopper.page
    shopper.visit("/")
    shopper.menu("Registrieren")
    page.get_by_label("Benutzername").fill("neu.hier")
    page.get_by_label("E-Mail-Adresse").fill(EMAIL)
    page.get_by_label("Passwort").fill(PASSWORD)
    shopper.press("Konto anlegen")
    shopper.sees("Eine Mail an die angegebene Adresse ist unterwegs.")

    mail = customers.mailbox.wait_for(EMAIL, "Bestätigen Sie Ihr CloudMatic-Konto")
    page.goto(link(mail, "/register/confirm"))
    shopper.sees("neu.hier", "30 Tage")
    unconfirmed = Shopper(page.context.new_page(), shopper.origin)
    unconfirmed.visit("/login")
    unconfirmed.page.get_by_label("Benutzername oder E-Mail-Adresse").fill("neu.hier")
    unconfirmed.page.get_by_label("Passwort").fill(PASSWORD)
    unconfirmed.press("Anmelden")
    unconfirmed.sees("Benutzername und Passwort passen nicht zusammen.")

    shopper.press("Konto anlegen und anmelden")
    page.wait_for_url("**/dashboard")
    trial = page.locator(".package")
    expect(trial).to_contain_text("CloudMatic Complete")
    expect(trial).to_contain_text("Testzugang")
    expect(trial).to_contain_text("Noch 29 Tage")
    expect(page.get_by_role("img", name="Ihr Zugang im Zeitverlauf")).to_be_visible()
    customers.mailbox.wait_for(EMAIL, "Willkommen bei CloudMatic")


def test_a_forgotten_password_is_chosen_anew_by_mail(
    shopper: Shopper, customers: Customers, browser: Browser, running: RunningSystem
) -> None:
    customer = customers.new()
    with watched(browser, running.system) as elsewhere:
        other = Shopper(elsewhere.new_page(), shopper.origin)
        other.log_in(customer)
        shopper.visit("/cart")
        shopper.press("Passwort vergessen?")
        shopper.page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.name)
        shopper.press("Mail anfordern")
        shopper.page.wait_for_url("**/password/sent")
        mail = customers.mailbox.wait_for(customer.email, "Neues Passwort für CloudMatic wählen")
        address = link(mail, "/password/new")
        shopper.page.goto(address)
        shopper.sees(f"{customer.account_id} ({customer.name})")
        shopper.page.get_by_label("Passwort").fill(PASSWORD)
        shopper.press("Passwort ändern und anmelden")
        shopper.page.wait_for_url("**/cart")
        shopper.page.goto(address)
        shopper.sees("Der Link für ein neues Passwort ist verbraucht")
        other.visit("/dashboard")
        other.page.wait_for_url("**/login?next=dashboard")
    customers.mailbox.wait_for(customer.email, "Ihr CloudMatic-Passwort wurde geändert")
