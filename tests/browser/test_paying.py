"""Each way to pay, from the hub to the end: the customer's page says "active", and so does the hub.

The hub's dashboard stays open in a tab of its own, and nobody reloads it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.bank_statements import Paid, camt
from tests.browser.customers import Customers
from tests.browser.running import RunningSystem
from tests.browser.shopping import STANDING_ORDER, TRANSFER, Shopper
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.scanning import scan

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser

ACCOUNT = 4711
"""The hub's; its user is maxmuster."""

MAIL = "max@muster.example"
PAID = "Ihre Zahlung ist eingetroffen, und das Gebuchte ist aktiv."
SOON_SECONDS = 10
PATIENCE_MS = 25_000
"""A machine that runs other tests beside gets more than the goal before all stops."""

_STATEMENTS = count(1)


class Bookkeeper:
    """An operator who brings the bank's files to the operators' pages."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._address = f"{origin}/admin/statements"

    def bring(self, *paid: Paid) -> None:
        """Import a statement of these transactions, each with the bank's own number for it."""
        number = next(_STATEMENTS)
        named = [replace(each, reference=f"{number:04}-{at:04}") for at, each in enumerate(paid)]
        content = camt(*named, number=number)
        file = FilePayload(name=f"{number}.xml", mimeType="application/xml", buffer=content)
        self._page.goto(self._address)
        self._page.get_by_label("Datei").set_input_files(file)
        self._page.get_by_role("button", name="Ansehen").click()
        self._page.get_by_role("button", name="Einlesen und buchen").click()
        booked = f"{len(paid)} Umsätze gebucht, 0 zu klären"
        expect(self._page.get_by_role("main")).to_contain_text(booked)


@pytest.fixture(scope="module")
def bookkeeper(
    browser: Browser, running: RunningSystem, customers: Customers
) -> Iterator[Bookkeeper]:
    staff = customers.staff("dora", "accounting")
    with watched(browser, running.system) as context:
        page = context.new_page()
        page.goto(running.system.portal.origin + staff.link)
        staff.set_up(page)
        yield Bookkeeper(page, running.system.portal.origin)


class Hub:
    """The hub's dashboard in a browser, and what is booked from there without any login."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._dashboard = visitor.open_the_dashboard_directly()

    def book(self, product: str, term: str, kind: str = "Einzelbuchung") -> Shopper:
        """From the hub into the cart, with that product instead of the one that runs."""
        page = self._visitor.click_into_new_tab(self._dashboard.get_by_text("Zugang buchen").first)
        shopper = Shopper(page, self._visitor.system.portal.origin)
        shopper.press("In den Warenkorb")
        page.wait_for_url("**/booking/cart")
        shopper.tick("CloudMatic Complete")
        shopper.press("Aktualisierung")
        shopper.visit(f"/booking/products/{product}")
        page.get_by_role("radio", name=kind).check()
        page.get_by_role("radio", name=term, exact=True).check()
        shopper.press("In den Warenkorb")
        page.wait_for_url("**/booking/cart")
        return shopper

    def shows_open(self, number: str) -> None:
        order = self._dashboard.locator(".order").filter(has_text=number)
        expect(order).to_be_visible(timeout=PATIENCE_MS)

    def shows_paid(self, number: str, picture: Picture | None = None) -> None:
        """By itself, and soon."""
        paid_at = time.monotonic()
        paid = self._dashboard.get_by_role("status").filter(has_text=number)
        expect(paid).to_contain_text("Bezahlt", timeout=PATIENCE_MS)
        took = time.monotonic() - paid_at
        expect(paid).to_contain_text("aktiv bis")
        if picture:
            picture(self._dashboard, f"paying-hub-{number}")
        assert took < SOON_SECONDS, took

    def shows_booked(self, first_day: str, last_day: str) -> None:
        """Where nothing was to pay the hub tells of no payment, but of the package."""
        began = time.monotonic()
        booked = self._dashboard.locator(".queued").filter(has_text=f"vom {first_day}")
        expect(booked).to_contain_text(last_day, timeout=PATIENCE_MS)
        took = time.monotonic() - began
        assert took < SOON_SECONDS, took


@pytest.fixture
def hub_page(visitor: Visitor) -> Hub:
    return Hub(visitor)


def test_a_transfer_arrives_with_the_banks_statement(
    hub_page: Hub,
    bookkeeper: Bookkeeper,
    visitor: Visitor,
    customers: Customers,
    today: date,
    picture: Picture,
) -> None:
    shopper = hub_page.book("connect", "12 Monate")
    number = shopper.buy(TRANSFER)
    page = shopper.page
    payment = page.get_by_role("region", name="Daten für Ihre Überweisung")
    expect(payment).to_contain_text(number)
    code = scan(payment.locator(".girocode [role=img]").screenshot()).splitlines()
    assert (code[6], code[7], code[10]) == ("DE02120300000000202051", "EUR24.00", number)
    picture(page, "paying-transfer")
    hub_page.shows_open(number)
    bookkeeper.bring(Paid(cents=2400, text=code[10], payer="Max Muster", day=today))
    hub_page.shows_paid(number, picture)
    page.reload()
    shopper.sees(PAID)
    # The invoice lies on the dashboard, and came by mail.
    mine = visitor.log_in_at_the_portal("maxmuster")
    invoices = mine.get_by_role("region", name="Rechnungen")
    row = invoices.get_by_role("row").filter(has_text=number)
    invoice = row.get_by_role("link").first
    expect(row).to_contain_text("24,00 €")
    picture(mine, "anleitung-rechnungen")
    named = invoice.inner_text()
    mail = customers.mailbox.wait_for(MAIL, f"Ihre CloudMatic-Rechnung {named}")
    [attached] = mail.iter_attachments()
    file = mine.request.get(f"{shopper.origin}{invoice.get_attribute('href')}").body()
    assert file.startswith(b"%PDF-")
    assert attached.get_content() == file


def test_a_standing_order_pays_each_period_with_the_same_words(
    hub_page: Hub,
    bookkeeper: Bookkeeper,
    visitor: Visitor,
    customers: Customers,
    today: date,
    picture: Picture,
) -> None:
    shopper = hub_page.book("smarthome", "1 Monat", "Abonnement")
    first = shopper.buy(STANDING_ORDER)
    payment = shopper.page.get_by_role("region", name="Daten für Ihren Dauerauftrag")
    reference = scan(payment.locator(".girocode [role=img]").screenshot()).splitlines()[10]
    assert reference != first
    expect(payment).to_contain_text(reference)
    picture(shopper.page, "paying-standing-order")
    bookkeeper.bring(Paid(cents=300, text=f"CloudMatic {reference}", day=today))
    hub_page.shows_paid(first)
    second = customers.next_period(ACCOUNT)
    assert second not in {first, reference}
    bookkeeper.bring(Paid(cents=300, text=f"CloudMatic {reference}", day=today))
    hub_page.shows_paid(second)
    mine = Shopper(visitor.log_in_at_the_portal("maxmuster"), shopper.origin)
    for number in (first, second):
        mine.visit(f"/orders/{number}")
        mine.sees(PAID)


def test_paypal_pays_at_once(hub_page: Hub, picture: Picture) -> None:
    shopper = hub_page.book("connect", "6 Monate")
    agree_at_paypal(shopper, "PayPal", "15.00 EUR")
    number = shopper.number
    shopper.sees(PAID)
    hub_page.shows_paid(number)
    picture(shopper.page, "anleitung-paypal")


def test_an_agreement_with_paypal_pays_a_subscription(hub_page: Hub, picture: Picture) -> None:
    shopper = hub_page.book("connect", "1 Monat", "Abonnement")
    agree_at_paypal(shopper, "PayPal-Abonnement", "3.00 EUR")
    number = shopper.number
    shopper.sees(PAID, "PayPal-Abonnement")
    hub_page.shows_paid(number)
    picture(shopper.page, "paying-agreement")


def agree_at_paypal(shopper: Shopper, method: str, amount: str) -> None:
    shopper.to_checkout()
    shopper.page.get_by_role("radio", name=method, exact=True).check()
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/checkoutnow?token=*")
    expect(shopper.page.get_by_role("main")).to_contain_text(amount)
    shopper.page.get_by_role("button", name="Zustimmen und zahlen").click()
    shopper.page.wait_for_url("**/booking/orders/*")


def test_what_was_paid_too_much_pays_the_next_order(
    hub_page: Hub, bookkeeper: Bookkeeper, today: date, picture: Picture
) -> None:
    shopper = hub_page.book("connect", "6 Monate")
    number = shopper.buy(TRANSFER)
    bookkeeper.bring(Paid(cents=3900, text=number, day=today))
    hub_page.shows_paid(number)
    shopper.page.reload()
    shopper.sees(PAID, "Es sind 24,00 € mehr eingegangen als fällig war")
    shopper = hub_page.book("connect", "12 Monate")
    shopper.to_checkout()
    shopper.sees("24,00 €")
    picture(shopper.page, "anleitung-guthaben")
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    shopper.sees("Ihr Guthaben hat sie bezahlt")
    hub_page.shows_paid(shopper.number)
    picture(shopper.page, "paying-balance")


def test_a_voucher_that_covers_all_leaves_nothing_to_pay(hub_page: Hub, picture: Picture) -> None:
    shopper = hub_page.book("connect", "1 Monat")
    shopper.redeem("GESCHENK")
    shopper.to_checkout()
    expect(shopper.page.get_by_role("radio")).to_have_count(0)
    shopper.press("Jetzt kaufen")
    shopper.page.wait_for_url("**/orders/*")
    shopper.sees("Es ist nichts zu bezahlen, und das Gebuchte ist aktiv.")
    runs = re.search(r"läuft vom ([0-9.]+) bis ([0-9.]+)\.", shopper.main.inner_text())
    assert runs is not None
    hub_page.shows_booked(*runs.groups())
    picture(shopper.page, "paying-voucher")
