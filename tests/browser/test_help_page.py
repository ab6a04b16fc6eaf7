"""The help page "CloudMatic Paket buchen", followed sentence by sentence in a real browser.

Each step quotes the sentence that it proves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from cloudmatic_portal.domain.calendar import add_months
from tests.browser.customers import Customers
from tests.browser.mailbox import words
from tests.browser.shopping import TRANSFER, Shopper, sentence
from tests.browser.visits import Visitor

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser


def german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def test_a_single_booking_from_the_login_to_the_active_package(  # noqa: PLR0915 - one long way
    shopper: Shopper, customers: Customers, picture: Picture
) -> None:
    customer = customers.new(days_left=20)
    assert customer.last_day is not None
    begin = customer.last_day + timedelta(days=1)
    end = add_months(begin, 12) - timedelta(days=1)
    page = shopper.page

    with sentence("Öffnen Sie Ihren Internetbrowser und tippen Sie in die URL-Zeile die Adresse …"):
        shopper.visit("/")
    with sentence(
        "Klicken Sie auf der Seite auf „Login“ und melden Sie sich mit den Benutzerdaten des "
        "Accounts an, für welchen das Paket gebucht werden soll."
    ):
        shopper.menu("Login")
        page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.name)
        page.get_by_label("Passwort").fill(customer.password)
        picture(page, "anleitung-login")
        shopper.press("Anmelden")
    with sentence(
        "Nun sehen Sie Ihr CloudMatic.de Dashboard, in welchem Sie einen Überblick über Ihre Daten "
        "erhalten."
    ):
        page.wait_for_url("**/dashboard")
        shopper.sees(customer.name, str(customer.account_id), customer.email, "Noch 20 Tage")
        shopper.sees(f"Aktiv bis {german(customer.last_day)}")
        picture(page, "anleitung-dashboard")
    with sentence("Hier klicken Sie einfach bei Ihrem momentan aktiven Paket auf „Zugang buchen“."):
        active = shopper.main.get_by_role("article").filter(has_text="Noch 20 Tage")
        active.get_by_role("link", name="Zugang buchen").click()
        expect(page.locator("h1")).to_have_text("CloudMatic Complete")
    with sentence(
        "Alternativ können Sie über die Menüzeile im oberen Bereich den Punkt „Produkte“ anklicken "
        "und das entsprechende Paket aussuchen, welches Sie für Ihren Account buchen möchten."
    ):
        shopper.menu("Produkte")
        picture(page, "anleitung-produkte")
        shopper.open_window("CloudMatic Complete")
        expect(page.locator("h1")).to_have_text("CloudMatic Complete")
        shopper.sees(f"{customer.account_id} ({customer.name})")
    with sentence(
        "In dem sich öffnenden Fenster haben Sie die Möglichkeit sich für eine Einzelbuchung oder "
        "ein Abonnement zu entscheiden."
    ):
        expect(page.get_by_role("group", name="Buchungsart").get_by_role("radio")).to_have_count(2)
        page.get_by_role("radio", name="Einzelbuchung").check()
    with sentence(
        "Nach Ablauf des Paketes wird Ihr Zugang eingestellt, sofern Sie ihn nicht verlängern. … "
        "erhalten Sie sowohl fünf Tage vor Ablauf des Paketes als auch am Ablauftag selbst eine "
        "Erinnerung per Mail."
    ):
        about = page.locator("#about-single")
        expect(about).to_contain_text("wird Ihr Zugang eingestellt, sofern Sie ihn nicht verläng")
        expect(about).to_contain_text("fünf Tage vor Ablauf des Paketes als auch am Ablauftag")
    with sentence(
        "Wählen Sie die gewünschte Laufzeit in dem entsprechenden Feld aus und klicken "
        "anschließend auf „In den Warenkorb“."
    ):
        page.get_by_role("group", name="Laufzeit").get_by_label("12 Monate").check()
        shopper.sees("19 % USt. Die Tage gelten, wenn Sie heute bezahlen: Was Sie jetzt buchen")
        picture(page, "anleitung-paket")
        shopper.press("In den Warenkorb")
    with sentence("Sie werden automatisch zu Ihrem Warenkorb weitergeleitet."):
        page.wait_for_url("**/cart")
        expect(page.locator("h1")).to_contain_text(f"{customer.account_id} ({customer.name})")
    with sentence(
        "Hier werden Ihnen alle momentan in Ihrem Warenkorb befindlichen Artikel mit den "
        "zugehörigen Zahlungsdetails aufgelistet."
    ):
        item = page.get_by_role("row", name="CloudMatic Complete")
        for detail in ("12 Monate", "Einzelbuchung", "30,25 €", "5,75 €", "36,00 €"):
            expect(item).to_contain_text(detail)
        expect(item).to_contain_text(f"{german(begin)} bis {german(end)}")
    with sentence(
        "Geben Sie einen Gutscheincode in das dafür vorgesehene Feld ein und klicken auf "
        "„Gutschein einlösen“."
    ):
        shopper.redeem("FUENF")
        expect(page.get_by_role("row", name="FUENF")).to_contain_text("spart 5,00 €")
        expect(page.get_by_role("row", name="Gesamt")).to_contain_text("31,00 €")
        picture(page, "anleitung-warenkorb")
    with sentence("Klicken Sie auf „Kaufen“."):
        shopper.press("Kaufen")
        page.wait_for_url("**/checkout")
    with sentence("Um den Kaufvorgang abzuschließen …, wählen Sie eine Zahlungsweise aus"):
        page.get_by_role("group", name="Zahlungsweise").get_by_label(TRANSFER).check()
        shopper.sees("31,00 €", "12 Monate", f"{german(begin)} bis {german(end)}")
        picture(page, "anleitung-kauf")
        assert customers.orders(customer) == 0
    with sentence("klicken auf „Jetzt kaufen“ und geben gegebenenfalls Ihre Zahlungsdaten ein."):
        shopper.press("Jetzt kaufen")
        page.wait_for_url("**/orders/*")
    with sentence("Damit ist der Bestellvorgang abgeschlossen."):
        number = shopper.number
        expect(page.locator("h1")).to_contain_text(number)
        shopper.sees("Vielen Dank für Ihre Bestellung. Bitte überweisen Sie 31,00 €")
        payment = page.get_by_role("region", name="Daten für Ihre Überweisung")
        for detail in ("DE02 1203 0000 0000 2020 51", "BYLADEM1001", "31,00 €", number):
            expect(payment).to_contain_text(detail)
        picture(page, "anleitung-bestellung")
        confirmation = customers.mailbox.wait_for(
            customer.email, f"Ihre CloudMatic-Bestellung {number}"
        )
        for detail in ("31,00 €", "DE02 1203 0000 0000 2020 51", number, "CloudMatic Complete"):
            assert detail in words(confirmation)
        shopper.menu("Dashboard")
        shopper.sees(f"Bestellung {number}", "Wartet auf Zahlung", "Zahlungsdaten")
        expect(shopper.main).not_to_contain_text(f"Gebucht vom {german(begin)}")
    with sentence(
        "Sobald die Zahlung bei uns eingetroffen ist, wird das gebuchte Paket für Ihren Account "
        "aktiviert und kann in vollem Umfang genutzt werden."
    ):
        assert f"order {number} of account {customer.account_id} is active now" in customers.pay(
            number, "31,00"
        )
        page.reload()
        shopper.sees(f"Gebucht vom {german(begin)} bis {german(end)}")
        shopper.sees_not("Wartet auf Zahlung")
        picture(page, "anleitung-aktiv")
        shopper.visit(f"/orders/{number}")
        shopper.sees("Ihre Zahlung ist eingetroffen", f"vom {german(begin)} bis {german(end)}")
        customers.mailbox.wait_for(customer.email, "Ihre Zahlung ist eingetroffen")
    assert customers.orders(customer) == 1


def test_a_subscription(shopper: Shopper, customers: Customers, picture: Picture) -> None:
    customer = customers.new(days_left=None)
    shopper.log_in(customer)
    shopper.open_window("CloudMatic SmartHome")
    page = shopper.page
    about = page.locator("#about-subscription")
    with sentence("Bei einem Abonnement handelt es sich um eine wiederkehrende Zahlung."):
        expect(about).to_contain_text("Es handelt sich um eine wiederkehrende Zahlung.")
    with sentence(
        "D.H., die Bestellung des gewählten Produktes wird nach jedem Ablauf desselben automatisch "
        "erneut für Ihren Account angelegt."
    ):
        expect(about).to_contain_text("die Bestellung automatisch erneut für Ihr Konto angelegt")
    with sentence(
        "Bitte beachten Sie hierbei, dass wir nicht dazu berechtigt sind, Geldbeträge von Ihren "
        "Konten einzuziehen. Die Zahlung muss von Ihnen selbst angestoßen werden (beispielsweise "
        "durch einen Dauerauftrag bei der Bank oder ein Abonnement in PayPal)."
    ):
        expect(about).to_contain_text("nicht dazu berechtigt, Geldbeträge von Ihren Konten einzuz")
        expect(about).to_contain_text("Dauerauftrag bei der Bank oder ein Abonnement in PayPal.")
    with sentence("… erhalten Sie keine Erinnerungsmails über den Ablauf eines Paketes."):
        expect(about).to_contain_text("keine Erinnerungsmails über den Ablauf eines Paketes")
    page.get_by_role("radio", name="Abonnement").check()
    page.get_by_role("radio", name="6 Monate", exact=True).check()
    shopper.press("In den Warenkorb")
    expect(page.get_by_role("row", name="CloudMatic SmartHome")).to_contain_text("Abonnement")
    number = shopper.buy("Dauerauftrag")
    shopper.sees("Daten für Ihren Dauerauftrag", "alle 6 Monate", "So richten Sie den Dauerauftrag")
    picture(page, "anleitung-dauerauftrag")
    shopper.menu("Dashboard")
    shopper.sees(f"Bestellung {number}", "Richten Sie den Dauerauftrag ein")
    confirmation = customers.mailbox.wait_for(customer.email, "Ihre CloudMatic-Bestellung")
    assert "alle 6 Monate" in words(confirmation)


def test_from_the_hub_to_the_same_cart_and_checkout(
    visitor: Visitor, customers: Customers, picture: Picture
) -> None:
    with sentence("öffnen Sie die WebUI Ihrer Zentrale und klicken auf „Einstellungen“ > …"):
        dashboard = visitor.open_the_dashboard()
    with sentence("Es öffnet sich das CloudMatic-Dashboard Ihrer CCU"):
        expect(dashboard.locator(".package .name")).to_have_text("CloudMatic Complete")
        picture(dashboard, "anleitung-zentrale")
    with sentence("Hier klicken Sie einfach bei Ihrem aktuell aktiven Paket auf „Zugang buchen“."):
        page = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    with sentence("Sie werden zu unserer Webseite weitergeleitet"):
        assert page.url.startswith(visitor.system.portal.origin)
        expect(page.locator("h1")).to_contain_text("4711 (maxmuster)")
        expect(page.get_by_role("main")).to_contain_text("Diese Preise sind Platzhalter")
        picture(page, "anleitung-zentrale-bestaetigung")
    shopper = Shopper(page, visitor.system.portal.origin)
    with sentence("auf der Sie die oben beschriebenen Schritte zur Kaufabwicklung durchlaufen."):
        shopper.press("In den Warenkorb")
        page.wait_for_url("**/booking/cart")
        shopper.redeem("PLUS3")
        shopper.sees("3 Monate kostenlos dazu")
        number = shopper.buy()
        assert "/booking/orders/" in page.url
        shopper.sees(number, "Konto 4711 (maxmuster)", "Daten für Ihre Überweisung")
    with sentence(
        "Achten Sie … darauf, dass Sie … die Daten des Accounts verwenden, welcher momentan mit "
        "Ihrer Zentrale verknüpft ist."
    ):
        assert f"order {number} of account 4711 is active now" in customers.pay(number, "36,00")
        page.reload()
        shopper.sees("Ihre Zahlung ist eingetroffen, und das Gebuchte ist aktiv.")
