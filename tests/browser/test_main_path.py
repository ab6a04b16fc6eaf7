"""From Systemsteuerung to the right cart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running import RunningSystem
from tests.browser.visits import Visitor
from tests.browser.watching import watched

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser


def test_the_cart_is_the_linked_accounts_though_another_one_is_logged_in(
    visitor: Visitor, picture: Picture
) -> None:
    portal = visitor.log_in_at_the_portal("erikamuster")
    dashboard = visitor.open_the_dashboard()
    expect(dashboard.get_by_role("heading", name="Übersicht")).to_be_visible()
    expect(dashboard.locator(".package .name")).to_have_text("CloudMatic Complete")
    assert "sid=" not in dashboard.url
    picture(dashboard, "dashboard")

    confirmation = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    expect(confirmation.locator("h1")).to_contain_text("4711 (maxmuster)")
    expect(confirmation.get_by_role("note").first).to_contain_text("erikamuster")
    picture(confirmation, "confirmation")

    confirmation.get_by_role("main").get_by_role("button").first.click()
    confirmation.wait_for_url("**/booking/cart")
    expect(confirmation.locator("h1")).to_contain_text("4711 (maxmuster)")
    expect(confirmation.get_by_role("main")).to_contain_text("CloudMatic Complete")
    assert "link=" not in confirmation.url
    picture(confirmation, "cart")

    portal.reload()
    expect(portal.get_by_role("main")).to_contain_text("erikamuster")
    portal.goto(visitor.system.portal.origin + "/cart")
    expect(portal.get_by_role("main")).not_to_contain_text("CloudMatic Complete")


def test_another_package_is_booked_for_the_linked_account_too(visitor: Visitor) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    button = dashboard.get_by_role("button", name="Buchen: CloudMatic SmartHome")
    confirmation = visitor.click_into_new_tab(button)
    expect(confirmation.locator("h1")).to_contain_text("4711 (maxmuster)")
    expect(confirmation.get_by_role("main")).to_contain_text("CloudMatic SmartHome")


def test_the_keyboard_alone_leads_to_the_cart(visitor: Visitor) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    button = dashboard.get_by_role("button", name="Zugang buchen")
    for _ in range(20):
        dashboard.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    with visitor.context.expect_page() as opened:
        dashboard.keyboard.press("Enter")
    confirmation = opened.value
    confirmation.wait_for_load_state()
    button = confirmation.get_by_role("main").get_by_role("button").first
    button.focus()
    confirmation.keyboard.press("Enter")
    confirmation.wait_for_url("**/booking/cart")


def test_the_main_path_needs_no_javascript(browser: Browser, running: RunningSystem) -> None:
    with watched(browser, running.system, java_script_enabled=False) as context:
        visitor = Visitor(context, running.system)
        dashboard = visitor.open_the_dashboard_directly()
        confirmation = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
        confirmation.get_by_role("main").get_by_role("button").first.click()
        confirmation.wait_for_url("**/booking/cart")
        expect(confirmation.locator("h1")).to_contain_text("4711 (maxmuster)")


def test_a_link_followed_twice_is_refused_and_leads_on(visitor: Visitor, picture: Picture) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    first = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    again = visitor.context.new_page()
    again.goto(first.url)
    first.get_by_role("main").get_by_role("button").first.click()
    first.wait_for_url("**/booking/cart")
    again.get_by_role("main").get_by_role("button").first.click()
    expect(again.get_by_role("link", name="Weiter zum Warenkorb")).to_be_visible()
    picture(again, "link-replayed")


def test_each_click_makes_a_link_of_its_own(visitor: Visitor) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    links = {
        visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen")).url for _ in range(2)
    }
    assert len(links) == 2
