"""Every page of the portal in each of its states, in one list.

`test_every_page` fails where a GET route has no screen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import BrowserContext, FilePayload, Page

from cloudmatic_link.api import ENTRY_PATH
from cloudmatic_portal.domain.legal import LEGAL_NAMES
from tests.bank_statements import Paid, camt
from tests.browser import mailbox
from tests.browser.customers import MAIL_ENTRY, PASSWORD
from tests.browser.guests import Guests

Who = Literal["stranger", "regular", "newcomer", "from_hub", "operator"]


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
        if who == "operator":
            _ = guests.staff
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


def _covered_by_the_balance(guests: Guests) -> Page:
    number = guests.customers.order(guests.other, "connect", 12)
    guests.customers.pay(number, "48,00")
    guests.customers.put(guests.other, "connect", 12)
    return guests.visit(guests.newcomer, "/checkout")


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


def _pair(guests: Guests, code: str) -> Page:
    page = guests.visit(guests.regular, "/pair")
    page.locator("[name=code]").fill(code)
    page.locator("main [type=submit]").click()
    return page


def _pair_wrong(guests: Guests) -> Page:
    page = _pair(guests, "BCDF-GHJK")
    page.locator(".problem").wait_for()
    return page


def _pair_hub(guests: Guests) -> Page:
    page = _pair(guests, guests.customers.hub_that_waits())
    page.locator("[value=confirm]").wait_for()
    return page


def _revoke(guests: Guests) -> Page:
    page = _pair_hub(guests)
    page.locator("[value=confirm]").click()
    page.wait_for_url("**/pair/done")
    page = guests.visit(guests.regular, "/dashboard")
    page.locator("a[href^='/hubs/']").first.click()
    page.wait_for_url("**/revoke")
    return page


def _mailed(guests: Guests) -> Page:
    return guests.visit(guests.stranger, guests.customers.mailed_link(guests.customer))


def _operator_refused(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/admin/login")
    page.locator("[name=name]").fill("niemand")
    page.locator("[name=password]").fill("falsch")
    page.locator("[name=code]").fill("123456")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def _operator_hub(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/accounts/4711")
    page.locator("a[href$='/revoke']").first.click()
    return page


def _operator_statement(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/statements")
    paid = (
        Paid(cents=100, text=f"Danke {guests.open}"),
        Paid(cents=4711, text=f"Spende {guests.language}", payer="Verein der Freunde"),
    )
    file = FilePayload(name="november.xml", mimeType="application/xml", buffer=camt(*paid))
    page.locator("[type=file]").set_input_files(file)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/admin/statements/*")
    return page


def _operator_line(guests: Guests) -> Page:
    page = _operator_statement(guests)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/admin/statements?*")
    page = guests.visit(guests.operator, "/admin/work-list")
    page.locator("main td a").last.click()
    return page


def _operator_ignore(guests: Guests) -> Page:
    page = _operator_line(guests)
    page.locator("a[href$='/ignore']").click()
    return page


def _operator_batch(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/vouchers/batches")
    for name, value in (("name", f"Messe {guests.language}"), ("count", "12"), ("value", "10")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=reason]").fill("Messe")
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/admin/vouchers/batches/*")
    return page


def _operator_gateway(guests: Guests) -> Page:
    _ = guests.staff
    name = f"vpn-{guests.language}"
    guests.customers.gateway(name)
    return guests.visit(guests.operator, f"/admin/webhooks/{name}/retry")


def _operator_faulty(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/payments")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def _operator_setup(guests: Guests) -> Page:
    staff = guests.customers.staff(f"berta-{guests.language}", "support")
    page = guests.visit(guests.stranger, staff.link)
    page.locator("[name=password]").fill("ein langes Passwort")
    page.locator("[name=code]").fill("123456")
    page.locator("main [type=submit]").click()
    page.locator(".problem").wait_for()
    return page


def _follow(guests: Guests, address: str) -> Page:
    return guests.visit(guests.stranger, address.removeprefix(guests.system.portal.origin))


def declare(page: Page, address: str, **typed: str) -> Page:
    """Fill in the declaration at `address` and send it; returns the receipt."""
    facts = {"name": "Erika Beispiel", "contract": "CloudMatic Complete", **typed}
    for name, value in facts.items():
        page.locator(f"[name={name}]").fill(value)
    if address == "/cancel-contract":
        page.locator("[value=ordinary]").check()
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/declarations/receipt?*")
    return page


def _receipt(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/cancel-contract")
    email = f"niemand-{guests.language}@haus.example"
    return declare(page, "/cancel-contract", identification="0", email=email)


def _withdrawal_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/withdraw-contract")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def _change_email(guests: Guests, who: BrowserContext, new: str) -> None:
    page = guests.visit(who, "/account/email")
    page.locator("[name=email]").fill(new)
    page.locator("[name=current]").fill(PASSWORD)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/account/email/sent")


def _email_confirm(guests: Guests) -> Page:
    new = f"umgezogen-{guests.language}@haus.example"
    _change_email(guests, guests.regular, new)
    mail = guests.customers.mailbox.wait_for(new, "")
    return _follow(guests, mailbox.link(mail, "/account/email/confirm"))


def _email_stop(guests: Guests) -> Page:
    _change_email(guests, guests.newcomer, f"anders-{guests.language}@haus.example")
    subject = "Ihr CloudMatic-Konto soll"
    mail = guests.customers.mailbox.wait_for(guests.other.email, subject)
    return _follow(guests, mailbox.link(mail, "/account/email/stop"))


def _wrong_password(path: str) -> Callable[[Guests], Page]:
    def show(guests: Guests) -> Page:
        page = guests.visit(guests.newcomer, path)
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main [type=submit]").click()
        page.locator(".problem").first.wait_for()
        return page

    return show


def _cancellation_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/cancel-contract")
    return _send_unchecked(page)


SCREENS: Final = (
    *(Screen(name, f"/{name}", _at("stranger", f"/{name}")) for name in LEGAL_NAMES),
    Screen("cancel-contract", "/cancel-contract", _at("regular", "/cancel-contract")),
    Screen("cancel-contract-faulty", "/cancel-contract", _cancellation_faulty),
    Screen("withdraw-contract", "/withdraw-contract", _at("stranger", "/withdraw-contract")),
    Screen("withdraw-contract-faulty", "/withdraw-contract", _withdrawal_faulty),
    Screen("receipt", "/declarations/receipt", _receipt),
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
    Screen("checkout-balance", "/checkout", _covered_by_the_balance),
    Screen("checkout-free", "/checkout", _covered_by_a_voucher),
    Screen("order-open", "/orders/{number}", _at("regular", "/orders/{guests.open}")),
    *(
        Screen(
            f"order-paypal-{said}",
            "/orders/{number}",
            _at("regular", f"/orders/{{guests.open}}?paypal={said}"),
        )
        for said in ("cancelled", "refused", "later")
    ),
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
        for step in ("pause", "change", "cancel", "standing-order")
    ),
    Screen("subscription-resume", "/subscriptions/{number}/resume", _paused),
    Screen("dashboard-paused", "/dashboard", _at("regular", "/dashboard")),
    Screen("pair", "/pair", _at("regular", "/pair?code=BCDF-GHJK")),
    Screen("pair-wrong-code", "/pair", _pair_wrong),
    Screen("pair-hub", "/pair", _pair_hub),
    Screen("pair-done", "/pair/done", _at("regular", "/pair/done")),
    Screen("pair-refused", "/pair/refused", _at("regular", "/pair/refused")),
    Screen("hub-revoke", "/hubs/{number}/revoke", _revoke),
    Screen("nowhere", "/", _at("stranger", "/nirgends")),
    Screen("entry", ENTRY_PATH, lambda guests: guests.follow_the_hub()),
    Screen("entry-refused", ENTRY_PATH, _at("stranger", f"{ENTRY_PATH}?link=x")),
    Screen("entry-mail", MAIL_ENTRY, _mailed),
    Screen("admin-login", "/admin/login", _at("stranger", "/admin/login")),
    Screen("admin-login-refused", "/admin/login", _operator_refused),
    Screen("admin-setup", "/admin/setup", _operator_setup),
    Screen("admin", "/admin", _at("operator", "/admin")),
    Screen("admin-audit", "/admin/audit", _at("operator", "/admin/audit")),
    *(
        Screen(f"admin-{name}", route, _at("operator", path))
        for name, route, path in (
            ("accounts", "/admin/accounts", "/admin/accounts?q=kunde"),
            ("accounts-none", "/admin/accounts", "/admin/accounts?q=niemand"),
            ("account", "/admin/accounts/{number}", "/admin/accounts/{guests.customer.account_id}"),
            ("orders", "/admin/orders", "/admin/orders"),
            ("order", "/admin/orders/{number}", "/admin/orders/{guests.active}"),
            ("order-open", "/admin/orders/{number}", "/admin/orders/{guests.open}"),
            ("cancel", "/admin/orders/{number}/cancel", "/admin/orders/{guests.open}/cancel"),
            ("payment", "/admin/payments", "/admin/payments?reference={guests.open}"),
            ("statements", "/admin/statements", "/admin/statements"),
            ("work-list", "/admin/work-list", "/admin/work-list"),
            ("vouchers", "/admin/vouchers", "/admin/vouchers"),
            ("voucher-batches", "/admin/vouchers/batches", "/admin/vouchers/batches"),
            ("catalogue", "/admin/catalogue", "/admin/catalogue"),
            ("price", "/admin/catalogue/{code}/price", "/admin/catalogue/complete/price"),
            (
                "price-end",
                "/admin/catalogue/{code}/end",
                "/admin/catalogue/complete/end?quantity=12",
            ),
            ("offer", "/admin/catalogue/{code}/offer", "/admin/catalogue/complete/offer"),
            ("withdraw", "/admin/catalogue/{code}/withdraw", "/admin/catalogue/complete/withdraw"),
            ("actions", "/admin/actions", "/admin/actions?state=waiting"),
            ("action", "/admin/actions/{number}/retry", "/admin/actions/1/retry"),
            ("mails", "/admin/mails", "/admin/mails"),
            ("mail", "/admin/mails/{number}", "/admin/mails/1"),
            ("mail-retry", "/admin/mails/{number}/retry", "/admin/mails/1/retry"),
        )
    ),
    Screen("admin-gateway", "/admin/webhooks/{name}/retry", _operator_gateway),
    Screen("admin-webhooks", "/admin/webhooks", _at("operator", "/admin/webhooks")),
    Screen("admin-voucher-batch", "/admin/vouchers/batches/{number}", _operator_batch),
    Screen("admin-hub", "/admin/accounts/{number}/hubs/{hub}/revoke", _operator_hub),
    Screen("admin-statement", "/admin/statements/{number}", _operator_statement),
    Screen("admin-line", "/admin/work-list/{number}", _operator_line),
    Screen("admin-line-ignore", "/admin/work-list/{number}/ignore", _operator_ignore),
    Screen(
        "admin-action", "/admin/actions/{number}/retry", _at("operator", "/admin/actions/1/retry")
    ),
    Screen("admin-payment-faulty", "/admin/payments", _operator_faulty),
    Screen("admin-unknown", "/admin", _at("operator", "/admin/nirgends")),
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
    Screen("account", "/account", _at("regular", "/account")),
    Screen("account-saved", "/account", _at("regular", "/account?saved=1")),
    *(
        Screen(f"account-{name}", f"/account/{name}", _at("regular", f"/account/{name}"))
        for name in ("name", "password", "email", "data", "delete")
    ),
    *(
        Screen(f"account-{name}-faulty", f"/account/{name}", _wrong_password(f"/account/{name}"))
        for name in ("password", "email", "delete")
    ),
    Screen("account-email-confirm", "/account/email/confirm", _email_confirm),
    Screen("account-email-stop", "/account/email/stop", _email_stop),
    *(
        Screen(path[1:].replace("/", "-"), path, _at("regular", path))
        for path in ("/account/email/sent", "/account/email/done", "/account/email/stopped")
    ),
    Screen("account-deleted", "/account/deleted", _at("stranger", "/account/deleted")),
    Screen("booking-checkout", "/booking/checkout", _at("from_hub", "/booking/checkout")),
)
