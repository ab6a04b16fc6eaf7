"""Five browsers of one language in front of the portal, prepared for every page to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import phone
from tests.browser.customers import Customer, Customers
from tests.browser.phone import Phone
from tests.browser.staff import Staff
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.demo.system import System

LOCALES: Final = {"de": "de-DE", "en": "en-GB"}


@dataclass
class Guests:
    """`stranger` is nobody; `regular` has a package, orders and a cart; `newcomer` has nothing;
    `from_hub` has come with a booking link, and is not logged in; `operator` runs the portal.
    """

    language: str
    system: System
    customers: Customers
    stranger: BrowserContext
    regular: BrowserContext
    newcomer: BrowserContext
    from_hub: BrowserContext
    operator: BrowserContext

    def __post_init__(self) -> None:
        self.customer = self.customers.new()
        self.other = self.customers.new(days_left=None)
        self.active = self.customers.order(self.customer, "complete", 6, "subscription")
        self.cancelled = self.customers.order(self.customer, "connect", 1)
        self.open = self.customers.order(self.customer, "smarthome", 12)
        # More than it costs: the rest is balance.
        self.customers.pay(self.active, "25,50")
        self.customers.put(self.customer, "complete", 12, "subscription")
        self.customers.put(self.customer, "notifyme", 100)
        self._log_in(self.regular, self.customer)
        self._log_in(self.newcomer, self.other)
        cart = self.visit(self.regular, "/cart")
        for voucher in ("FUENF", "PLUS3"):
            cart.locator("[name=voucher]").fill(voucher)
            cart.locator("[value=redeem]").click()
        cancel = self.visit(self.regular, f"/orders/{self.cancelled}/cancel")
        cancel.locator("main [type=submit]").click()

    def visit(self, who: BrowserContext, path: str) -> Page:
        """The page at `path` in the one tab of that browser."""
        page = who.pages[0] if who.pages else who.new_page()
        page.goto(self.system.portal.origin + path)
        return page

    def follow_the_hub(self) -> Page:
        """Click at the hub's dashboard; returns the page that the signed link leads to."""
        visitor = Visitor(self.from_hub, self.system)
        dashboard = visitor.open_the_dashboard_directly()
        page = visitor.click_into_new_tab(dashboard.locator("form[action$='/book'] button").first)
        for each in self.from_hub.pages:
            if each != page:
                each.close()
        return page

    @cached_property
    def subscription(self) -> str:
        """The path below which the pages of the customer's subscription are."""
        page = self.visit(self.regular, "/dashboard")
        found = page.locator("a[href^='/subscriptions/']").first.get_attribute("href")
        return str(found).rsplit("/", 1)[0]

    @cached_property
    def booking_order(self) -> str:
        """The number of an order that was made in the booking-only session."""
        self.enter_from_hub()
        page = self.visit(self.from_hub, "/booking/checkout")
        page.locator("[name=method]").first.check()
        page.locator("main [type=submit]").click()
        page.wait_for_url("**/booking/orders/*")
        return page.url.rsplit("/", 1)[1]

    @cached_property
    def phone(self) -> Phone:
        """The newcomer's, with a second factor; from then on there is no other login for them."""
        return phone.set_up(self.visit(self.newcomer, phone.FACTOR), self.other.password)

    @cached_property
    def staff(self) -> Staff:
        """The operator, who is logged in."""
        staff = self.customers.staff(f"anna-{self.language}", "admin")
        staff.set_up(self.visit(self.operator, staff.link))
        return staff

    def enter_from_hub(self) -> Page:
        """Follow the hub's link and confirm; returns the booking-only cart."""
        page = self.follow_the_hub()
        page.locator("main [type=submit]").click()
        page.wait_for_url("**/booking/cart")
        return page

    def _log_in(self, who: BrowserContext, customer: Customer) -> None:
        page = self.visit(who, "/login")
        page.locator("[name=name]").fill(customer.name)
        page.locator("[name=password]").fill(customer.password)
        page.locator("main [type=submit]").click()
        page.wait_for_url("**/dashboard")


@contextmanager
def guests(
    browser: Browser, system: System, customers: Customers, language: str
) -> Iterator[Guests]:
    with ExitStack() as stack:
        browsers = [
            stack.enter_context(watched(browser, system, locale=LOCALES[language]))
            for _ in range(5)
        ]
        yield Guests(language, system, customers, *browsers)
