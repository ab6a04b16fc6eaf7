"""A whole booking without JavaScript, with the keyboard alone, and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.customers import Customers
from tests.browser.running import RunningSystem
from tests.browser.shopping import Shopper
from tests.browser.watching import watched

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def test_a_booking_needs_no_javascript(
    browser: Browser, running: RunningSystem, customers: Customers
) -> None:
    customer = customers.new()
    with watched(browser, running.system, java_script_enabled=False) as context:
        shopper = Shopper(context.new_page(), running.system.portal.origin)
        shopper.log_in(customer)
        shopper.put("CloudMatic Complete", "12 Monate")
        shopper.redeem("FUENF")
        shopper.sees("spart 5,00 €")
        shopper.tick("FUENF")
        shopper.press("Aktualisierung")
        number = shopper.buy()
        shopper.sees(number, "36,00 €", "DE02 1203 0000 0000 2020 51")
    assert customers.orders(customer) == 1


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus; what has it on the way must be seen to have it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    ring = wanted.evaluate(
        "element => getComputedStyle(element.closest('.option') ?? element).outlineStyle"
    )
    assert ring == "solid"


def test_a_booking_with_the_keyboard_alone(shopper: Shopper, customers: Customers) -> None:
    customer = customers.new()
    page, keyboard = shopper.page, shopper.page.keyboard
    shopper.visit("/login")
    tab_to(page, page.get_by_label("Benutzername oder E-Mail-Adresse"))
    keyboard.type(customer.name)
    tab_to(page, page.get_by_label("Passwort"))
    keyboard.type(customer.password)
    keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    tab_to(page, shopper.main.get_by_role("link", name="Zugang buchen"))
    keyboard.press("Enter")
    # The window opens with the usual choice; the arrow keys make another one.
    tab_to(page, page.get_by_role("radio", name="Einzelbuchung"))
    keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Abonnement")).to_be_checked()
    keyboard.press("ArrowUp")
    tab_to(page, page.get_by_role("radio", name="12 Monate", exact=True))
    keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="6 Monate", exact=True)).to_be_checked()
    tab_to(page, page.get_by_role("button", name="In den Warenkorb"))
    keyboard.press("Enter")
    page.wait_for_url("**/cart")
    tab_to(page, page.get_by_label("Gutscheincode"))
    keyboard.type("FUENF")
    # Enter in the field redeems, and buys nothing.
    keyboard.press("Enter")
    shopper.sees("spart 5,00 €")
    assert page.url.endswith("/cart")
    tab_to(page, page.get_by_role("button", name="Kaufen"))
    keyboard.press("Enter")
    page.wait_for_url("**/checkout")
    method = page.get_by_role("radio", name="Überweisung (Vorkasse)")
    tab_to(page, method)
    keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Jetzt kaufen"))
    keyboard.press("Enter")
    page.wait_for_url("**/orders/*")
    shopper.sees("Bitte überweisen Sie 18,00 €")
    assert customers.orders(customer) == 1


def test_the_first_tab_skips_to_the_content(shopper: Shopper) -> None:
    shopper.visit("/products")
    shopper.page.keyboard.press("Tab")
    skip = shopper.page.get_by_role("link", name="Zum Inhalt springen")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    shopper.page.keyboard.press("Enter")
    expect(shopper.main).to_be_focused()


def test_a_booking_on_a_phone(
    browser: Browser, running: RunningSystem, customers: Customers
) -> None:
    customer = customers.new()
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with watched(browser, running.system, **options) as context:
        shopper = Shopper(context.new_page(), running.system.portal.origin)
        shopper.log_in(customer)
        shopper.open_window("CloudMatic Complete")
        # All of an option is the target for a finger, not only its small circle.
        option = shopper.page.locator(".option", has_text="Abonnement")
        option.scroll_into_view_if_needed()
        box = option.bounding_box()
        assert box is not None
        shopper.page.touchscreen.tap(box["x"] + box["width"] - 10, box["y"] + 10)
        expect(shopper.page.get_by_role("radio", name="Abonnement")).to_be_checked()
        shopper.page.get_by_role("radio", name="1 Monat", exact=True).tap()
        shopper.press("In den Warenkorb")
        shopper.buy("Dauerauftrag")
        shopper.sees("Daten für Ihren Dauerauftrag", "jeden Monat")
