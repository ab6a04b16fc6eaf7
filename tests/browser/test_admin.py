"""Operators at their pages: each path from the login to the line in the log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.bank_statements import Paid, camt
from tests.browser.conftest import PICTURES
from tests.browser.customers import Customers
from tests.browser.running import RunningSystem
from tests.browser.watching import watched

pytestmark = pytest.mark.browser

_NUMBERS = count(1)


class Desk:
    """An operator in front of the pages, without JavaScript."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    def visit(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def menu(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Hauptmenü").get_by_text(name, exact=True).click()

    def press(self, name: str) -> None:
        main = self.page.get_by_role("main")
        button = main.get_by_role("button", name=name, exact=True)
        button.or_(main.get_by_role("link", name=name)).first.click()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"desk-{name}.png", full_page=True)


@pytest.fixture
def desk(browser: Browser, running: RunningSystem, customers: Customers) -> Iterator[Desk]:
    """An administrator who has just been set up; the code was scanned from the screen."""
    staff = customers.staff(f"clara{next(_NUMBERS)}", "admin")
    with watched(browser, running.system, java_script_enabled=False) as context:
        desk = Desk(context.new_page(), running.system.portal.origin)
        desk.visit(staff.link)
        staff.set_up(desk.page)
        yield desk


def test_a_customer_on_the_phone_is_found_and_the_order_is_paid(
    desk: Desk, customers: Customers
) -> None:
    customer = customers.new()
    number = customers.order(customer, "connect", 12)
    desk.menu("Konten")
    desk.fill("Konto suchen", customer.name)
    desk.press("Suchen")
    desk.sees(f"Konto {customer.account_id} ({customer.name})", number)
    desk.picture("account")
    desk.page.get_by_role("link", name=number).first.click()
    desk.press("Zahlung buchen")
    desk.fill("Betrag in Euro", "24,00")
    desk.fill("Herkunft", f"Bareinzahlung {number}")
    desk.press("Zahlung buchen")
    desk.sees(f"Bestellung {number} Aktiv", "Was geschehen ist", "Zahlung gebucht")
    desk.picture("order")
    desk.menu("Protokoll")
    desk.sees(f"Bestellung {number}", f"Bareinzahlung {number}")


def test_a_statement_is_imported_and_the_rest_decided(desk: Desk, customers: Customers) -> None:
    sure, unsure = customers.new(), customers.new()
    paid = customers.order(sure, "connect", 12)
    open_ = customers.order(unsure, "complete", 12)
    lines = (
        Paid(cents=2400, text=f"CloudMatic {paid}", payer="Max Muster"),
        Paid(cents=3600, text=f"für {unsure.name}", payer="Oma Erna"),
    )
    desk.menu("Kontoauszüge")
    file = FilePayload(name="auszug.xml", mimeType="application/xml", buffer=camt(*lines))
    desk.page.get_by_label("Datei").set_input_files(file)
    desk.press("Ansehen")
    desk.sees(paid, "an der Nummer", "zu klären")
    desk.picture("statement")
    desk.press("Einlesen und buchen")
    desk.sees("1 Umsätze gebucht, 1 zu klären")
    desk.press("Zu den ungeklärten Umsätzen")
    desk.page.get_by_role("row", name="Oma Erna").get_by_role("link").click()
    desk.picture("line")
    desk.page.get_by_role("radio", name="Etwas anderes").check()
    desk.page.locator("[name=parts]").fill(open_)
    desk.press("Buchen")
    desk.visit(f"/admin/orders/{open_}")
    desk.sees(f"Bestellung {open_} Aktiv")


def test_an_order_is_cancelled_with_a_reason(desk: Desk, customers: Customers) -> None:
    number = customers.order(customers.new(), "connect", 12)
    desk.visit(f"/admin/orders/{number}")
    desk.press("Bestellung stornieren")
    desk.fill("Grund", "Kunde hat doppelt bestellt")
    desk.press("Bestellung stornieren")
    desk.sees("Storniert", "Kunde hat doppelt bestellt")


def test_an_order_is_taken_back_and_its_money_paid_out_once(
    desk: Desk, customers: Customers
) -> None:
    customer = customers.new()
    number = customers.order(customer, "connect", 12)
    customers.pay(number, "24,00")
    desk.visit(f"/admin/orders/{number}")
    desk.press("Bestellung zurücknehmen")
    desk.fill("Grund", "Widerruf")
    desk.press("Bestellung zurücknehmen")
    desk.sees("Bestellung zurückgenommen", "Widerruf")
    desk.press("Auszahlung vermerken")
    desk.fill("Betrag in Euro", "25")
    desk.fill("Grund", "Widerruf")
    desk.press("Ansehen")
    desk.sees("Mehr als das Guthaben von 24,00 € kann nicht ausgezahlt werden.")
    desk.fill("Betrag in Euro", "24,00")
    desk.press("Ansehen")
    desk.sees("Guthaben danach", "0,00 €")
    desk.page.get_by_role("button", name="Auszahlung buchen").dblclick()
    desk.page.wait_for_url(f"**/admin/accounts/{customer.account_id}#ledger")
    desk.sees("−24,00 €", "Überweisung")
    desk.visit(f"/admin/orders/{number}")
    desk.sees("ausgezahlt", "Überweisung")
    assert desk.page.get_by_text("ausgezahlt").count() == 1


def test_a_products_texts_are_changed_after_a_look(desk: Desk) -> None:
    desk.menu("Katalog")
    desk.page.locator("a[href$='/fullservice/texts']").click()
    summary = desk.page.locator("[name=summary_de]")
    former, wanted = summary.input_value(), f"Wir kümmern uns um alles ({next(_NUMBERS)})."
    for text in (wanted, former):
        desk.visit("/admin/catalogue/fullservice/texts")
        summary.fill(text)
        desk.fill("Grund", "Klarer")
        desk.press("Ansehen")
        desk.sees(text, "ändert sich")
        desk.press("Texte ändern")
        desk.visit("/products")
        desk.sees(text)


def test_what_orders_were_made_under_can_be_read(desk: Desk, customers: Customers) -> None:
    customers.order(customers.new(), "connect", 12)
    desk.menu("Rechtstexte")
    desk.sees("Was Kunden jetzt lesen", "Fassungen, unter denen bestellt wurde", "gilt")
    desk.page.locator("main th a.code").first.click()
    desk.sees("Die Texte", "Allgemeine Geschäftsbedingungen")


def test_a_voucher_is_made(desk: Desk) -> None:
    code = f"MESSE-{next(_NUMBERS)}"
    desk.menu("Gutscheine")
    desk.fill("Code", code)
    desk.fill("Wert", "15")
    desk.fill("Grund", "Messe in Köln")
    desk.press("Gutschein anlegen")
    desk.sees(code, "15 %")


def test_many_vouchers_are_made_and_their_codes_taken_along(desk: Desk) -> None:
    desk.menu("Gutscheine")
    desk.press("Viele auf einmal")
    desk.fill("Name der Serie", f"Messe {next(_NUMBERS)}")
    desk.fill("Anzahl", "3")
    desk.fill("Anfang der Codes", "MESSE")
    desk.fill("Wert", "15")
    desk.fill("Grund", "Messe in Köln")
    desk.press("Gutscheine erstellen")
    desk.sees("MESSE-")
    expect(desk.page.locator("dt:text('Unbenutzt') + dd")).to_have_text("3")
    with desk.page.expect_download() as download:
        desk.press("Als Tabelle speichern")
    table = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.partition("-")[0] for line in table[1:]] == ["MESSE"] * 3
    desk.picture("voucher-batch")


def test_a_price_of_a_new_term_is_set(desk: Desk) -> None:
    desk.menu("Katalog")
    desk.page.locator("a[href$='/fullservice/price']").click()
    # A term that nobody in the other tests buys.
    desk.fill("Monate", "36")
    desk.fill("Preis in Euro", "199,00")
    desk.fill("Grund", "Neue Laufzeit")
    desk.press("Preis festlegen")
    desk.sees("36 Monate", "199,00")
    desk.picture("catalogue")
    desk.menu("Protokoll")
    desk.sees("Preis festgelegt", "Produkt fullservice", "Neue Laufzeit")


def test_the_overview_shows_how_it_goes(desk: Desk) -> None:
    desk.sees("Aktive Zugänge heute", "Offene Beträge nach Fälligkeit", "Einnahmen")
    desk.picture("overview")


def test_out_is_out(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Abmelden").click()
    desk.page.wait_for_url("**/admin/login")
    desk.visit("/admin/accounts")
    desk.page.wait_for_url("**/admin/login?next=/admin/accounts")
