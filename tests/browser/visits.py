"""What people do on hub and portal, in their words."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page

from tests.demo.system import System


class Visitor:
    """Somebody with a browser (`context`) in front of `system`."""

    def __init__(self, context: BrowserContext, system: System) -> None:
        self.context = context
        self.system = system

    def log_in_at_the_webui(self, user: str = "Admin", password: str = "admin-demo") -> Page:
        """Log in at the hub's WebUI; returns its start page."""
        page = self.context.new_page()
        page.goto(self.system.ccu.url + "/")
        page.locator("[name=tbUsername]").fill(user)
        page.locator("[name=tbPassword]").fill(password)
        page.locator("[type=submit]").click()
        page.wait_for_url("**/pages/index.htm**")
        return page

    def open_the_dashboard(self, user: str = "Admin", password: str = "admin-demo") -> Page:
        """WebUI > Einstellungen > Systemsteuerung > CloudMatic; returns the dashboard's tab."""
        page = self.log_in_at_the_webui(user, password)
        page.get_by_text("Einstellungen").first.click()
        page.get_by_text("Systemsteuerung").first.click()
        with self.context.expect_page() as opened:
            page.get_by_text("CloudMatic", exact=True).first.click()
        opened.value.wait_for_load_state()
        return opened.value

    def open_the_dashboard_directly(self, user: str = "Admin") -> Page:
        """The same without the way through the WebUI."""
        sid = self.system.ccu.engine.login(user)
        page = self.context.new_page()
        page.goto(f"{self.system.ccu.url}/addons/cloudmatic/?sid={sid}")
        return page

    def click_into_new_tab(self, button: Locator) -> Page:
        with self.context.expect_page() as opened:
            button.click()
        opened.value.wait_for_load_state()
        return opened.value

    def log_in_at_the_portal(self, user: str) -> Page:
        """Log in at the website; returns its dashboard."""
        page = self.context.new_page()
        page.goto(self.system.portal.origin + "/login")
        page.locator("[name=name]").fill(user)
        page.locator("[name=password]").fill(self.system.logins[user])
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_url("**/dashboard")
        return page
