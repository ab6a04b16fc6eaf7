"""The code on the screen and on paper can be scanned, whatever the colours of the page."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES
from tests.browser.customers import Customers
from tests.browser.shopping import STANDING_ORDER, Shopper
from tests.scanning import scan

pytestmark = pytest.mark.browser

NAME = "GiroCode mit den Daten dieser Überweisung für Ihre Banking-App"


def on_screen(page: Page) -> list[str]:
    return scan(page.get_by_role("img", name=NAME).screenshot()).splitlines()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_order_is_scanned_from_the_screen(
    shopper: Shopper, customers: Customers, scheme: Literal["light", "dark"]
) -> None:
    shopper.page.emulate_media(color_scheme=scheme)
    shopper.log_in(customers.new())
    shopper.put("CloudMatic Connect", "12 Monate")
    number = shopper.buy()
    shopper.sees("Mit der Banking-App scannen")
    lines = on_screen(shopper.page)
    assert (lines[7], lines[10]) == ("EUR24.00", number)
    PICTURES.mkdir(parents=True, exist_ok=True)
    shopper.page.screenshot(path=PICTURES / f"girocode-{scheme}.png", full_page=True)


def test_the_sheet_is_reached_from_dashboard_and_order_and_scanned_from_paper(
    shopper: Shopper, customers: Customers
) -> None:
    customer = customers.new()
    shopper.log_in(customer)
    shopper.put("CloudMatic Connect", "1 Monat", "Abonnement")
    number = shopper.buy(STANDING_ORDER)
    amount = on_screen(shopper.page)[7]
    customers.pay(number, amount.removeprefix("EUR").replace(".", ","))
    shopper.page.reload()
    shopper.press("Dauerauftrag einrichten")
    shopper.page.wait_for_url("**/standing-order")
    shopper.visit("/dashboard")
    shopper.press("Dauerauftrag einrichten")
    expect(shopper.page.get_by_role("heading", level=1)).to_have_text("Dauerauftrag einrichten")
    reference = shopper.main.locator("dd.code strong").last.inner_text()
    shopper.page.emulate_media(media="print")
    assert on_screen(shopper.page)[7] == amount
    assert on_screen(shopper.page)[10] == reference
    expect(shopper.page.get_by_role("navigation", name="Hauptmenü")).not_to_be_visible()
    PICTURES.mkdir(parents=True, exist_ok=True)
    shopper.page.screenshot(path=PICTURES / "standing-order-print.png", full_page=True)
    shopper.page.emulate_media(media="screen")
    shopper.page.screenshot(path=PICTURES / "standing-order.png", full_page=True)
