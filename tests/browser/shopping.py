"""What a customer does at the website, in the words of the German pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.customers import Customer

TRANSFER: Final = "Überweisung (Vorkasse)"
STANDING_ORDER: Final = "Dauerauftrag"


@contextmanager
def sentence(quoted: str) -> Iterator[None]:
    """A step that proves a sentence of the help page; a failure says which one."""
    try:
        yield
    except Exception as error:
        error.add_note(f"The help page says: „{quoted}“")
        raise


class Shopper:
    """Somebody at the website `origin`, in the tab `page`."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def number(self) -> str:
        """The number of the order whose page is shown."""
        return self.page.url.rsplit("/", 1)[1]

    def visit(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def press(self, name: str) -> None:
        """Click on the button or link of the page that is called `name`."""
        self.main.get_by_role("button", name=name, exact=True).or_(
            self.main.get_by_role("link", name=name, exact=True)
        ).first.click()

    def menu(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Hauptmenü").get_by_text(name).click()

    def log_in(self, customer: Customer) -> None:
        self.visit("/login")
        self.page.get_by_label("Benutzername oder E-Mail-Adresse").fill(customer.name)
        self.page.get_by_label("Passwort").fill(customer.password)
        self.press("Anmelden")
        self.page.wait_for_url("**/dashboard")

    def open_window(self, product: str) -> None:
        """Produkte > Zugang buchen (or Guthaben kaufen)."""
        self.menu("Produkte")
        self.main.get_by_role("article").filter(
            has=self.page.get_by_role("heading", name=product, exact=True)
        ).get_by_role("link").click()

    def put(self, product: str, term: str, kind: str = "Einzelbuchung") -> None:
        """Choose in the package window, "In den Warenkorb"."""
        self.open_window(product)
        if self.page.get_by_role("group", name="Buchungsart").count():
            self.page.get_by_role("radio", name=kind).check()
        self.page.get_by_role("radio", name=term, exact=True).check()
        self.press("In den Warenkorb")
        self.page.wait_for_url("**/cart")

    def redeem(self, code: str) -> None:
        self.page.get_by_label("Gutscheincode").fill(code)
        self.press("Gutschein einlösen")

    def tick(self, name: str) -> None:
        """Set the tick "Löschen" beside an article or a voucher."""
        box = re.compile(rf"Löschen\s?: {re.escape(name)}")
        self.page.get_by_role("checkbox", name=box).check()

    def to_checkout(self) -> None:
        self.press("Kaufen")
        self.page.wait_for_url("**/checkout")

    def buy(self, method: str = TRANSFER) -> str:
        """Kaufen, Zahlungsweise, Jetzt kaufen; returns the order's number."""
        self.to_checkout()
        self.page.get_by_role("radio", name=method).check()
        self.press("Jetzt kaufen")
        self.page.wait_for_url("**/orders/*")
        return self.number

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).to_contain_text(text)

    def sees_not(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).not_to_contain_text(text)
