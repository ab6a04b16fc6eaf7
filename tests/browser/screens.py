"""Every page of the portal in each of its states, in one list.

`test_every_page` fails where a GET route has no screen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Page

from cloudmatic_link.api import ENTRY_PATH
from cloudmatic_portal.domain.legal import LEGAL_NAMES
from tests.browser.customers import MAIL_ENTRY
from tests.browser.guests import Guests
from tests.browser.phone import FACTOR
from tests.browser.states import accounts, desk, factor, hubs, law, shop

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


SCREENS: Final = (
    *(Screen(name, f"/{name}", _at("stranger", f"/{name}")) for name in LEGAL_NAMES),
    Screen("cancel-contract", "/cancel-contract", _at("regular", "/cancel-contract")),
    Screen("cancel-contract-faulty", "/cancel-contract", law.cancellation_faulty),
    Screen("withdraw-contract", "/withdraw-contract", _at("stranger", "/withdraw-contract")),
    Screen("withdraw-contract-faulty", "/withdraw-contract", law.withdrawal_faulty),
    Screen("receipt", "/declarations/receipt", law.receipt),
    Screen("start", "/", _at("stranger", "/")),
    Screen("products", "/products", _at("regular", "/products")),
    Screen("products-wanted", "/products", _at("stranger", "/products?product=complete")),
    Screen("package", "/products/{code}", _at("regular", "/products/complete")),
    Screen("package-stranger", "/products/{code}", _at("stranger", "/products/connect")),
    Screen("package-credit", "/products/{code}", _at("regular", "/products/notifyme")),
    Screen("package-nothing-chosen", "/products/{code}", shop.nothing_chosen),
    Screen("login", "/login", _at("stranger", "/login")),
    Screen("login-left", "/login", _at("stranger", "/login?left=everywhere")),
    Screen("login-late", "/login", _at("stranger", "/login?late=1")),
    Screen("login-refused", "/login", accounts.login_refused),
    Screen("logout-everywhere", "/logout-everywhere", _at("regular", "/logout-everywhere")),
    Screen("password", "/password", _at("stranger", "/password")),
    Screen("password-missing", "/password", accounts.password_missing),
    Screen("password-sent", "/password/sent", _at("stranger", "/password/sent")),
    Screen("password-new", "/password/new", accounts.password_new),
    Screen("register", "/register", _at("stranger", "/register")),
    Screen("register-faulty", "/register", accounts.register_faulty),
    Screen("register-sent", "/register/sent", _at("stranger", "/register/sent")),
    Screen("register-confirm", "/register/confirm", accounts.register_confirm),
    Screen("dashboard", "/dashboard", _at("regular", "/dashboard")),
    Screen("dashboard-empty", "/dashboard", _at("newcomer", "/dashboard")),
    Screen("billing", "/account/billing", _at("regular", "/account/billing")),
    Screen("billing-faulty", "/account/billing", accounts.billing_faulty),
    Screen("cart", "/cart", _at("regular", "/cart")),
    Screen("cart-wrong-voucher", "/cart", shop.wrong_voucher),
    Screen("cart-empty", "/cart", _at("newcomer", "/cart")),
    Screen("checkout", "/checkout", _at("regular", "/checkout")),
    Screen("checkout-no-method", "/checkout", shop.no_method),
    Screen("checkout-balance", "/checkout", shop.covered_by_the_balance),
    Screen("checkout-free", "/checkout", shop.covered_by_a_voucher),
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
    Screen("subscription-resume", "/subscriptions/{number}/resume", shop.paused),
    Screen("dashboard-paused", "/dashboard", _at("regular", "/dashboard")),
    Screen("pair", "/pair", _at("regular", "/pair?code=BCDF-GHJK")),
    Screen("pair-wrong-code", "/pair", hubs.pair_wrong),
    Screen("pair-hub", "/pair", hubs.pair_hub),
    Screen("pair-done", "/pair/done", _at("regular", "/pair/done")),
    Screen("pair-refused", "/pair/refused", _at("regular", "/pair/refused")),
    Screen("hub-revoke", "/hubs/{number}/revoke", hubs.revoke),
    Screen("nowhere", "/", _at("stranger", "/nirgends")),
    Screen("entry", ENTRY_PATH, lambda guests: guests.follow_the_hub()),
    Screen("entry-refused", ENTRY_PATH, _at("stranger", f"{ENTRY_PATH}?link=x")),
    Screen("entry-mail", MAIL_ENTRY, hubs.mailed),
    Screen("admin-login", "/admin/login", _at("stranger", "/admin/login")),
    Screen("admin-login-refused", "/admin/login", desk.refused),
    Screen("admin-setup", "/admin/setup", desk.setup),
    Screen("admin", "/admin", _at("operator", "/admin")),
    Screen("admin-audit", "/admin/audit", _at("operator", "/admin/audit")),
    *(
        Screen(f"admin-{name}", route, _at("operator", path))
        for name, route, path in (
            ("accounts", "/admin/accounts", "/admin/accounts?q=kunde"),
            ("accounts-none", "/admin/accounts", "/admin/accounts?q=niemand"),
            ("account", "/admin/accounts/{number}", "/admin/accounts/{guests.customer.account_id}"),
            (
                "refund",
                "/admin/accounts/{number}/refund",
                "/admin/accounts/{guests.customer.account_id}/refund",
            ),
            (
                "correct",
                "/admin/accounts/{number}/correct",
                "/admin/accounts/{guests.customer.account_id}/correct",
            ),
            ("orders", "/admin/orders", "/admin/orders"),
            ("order", "/admin/orders/{number}", "/admin/orders/{guests.active}"),
            ("order-open", "/admin/orders/{number}", "/admin/orders/{guests.open}"),
            ("cancel", "/admin/orders/{number}/cancel", "/admin/orders/{guests.open}/cancel"),
            ("take-back", "/admin/orders/{number}/refund", "/admin/orders/{guests.active}/refund"),
            ("payment", "/admin/payments", "/admin/payments?reference={guests.open}"),
            ("statements", "/admin/statements", "/admin/statements"),
            ("work-list", "/admin/work-list", "/admin/work-list"),
            ("vouchers", "/admin/vouchers", "/admin/vouchers"),
            ("voucher-batches", "/admin/vouchers/batches", "/admin/vouchers/batches"),
            ("catalogue", "/admin/catalogue", "/admin/catalogue"),
            ("texts", "/admin/catalogue/{code}/texts", "/admin/catalogue/complete/texts"),
            ("price", "/admin/catalogue/{code}/price", "/admin/catalogue/complete/price"),
            (
                "price-end",
                "/admin/catalogue/{code}/end",
                "/admin/catalogue/complete/end?quantity=12",
            ),
            ("offer", "/admin/catalogue/{code}/offer", "/admin/catalogue/complete/offer"),
            ("withdraw", "/admin/catalogue/{code}/withdraw", "/admin/catalogue/complete/withdraw"),
            ("legal", "/admin/legal", "/admin/legal"),
            ("actions", "/admin/actions", "/admin/actions?state=waiting"),
            ("action", "/admin/actions/{number}/retry", "/admin/actions/1/retry"),
            ("mails", "/admin/mails", "/admin/mails"),
            ("mail", "/admin/mails/{number}", "/admin/mails/1"),
            ("mail-retry", "/admin/mails/{number}/retry", "/admin/mails/1/retry"),
        )
    ),
    Screen("admin-gateway", "/admin/webhooks/{name}/retry", desk.gateway),
    Screen("admin-webhooks", "/admin/webhooks", _at("operator", "/admin/webhooks")),
    Screen("admin-voucher-batch", "/admin/vouchers/batches/{number}", desk.batch),
    Screen("admin-hub", "/admin/accounts/{number}/hubs/{hub}/revoke", desk.hub),
    Screen("admin-statement", "/admin/statements/{number}", desk.statement),
    Screen("admin-line", "/admin/work-list/{number}", desk.line),
    Screen("admin-line-ignore", "/admin/work-list/{number}/ignore", desk.ignore),
    Screen("admin-payment-faulty", "/admin/payments", desk.faulty),
    Screen("admin-texts-look", "/admin/catalogue/{code}/texts", desk.texts),
    Screen("admin-legal-version", "/admin/legal/{version}", desk.version),
    Screen("admin-refund-look", "/admin/accounts/{number}/refund", desk.payout),
    Screen("admin-correct-look", "/admin/accounts/{number}/correct", desk.debt),
    Screen("admin-correct-other", "/admin/accounts/{number}/correct", desk.other_than_booked),
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
        Screen(
            f"account-{name}-faulty",
            f"/account/{name}",
            accounts.wrong_password(f"/account/{name}"),
        )
        for name in ("password", "email", "delete")
    ),
    Screen("account-email-confirm", "/account/email/confirm", accounts.email_confirm),
    Screen("account-email-stop", "/account/email/stop", accounts.email_stop),
    *(
        Screen(path[1:].replace("/", "-"), path, _at("regular", path))
        for path in ("/account/email/sent", "/account/email/done", "/account/email/stopped")
    ),
    Screen("account-factor", FACTOR, _at("newcomer", FACTOR)),
    Screen("account-factor-faulty", FACTOR, accounts.wrong_password(FACTOR)),
    Screen("account-factor-on", "/account", factor.on("/account")),
    Screen("account-factor-codes", f"{FACTOR}/codes", factor.on(f"{FACTOR}/codes")),
    Screen("account-factor-off", f"{FACTOR}/off", factor.on(f"{FACTOR}/off")),
    Screen("account-factor-off-faulty", f"{FACTOR}/off", factor.off_faulty),
    Screen("login-code", "/login/code", factor.step),
    Screen("login-code-refused", "/login/code", factor.step_refused),
    Screen("login-code-recovery", "/login/code", factor.step_recovery),
    Screen("admin-account-factor", "/admin/accounts/{number}", factor.seen_by_the_operator),
    Screen("admin-factor-off", "/admin/accounts/{number}/second-factor/off", factor.withdraw),
    Screen("account-deleted", "/account/deleted", _at("stranger", "/account/deleted")),
    Screen("booking-checkout", "/booking/checkout", _at("from_hub", "/booking/checkout")),
)
