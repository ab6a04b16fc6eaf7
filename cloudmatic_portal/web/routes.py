"""Every address of the portal."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_link.api import ENTRY_PATH, HUBS_PATH, PRODUCTS_PATH, RELEASE_PATH, STATUS_PATH
from cloudmatic_portal.web import (
    billing,
    cart,
    checkout,
    dashboard,
    entry,
    invoices,
    login,
    mail_entry,
    orders,
    package,
    password,
    products,
    register,
    start,
    subscriptions,
)
from cloudmatic_portal.web.api import hubs, releases
from cloudmatic_portal.web.places import MAIL_ENTRY_PATH
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
    web.get("/account/billing", billing.show),
    web.post("/account/billing", billing.save),
    web.get("/invoices/{number}", invoices.download),
    web.get("/cart", cart.show_mine),
    web.post("/cart", cart.update_mine),
    web.get("/checkout", checkout.show_mine),
    web.post("/checkout", checkout.buy_mine),
    web.get("/orders/{number}", orders.show_mine),
    web.get("/orders/{number}/cancel", orders.ask_mine),
    web.post("/orders/{number}/cancel", orders.cancel_mine),
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
    # The API for hubs.
    web.post(HUBS_PATH, hubs.enrol),
    web.get(STATUS_PATH, hubs.show_status),
    web.get(RELEASE_PATH, releases.show_latest),
    web.static("/static", STATIC),
)
