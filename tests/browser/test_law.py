"""The buttons that the law wants, and the own account, as customers use them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.customers import PASSWORD, Customers
from tests.browser.mailbox import link, words
from tests.browser.shopping import TRANSFER, Shopper

pytestmark = pytest.mark.browser

NEW_PASSWORD = "ein noch längeres Passwort"


def from_the_foot(shopper: Shopper, name: str) -> None:
    shopper.page.get_by_role("contentinfo").get_by_role("link", name=name, exact=True).click()


def type_in(shopper: Shopper, **fields: str) -> None:
    for label, text in fields.items():
        shopper.page.get_by_label(label.replace("_", " "), exact=True).fill(text)


def test_a_subscription_is_cancelled_from_any_page_without_a_login(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new(days_left=None)
    customers.pay(customers.order(customer, "complete", 6, "subscription"), "23,00")
    shopper.visit("/products")
    from_the_foot(shopper, "Verträge hier kündigen")
    shopper.page.wait_for_url("**/cancel-contract")
    shopper.page.get_by_role("radio", name="Ordentliche Kündigung", exact=True).check()
    type_in(
        shopper,
        Ihr_Name="Kim Kunde",
        Vertrag="CloudMatic Complete",
        **{
            "CloudMatic-ID oder Benutzername": customer.name,
            "E-Mail-Adresse für die Bestätigung": customer.email,
        },
    )
    shopper.press("jetzt kündigen")
    shopper.sees("Ihre Kündigung ist bei uns eingegangen", "Eingegangen am", "Kim Kunde")
    with shopper.page.expect_download() as saving:
        shopper.press("Eingangsbestätigung speichern")
    saved = Path(saving.value.path()).read_text("utf-8")
    assert "Betätigen der Schaltfläche „jetzt kündigen“" in saved
    receipt = customers.mailbox.wait_for(customer.email, "Ihre Kündigung ist bei uns eingegangen")
    assert "zum nächstmöglichen Zeitpunkt" in words(receipt)
    done = customers.mailbox.wait_for(customer.email, "CloudMatic Complete ist gekündigt")
    assert "bis dahin können Sie es weiter nutzen" in words(done)
    shopper.log_in(customer)
    shopper.sees_not("Abonnement kündigen")


def test_an_order_is_withdrawn_from_in_two_steps(shopper: Shopper, customers: Customers) -> None:
    customer = customers.new()
    number = customers.order(customer, "connect", 12)
    shopper.visit("/")
    from_the_foot(shopper, "Vertrag widerrufen")
    type_in(
        shopper,
        Ihr_Name="Kim Kunde",
        Vertrag=number,
        **{"E-Mail-Adresse für die Bestätigung": customer.email},
    )
    shopper.press("Widerruf bestätigen")
    shopper.sees("Ihr Widerruf ist bei uns eingegangen", number)
    customers.mailbox.wait_for(customer.email, "Ihr Widerruf ist bei uns eingegangen")
    customers.mailbox.wait_for(customer.email, f"Die Bestellung {number} ist storniert")


def test_terms_and_right_of_withdrawal_are_at_hand_before_buying_and_kept_afterwards(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    shopper.log_in(customer)
    shopper.put("CloudMatic Connect", "12 Monate")
    shopper.to_checkout()
    for name, heading in (
        ("AGB", "Allgemeine Geschäftsbedingungen"),
        ("Widerrufsbelehrung", "Muster-Widerrufsformular"),
    ):
        with shopper.page.context.expect_page() as opening:
            shopper.main.get_by_role("link", name=name, exact=True).click()
        expect(opening.value.get_by_role("main")).to_contain_text(heading)
        opening.value.close()
    shopper.page.get_by_role("radio", name=TRANSFER).check()
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    mail = customers.mailbox.wait_for(
        customer.email, f"Ihre CloudMatic-Bestellung {shopper.number}"
    )
    names = [each.get_filename() for each in mail.iter_attachments()]
    assert names == ["AGB.txt", "Widerrufsbelehrung.txt"]


def test_a_customer_changes_the_account(shopper: Shopper, customers: Customers) -> None:
    customer = customers.new()
    page = shopper.page
    shopper.log_in(customer)
    shopper.press("Konto ändern")
    shopper.main.locator("a[href='/account/name']").click()
    page.get_by_label("Benutzername").fill(f"{customer.name}-neu")
    page.get_by_label("Ihr jetziges Passwort").fill(PASSWORD)
    shopper.press("Benutzernamen ändern")
    shopper.sees("Gespeichert", f"{customer.name}-neu")
    shopper.main.locator("a[href='/account/email']").click()
    new = f"neu.{customer.email}"
    page.get_by_label("Neue E-Mail-Adresse").fill(new)
    page.get_by_label("Ihr jetziges Passwort").fill(PASSWORD)
    shopper.press("E-Mail-Adresse ändern")
    page.wait_for_url("**/account/email/sent")
    customers.mailbox.wait_for(customer.email, "Ihr CloudMatic-Konto soll eine andere")
    mail = customers.mailbox.wait_for(new, "Bestätigen Sie Ihre neue E-Mail-Adresse")
    page.goto(link(mail, "/account/email/confirm"))
    shopper.press("E-Mail-Adresse bestätigen")
    page.wait_for_url("**/account/email/done")
    shopper.press("Zum Konto")
    shopper.sees(new)
    shopper.main.locator("a[href='/account/password']").click()
    page.get_by_label("Ihr jetziges Passwort").fill(PASSWORD)
    page.get_by_label("Passwort", exact=True).fill(NEW_PASSWORD)
    shopper.press("Passwort ändern")
    shopper.sees("Gespeichert")


def test_a_customer_sees_saves_and_deletes_the_own_data(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.order(customer, "connect", 12)
    page = shopper.page
    shopper.log_in(customer)
    shopper.visit("/account")
    shopper.press("Meine Daten ansehen")
    shopper.sees(customer.email, "Bestellungen", "24,00")
    with page.expect_download() as saving:
        shopper.press("Für Programme speichern (JSON)")
    assert customer.email in Path(saving.value.path()).read_text("utf-8")
    with page.expect_download() as saving:
        shopper.press("Zum Lesen speichern")
    assert re.search("<h2>Bestellungen</h2>", Path(saving.value.path()).read_text("utf-8"))
    shopper.visit("/account")
    shopper.press("Konto löschen")
    shopper.sees("Es endet heute und wird nicht erstattet", "8 Jahre")
    page.get_by_label("Ich habe das verstanden und möchte, dass mein Konto gelöscht wird.").check()
    page.get_by_label("Ihr jetziges Passwort").fill(PASSWORD)
    shopper.press("Konto endgültig löschen")
    page.wait_for_url("**/account/deleted")
    customers.mailbox.wait_for(customer.email, "Ihr CloudMatic-Konto wurde gelöscht")
    shopper.visit("/login")
    page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.name)
    page.get_by_label("Passwort").fill(PASSWORD)
    shopper.press("Anmelden")
    shopper.sees("Benutzername und Passwort passen nicht zusammen.")
