"""What holds for each page in each of its states: nothing keeps anybody out, nothing sticks out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import cache

import pytest
from aiohttp import hdrs, web
from playwright.sync_api import Browser, Page

from cloudmatic_portal.web.health import HEALTH
from cloudmatic_portal.web.routes import ROUTES
from tests.browser.axe import barriers
from tests.browser.customers import Customers
from tests.browser.guests import Guests, guests
from tests.browser.running import RunningSystem
from tests.browser.screens import SCREENS, Screen
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.simulated_ccu.account_files import Case, account_files

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser

PHONE = 360
LANGUAGES = ("de", "en")
_STRETCHED = """[...document.querySelectorAll("[type=radio], [type=checkbox]")]
    .filter(each => each.offsetWidth > 30).map(each => each.outerHTML)"""
_UNSAFE = re.compile(r"unsafe-|\*|data:|https?:")


@pytest.fixture(scope="module")
def guests_of(
    browser: Browser, running: RunningSystem, customers: Customers
) -> Iterator[Callable[[str], Guests]]:
    """The guests who read that language; the same ones for all tests of this file."""
    with ExitStack() as stack:

        @cache
        def prepared(language: str) -> Guests:
            return stack.enter_context(guests(browser, running.system, customers, language))

        yield prepared


def test_every_get_route_has_a_screen() -> None:
    pages = {
        route.path
        for route in ROUTES
        if isinstance(route, web.RouteDef)
        and route not in HEALTH
        and route.method == hdrs.METH_GET
        and not route.path.startswith("/api/")
        # The way back from PayPal shows nothing: it leads to the order.
        and not route.path.endswith("/paypal")
        # What is to be kept and not shown has a name with a dot.
        and "." not in route.path.rpartition("/")[2]
    }
    # An invoice is a file.
    assert {screen.route for screen in SCREENS} == pages - {"/invoices/{number}"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_page_keeps_nobody_out(
    guests_of: Callable[[str], Guests], picture: Picture, screen: Screen, language: str
) -> None:
    page = screen.show(guests_of(language))
    assert page.locator("html").get_attribute("lang") == language
    look_at(page, picture, f"portal-{screen.name}-{language}")


def look_at(page: Page, picture: Picture, name: str) -> None:
    """Light and dark; and on a phone nothing scrolls sideways."""
    found = [f"light: {each}" for each in barriers(page)]
    if "-de" in name:
        picture(page, name)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in barriers(page, colours_only=True)]
    # What stretches a box to tick leaves no room for what it means.
    found += [f"stretched: {each}" for each in page.evaluate(_STRETCHED)]
    usual = page.viewport_size
    assert usual is not None
    page.set_viewport_size({"width": PHONE, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    if "-de" in name:
        picture(page, name + "-phone")
    page.set_viewport_size(usual)
    page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)
    assert width <= PHONE


@pytest.mark.parametrize("case", [Case.LINKED, Case.NOT_LINKED, Case.EXPIRED, Case.BINARY_RUBBISH])
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
@pytest.mark.usefixtures("hub")
def test_the_hubs_dashboard_keeps_nobody_out(
    browser: Browser, running: RunningSystem, today: date, picture: Picture, locale: str, case: Case
) -> None:
    running.system.ccu.fs.write_account_files(account_files(case, today))
    with watched(browser, running.system, locale=locale) as context:
        page = Visitor(context, running.system).open_the_dashboard_directly()
        look_at(page, picture, f"hub-{case}-{locale[:2]}")


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_the_hubs_refusals_keep_nobody_out(
    browser: Browser, running: RunningSystem, picture: Picture, locale: str
) -> None:
    with watched(browser, running.system, locale=locale) as context:
        visitor = Visitor(context, running.system)
        look_at(visitor.open_the_dashboard_directly("Gast"), picture, f"hub-guest-{locale[:2]}")
    with watched(browser, running.system, locale=locale) as context:
        page = context.new_page()
        page.goto(running.system.ccu.url + "/addons/cloudmatic/")
        look_at(page, picture, f"hub-no-session-{locale[:2]}")


def test_no_page_allows_anything_unsafe(
    guests_of: Callable[[str], Guests], running: RunningSystem
) -> None:
    guests = guests_of("de")
    for path in ("/", "/products/complete", "/cart", "/checkout", f"/orders/{guests.open}", "/no"):
        page = guests.visit(guests.regular, path)
        answer = page.request.get(page.url)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        # Forms alone may lead elsewhere, and only to where the customer pays.
        paypal = running.system.paypal
        assert paypal is not None
        policy = policy.replace(f"form-action 'self' {paypal.base};", "form-action 'self';")
        assert not _UNSAFE.search(policy)
        assert page.locator("[style], script, style").count() == 0


def test_cookies_are_no_business_of_scripts_or_of_other_sites(
    guests_of: Callable[[str], Guests], running: RunningSystem
) -> None:
    guests = guests_of("de")
    _ = guests.booking_order
    cookies = guests.regular.cookies() + guests.from_hub.cookies(running.system.portal.origin)
    assert {"cm_session", "cm_booking"} <= {cookie["name"] for cookie in cookies}
    for cookie in cookies:
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"
        # On this machine the website is plain http, where a secure cookie would not be kept.
        assert not cookie["secure"]
