"""What the help page offers beside its main way: the cart's buttons, vouchers, a free package."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.customers import Customers
from tests.browser.mailbox import words
from tests.browser.shopping import Shopper, sentence

pytestmark = pytest.mark.browser


def test_an_article_is_removed_by_its_tick_and_update(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12)
    customers.put(customer, "notifyme", 100)
    shopper.log_in(customer)
    shopper.menu("Warenkorb")
    with sentence(
        "Setzen Sie neben dem zu löschenden Artikel den Haken bei „Löschen“ und klicken "
        "anschließend auf „Aktualisierung“."
    ):
        shopper.tick("CloudMatic Complete")
        shopper.sees("CloudMatic Complete")
        shopper.press("Aktualisierung")
        shopper.sees_not("CloudMatic Complete")
        expect(shopper.page.get_by_role("row", name="Gesamt")).to_contain_text("11,00 €")
    shopper.tick("NotifyMe")
    shopper.press("Aktualisierung")
    shopper.sees("Der Warenkorb ist leer.")
    expect(shopper.main.get_by_role("button", name="Kaufen")).to_have_count(0)


def test_shopping_goes_on_and_the_cart_keeps_what_it_has(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    shopper.log_in(customer)
    shopper.put("CloudMatic Connect", "6 Monate")
    with sentence("Klicken Sie auf „Weiter einkaufen“"):
        shopper.press("Weiter einkaufen")
        shopper.page.wait_for_url("**/products")
    shopper.put("NotifyMe", "50 Nachrichten")
    shopper.sees("CloudMatic Connect", "NotifyMe", "50 Nachrichten")
    expect(shopper.page.get_by_role("row", name="Gesamt")).to_contain_text("21,00 €")


def test_a_wrong_voucher_is_told_beside_the_field_and_kept(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12)
    shopper.log_in(customer)
    shopper.visit("/cart")
    shopper.redeem("FUENFF")
    field = shopper.page.get_by_label("Gutscheincode")
    expect(field).to_have_value("FUENFF")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "Den Gutscheincode „FUENFF“ kennen wir nicht. Bitte prüfen Sie ihn."
    )
    expect(field).to_be_focused()
    shopper.sees("36,00 €")
    shopper.redeem("fuenf")
    expect(shopper.page.get_by_role("row", name="Gesamt")).to_contain_text("31,00 €")
    shopper.tick("FUENF")
    shopper.press("Aktualisierung")
    expect(shopper.page.get_by_role("row", name="Gesamt")).to_contain_text("36,00 €")


def test_whoever_types_a_voucher_and_buys_does_not_lose_it(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12)
    shopper.log_in(customer)
    shopper.visit("/cart")
    shopper.page.get_by_label("Gutscheincode").fill("FUENF")
    shopper.to_checkout()
    shopper.sees("Gutschein FUENF", "31,00 €")


def test_a_voucher_that_covers_all_skips_the_payment_and_activates_at_once(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new(days_left=None)
    shopper.log_in(customer)
    shopper.put("CloudMatic FullService", "12 Monate")
    shopper.redeem("GESCHENK")
    with sentence("(falls noch ein offener Zahlungsbetrag besteht)"):
        shopper.to_checkout()
        expect(shopper.page.get_by_role("group", name="Zahlungsweise")).to_have_count(0)
        shopper.sees("0,00 €", "Es ist nichts zu bezahlen")
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    shopper.sees("Es ist nichts zu bezahlen, und das Gebuchte ist aktiv")
    shopper.sees_not("Daten für Ihre Überweisung")
    shopper.menu("Dashboard")
    expect(shopper.page.locator(".package")).to_contain_text("CloudMatic FullService")
    expect(shopper.page.locator(".package")).to_contain_text("Aktiv bis")
    mail = words(customers.mailbox.wait_for(customer.email, "Ihre CloudMatic-Bestellung"))
    assert "IBAN" not in mail


def test_nothing_chosen_is_told_beside_what_is_missing(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12, "subscription")
    shopper.log_in(customer)
    shopper.visit("/checkout")
    shopper.page.evaluate("document.querySelector('main form').noValidate = true")
    shopper.press("Jetzt kaufen")
    transfer = shopper.page.get_by_role("radio", name="Überweisung (Vorkasse)")
    expect(transfer).to_have_attribute("aria-invalid", "true")
    shopper.sees("Bitte wählen Sie eine Zahlungsweise aus.")
    assert customers.orders(customer) == 0


def test_whoever_is_not_logged_in_comes_back_to_what_they_chose(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    shopper.visit("/products")
    shopper.open_window("CloudMatic Connect")
    shopper.page.get_by_role("radio", name="Abonnement").check()
    shopper.page.get_by_role("radio", name="24 Monate", exact=True).check()
    shopper.press("In den Warenkorb")
    shopper.page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.email)
    shopper.page.get_by_label("Passwort").fill(customer.password)
    shopper.press("Anmelden")
    expect(shopper.page.locator("h1")).to_have_text("CloudMatic Connect")
    expect(shopper.page.get_by_role("radio", name="Abonnement")).to_be_checked()
    expect(shopper.page.get_by_role("radio", name="24 Monate", exact=True)).to_be_checked()
    shopper.press("In den Warenkorb")
    shopper.sees("43,00 €")


def test_an_order_is_cancelled_and_its_voucher_can_be_used_again(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    customers.put(customer, "complete", 12)
    shopper.log_in(customer)
    shopper.visit("/cart")
    shopper.redeem("WILLKOMMEN10")
    number = shopper.buy()
    shopper.press("Bestellung stornieren")
    shopper.sees(f"Bestellung {number} stornieren?", "32,40 €")
    shopper.press("Bestellung stornieren")
    shopper.sees("Diese Bestellung wurde storniert.")
    shopper.put("CloudMatic Complete", "12 Monate")
    shopper.redeem("WILLKOMMEN10")
    expect(shopper.page.get_by_role("row", name="Gesamt")).to_contain_text("32,40 €")
