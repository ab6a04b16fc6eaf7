"""Every page of the portal in each of its states, in one list.

`test_every_page` fails where a GET route has no screen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Page

from cloudmatic_link.api import ENTRY_PATH
from tests.browser import mailbox
from tests.browser.customers import MAIL_ENTRY
from tests.browser.guests import Guests

Who = Literal["stranger", "regular", "newcomer", "from_hub"]


@dataclass(frozen=True, slots=True)
class Screen:
    """One page (`route` as in the routes' table) in one state, and how it is brought about."""

    name: str
    route: str
    show: Callable[[Guests], Page]


def _at(who: Who, path: str) -> Callable[[Guests], Page]:
    """The page at `path`, in which the names of the guests' orders may stand."""

    def show(guests: Guests) -> Page:
        if who == "from_hub" and path.startswith("/booking"):
            _ = guests.booking_order
        address = path.format(guests=guests) if "{" in path else path
        return guests.visit(getattr(guests, who), address)

    return show


def _nothing_chosen(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/products/complete")
    return _send_unchecked(page)


def _no_method(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/checkout")
    return _send_unchecked(page)


def _send_unchecked(page: Page) -> Page:
    """Send the form as a browser would that checks nothing itself, with nothing chosen."""
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("[type=radio]").evaluate_all("all => all.forEach(each => each.checked = false)")
    page.locator("main [type=submit]").last.click()
    page.locator(".problem").first.wait_for()
    return page


def _login_refused(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/login")
    page.locator("[name=name]").fill("niemand")
    page.locator("[name=password]").fill("falsch")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def _wrong_voucher(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/cart")
    page.locator("[name=voucher]").fill("FALSCH99")
    page.locator("[value=redeem]").click()
    page.get_by_role("alert").wait_for()
    return page


def _covered_by_a_voucher(guests: Guests) -> Page:
    guests.customers.put(guests.other, "connect", 1)
    page = guests.visit(guests.newcomer, "/cart")
    page.locator("[name=voucher]").fill("GESCHENK")
    page.locator("[value=redeem]").click()
    page.locator("[value=buy]").click()
    page.wait_for_url("**/checkout")
    return page


def _billing_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/account/billing")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("[name=vat_id]").fill("DE1")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def _register(guests: Guests, name: str, password: str) -> Page:
    page = guests.visit(guests.stranger, "/register")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("[name=user_name]").fill(name)
    page.locator("[name=email]").fill(f"{name}@haus.example" if password else "max")
    page.locator("[name=password]").fill(password or "kurz")
    page.locator("main [type=submit]").click()
    return page


def _register_faulty(guests: Guests) -> Page:
    page = _register(guests, "maxmuster", "")
    page.locator(".problem").first.wait_for()
    return page


def _register_confirm(guests: Guests) -> Page:
    name = f"neu-{guests.language}"
    _register(guests, name, "ein langes Passwort").wait_for_url("**/register/sent")
    mail = guests.customers.mailbox.wait_for(f"{name}@haus.example", "")
    return _follow(guests, mailbox.link(mail, "/register/confirm"))


def _password_missing(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/password")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").wait_for()
    return page


def _password_new(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/password")
    page.locator("[name=name]").fill(guests.other.name)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/password/sent")
    mail = guests.customers.mailbox.wait_for(guests.other.email, "")
    return _follow(guests, mailbox.link(mail, "/password/new"))


def _paused(guests: Guests) -> Page:
    page = guests.visit(guests.regular, f"{guests.subscription}/pause")
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/dashboard")
    return guests.visit(guests.regular, f"{guests.subscription}/resume")


def _mailed(guests: Guests) -> Page:
    return guests.visit(guests.stranger, guests.customers.mailed_link(guests.customer))


def _follow(guests: Guests, address: str) -> Page:
    return guests.visit(guests.stranger, address.removeprefix(guests.system.portal.origin))


SCREENS: Final = (
    Screen("start", "/", _at("stranger", "/")),
    Screen("products", "/products", _at("regular", "/products")),
    Screen("products-wanted", "/products", _at("stranger", "/products?product=complete")),
    Screen("package", "/products/{code}", _at("regular", "/products/complete")),
    Screen("package-stranger", "/products/{code}", _at("stranger", "/products/connect")),
    Screen("package-credit", "/products/{code}", _at("regular", "/products/notifyme")),
    Screen("package-nothing-chosen", "/products/{code}", _nothing_chosen),
    Screen("login", "/login", _at("stranger", "/login")),
    Screen("login-left", "/login", _at("stranger", "/login?left=everywhere")),
    Screen("login-refused", "/login", _login_refused),
    Screen("logout-everywhere", "/logout-everywhere", _at("regular", "/logout-everywhere")),
    Screen("password", "/password", _at("stranger", "/password")),
    Screen("password-missing", "/password", _password_missing),
    Screen("password-sent", "/password/sent", _at("stranger", "/password/sent")),
    Screen("password-new", "/password/new", _password_new),
    Screen("register", "/register", _at("stranger", "/register")),
    Screen("register-faulty", "/register", _register_faulty),
    Screen("register-sent", "/register/sent", _at("stranger", "/register/sent")),
    Screen("register-confirm", "/register/confirm", _register_confirm),
    Screen("dashboard", "/dashboard", _at("regular", "/dashboard")),
    Screen("dashboard-empty", "/dashboard", _at("newcomer", "/dashboard")),
    Screen("billing", "/account/billing", _at("regular", "/account/billing")),
    Screen("billing-faulty", "/account/billing", _billing_faulty),
    Screen("cart", "/cart", _at("regular", "/cart")),
    Screen("cart-wrong-voucher", "/cart", _wrong_voucher),
    Screen("cart-empty", "/cart", _at("newcomer", "/cart")),
    Screen("checkout", "/checkout", _at("regular", "/checkout")),
    Screen("checkout-no-method", "/checkout", _no_method),
    Screen("checkout-free", "/checkout", _covered_by_a_voucher),
    Screen("order-open", "/orders/{number}", _at("regular", "/orders/{guests.open}")),
    Screen("order-active", "/orders/{number}", _at("regular", "/orders/{guests.active}")),
    Screen("order-cancelled", "/orders/{number}", _at("regular", "/orders/{guests.cancelled}")),
    Screen("order-unknown", "/orders/{number}", _at("regular", "/orders/AAA-AAA-AAA")),
    Screen(
        "order-cancel", "/orders/{number}/cancel", _at("regular", "/orders/{guests.open}/cancel")
    ),
    *(
        Screen(
            f"subscription-{step}",
            f"/subscriptions/{{number}}/{step}",
            _at("regular", f"{{guests.subscription}}/{step}"),
        )
        for step in ("pause", "change", "cancel")
    ),
    Screen("subscription-resume", "/subscriptions/{number}/resume", _paused),
    Screen("dashboard-paused", "/dashboard", _at("regular", "/dashboard")),
    Screen("nowhere", "/", _at("stranger", "/nirgends")),
    Screen("entry", ENTRY_PATH, lambda guests: guests.follow_the_hub()),
    Screen("entry-refused", ENTRY_PATH, _at("stranger", f"{ENTRY_PATH}?link=x")),
    Screen("entry-mail", MAIL_ENTRY, _mailed),
    Screen("booking-ended", "/booking/cart", _at("stranger", "/booking/cart")),
    Screen("booking-products", "/booking/products", _at("from_hub", "/booking/products")),
    Screen(
        "booking-package", "/booking/products/{code}", _at("from_hub", "/booking/products/complete")
    ),
    Screen(
        "booking-order",
        "/booking/orders/{number}",
        _at("from_hub", "/booking/orders/{guests.booking_order}"),
    ),
    Screen(
        "booking-order-cancel",
        "/booking/orders/{number}/cancel",
        _at("from_hub", "/booking/orders/{guests.booking_order}/cancel"),
    ),
    Screen("booking-cart", "/booking/cart", lambda guests: guests.enter_from_hub()),
    Screen("booking-checkout", "/booking/checkout", _at("from_hub", "/booking/checkout")),
)
