"""Every address of the portal."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_link.api import (
    DEVICE_PATH,
    DEVICE_TOKEN_PATH,
    ENTRY_PATH,
    HUB_PATH,
    HUBS_PATH,
    PAIR_PATH,
    PRODUCTS_PATH,
    RELEASE_PATH,
    STATUS_PATH,
)
from cloudmatic_portal.web import (
    account,
    cart,
    checkout,
    dashboard,
    declarations,
    email_change,
    entry,
    hubs,
    legal,
    login,
    mail_entry,
    orders,
    package,
    pair,
    password,
    paypal,
    privacy,
    products,
    register,
    start,
    subscriptions,
)
from cloudmatic_portal.web.admin.routes import ADMIN_ROUTES
from cloudmatic_portal.web.api import access, devices, releases
from cloudmatic_portal.web.api import hubs as hubs_api
from cloudmatic_portal.web.api import paypal as paypal_webhooks
from cloudmatic_portal.web.health import HEALTH
from cloudmatic_portal.web.places import MAIL_ENTRY_PATH, WEBHOOK_PATH
from cloudmatic_portal.web.render import STATIC

ROUTES: Final[tuple[web.AbstractRouteDef, ...]] = (
    web.get("/", start.show),
    web.get(PRODUCTS_PATH, products.show_mine),
    web.get(f"{PRODUCTS_PATH}/{{code}}", package.show_mine),
    web.post(f"{PRODUCTS_PATH}/{{code}}", package.put_mine),
    web.get("/login", login.show),
    web.post("/login", login.submit),
    web.post("/logout", login.leave),
    web.get("/logout-everywhere", login.show_everywhere),
    web.post("/logout-everywhere", login.leave_everywhere),
    web.get("/password", password.show),
    web.post("/password", password.ask),
    web.get("/password/sent", password.show_sent),
    web.get("/password/new", password.show_new),
    web.post("/password/new", password.choose),
    web.get("/register", register.show),
    web.post("/register", register.submit),
    web.get("/register/sent", register.show_sent),
    web.get("/register/confirm", register.show_confirm),
    web.post("/register/confirm", register.confirm),
    web.get("/dashboard", dashboard.show),
    web.get("/account", account.show),
    web.post("/account/language", account.speak),
    web.get("/account/name", account.show_name),
    web.post("/account/name", account.rename),
    web.get("/account/password", account.show_password),
    web.post("/account/password", account.change_password),
    web.get("/account/email", email_change.show),
    web.post("/account/email", email_change.ask),
    web.get("/account/email/sent", email_change.show_sent),
    web.get("/account/email/confirm", email_change.show_confirm),
    web.post("/account/email/confirm", email_change.confirm),
    web.get("/account/email/done", email_change.show_done),
    web.get("/account/email/stop", email_change.show_stop),
    web.post("/account/email/stop", email_change.stop),
    web.get("/account/email/stopped", email_change.show_stopped),
    web.get("/account/data", privacy.show),
    web.get("/account/data.html", privacy.download_html),
    web.get("/account/data.json", privacy.download_json),
    web.get("/account/delete", privacy.show_delete),
    web.post("/account/delete", privacy.delete),
    web.get("/account/deleted", privacy.show_deleted),
    web.get("/cart", cart.show_mine),
    web.post("/cart", cart.update_mine),
    web.get("/checkout", checkout.show_mine),
    web.post("/checkout", checkout.buy_mine),
    web.get("/orders/{number}", orders.show_mine),
    web.get("/orders/{number}/cancel", orders.ask_mine),
    web.post("/orders/{number}/cancel", orders.cancel_mine),
    web.post("/orders/{number}/paypal", paypal.pay_mine),
    web.get("/orders/{number}/paypal", paypal.back_mine),
    *(
        web.get(f"/subscriptions/{{number}}/{step}", subscriptions.ask(step))
        for step in subscriptions.STEPS
    ),
    *(
        web.post(f"/subscriptions/{{number}}/{step}", subscriptions.do(step))
        for step in subscriptions.STEPS
    ),
    web.get("/subscriptions/{number}/change", subscriptions.show_change),
    web.post("/subscriptions/{number}/change", subscriptions.change),
    web.get("/subscriptions/{number}/standing-order", subscriptions.show_standing_order),
    web.get(PAIR_PATH, pair.show),
    web.post(PAIR_PATH, pair.look),
    web.post(f"{PAIR_PATH}/decide", pair.decide),
    web.get(f"{PAIR_PATH}/done", pair.show_done),
    web.get(f"{PAIR_PATH}/refused", pair.show_refused),
    web.get("/hubs/{number}/revoke", hubs.ask),
    web.post("/hubs/{number}/revoke", hubs.revoke),
    *(web.get(path, legal.show(name)) for name, path in legal.PATHS.items()),
    *(web.get(path, declarations.show(kind)) for kind, path in declarations.PATHS.items()),
    *(web.post(path, declarations.declare(kind)) for kind, path in declarations.PATHS.items()),
    web.get(declarations.RECEIPT, declarations.show_receipt),
    web.get(f"{declarations.RECEIPT}.txt", declarations.download_receipt),
    # From here on a login has no say: the account is the one that the hub's link named.
    web.get(ENTRY_PATH, entry.confirm),
    web.post(ENTRY_PATH, entry.accept),
    web.get(MAIL_ENTRY_PATH, mail_entry.confirm),
    web.post(MAIL_ENTRY_PATH, mail_entry.accept),
    web.get("/booking/products", products.show_booking),
    web.get("/booking/products/{code}", package.show_booking),
    web.post("/booking/products/{code}", package.put_booking),
    web.get("/booking/cart", cart.show_booking),
    web.post("/booking/cart", cart.update_booking),
    web.get("/booking/checkout", checkout.show_booking),
    web.post("/booking/checkout", checkout.buy_booking),
    web.get("/booking/orders/{number}", orders.show_booking),
    web.get("/booking/orders/{number}/cancel", orders.ask_booking),
    web.post("/booking/orders/{number}/cancel", orders.cancel_booking),
    web.post("/booking/orders/{number}/paypal", paypal.pay_booking),
    web.get("/booking/orders/{number}/paypal", paypal.back_booking),
    *ADMIN_ROUTES,
    # The API for hubs.
    web.post(HUBS_PATH, hubs_api.enrol),
    web.get(STATUS_PATH, hubs_api.show_status),
    web.delete(HUB_PATH, hubs_api.leave),
    web.post(DEVICE_PATH, devices.begin),
    web.post(DEVICE_TOKEN_PATH, devices.ask),
    web.get(RELEASE_PATH, releases.show_latest),
    # For gateways, PayPal, balancers.
    web.get(access.PATH, access.show),
    web.post(WEBHOOK_PATH, paypal_webhooks.receive),
    *HEALTH,
    web.static("/static", STATIC),
)
