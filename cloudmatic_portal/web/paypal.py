"""To PayPal and back."""

from __future__ import annotations

import logging

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    MAIL_DELIVERY,
    PAYPAL,
    SETTINGS,
)
from cloudmatic_portal.domain.errors import (
    PayPalBusy,
    PayPalError,
    PayPalNotOffered,
    PayPalRefused,
)
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services.paypal import agreements, checkouts, standing
from cloudmatic_portal.services.paypal.checkouts import Way
from cloudmatic_portal.web import forms, orders, places
from cloudmatic_portal.web.paypal_standing import FIELD, Remark
from cloudmatic_portal.web.sessions import with_booking, with_login

_logger = logging.getLogger(__name__)


async def lead(request: web.Request, session: Session, order: Order) -> web.Response:
    """Lead the customer to PayPal; to the page of the order where that cannot be."""
    paypal = request.app.get(PAYPAL)
    if paypal is None:
        raise PayPalNotOffered
    address = f"{request.app[SETTINGS].origin}{places.base(request)}/orders/{order.number}"
    way = Way(session.kind, f"{address}/paypal", f"{address}?{FIELD}=cancelled")
    begin = agreements.begin if standing.offer(order) == "agree" else checkouts.begin
    try:
        approval = await begin(request.app[DATABASE], paypal, order, way, request.app[CLOCK]())
    except PayPalError as error:
        return _to_order(request, order, error)
    if approval is None:
        return _to_order(request, order)
    return web.Response(status=303, headers={"Location": approval})


async def _pay(request: web.Request, session: Session) -> web.Response:
    await forms.read(request)
    order = await orders.find(request, session)
    return await lead(request, session, order)


async def _back(request: web.Request, session: Session) -> web.Response:
    """Back from PayPal. What the address says is not believed: PayPal is asked about this order.

    That changes something, though it is a GET; but nothing that the customer has not agreed to,
    and once only, however often the address is asked for.
    """
    order = await orders.find(request, session)
    paypal = request.app.get(PAYPAL)
    if paypal is None:
        raise PayPalNotOffered
    database, now = request.app[DATABASE], request.app[CLOCK]()
    try:
        await checkouts.settle_order(database, paypal, order.order_id, now)
        await agreements.sync_order(database, paypal, order.order_id, now)
    except PayPalError as error:
        return _to_order(request, order, error)
    request.app[MAIL_DELIVERY].nudge()
    return _to_order(request, order)


pay_mine = with_login(_pay)
back_mine = with_login(_back)
pay_booking = with_booking(_pay)
back_booking = with_booking(_back)


def _to_order(request: web.Request, order: Order, error: PayPalError | None = None) -> web.Response:
    if error is None or isinstance(error, PayPalBusy):
        return places.see(request, f"orders/{order.number}")
    _logger.warning("PayPal for %s: %s: %s", order.number, error.reason, error)
    said: Remark = "refused" if isinstance(error, PayPalRefused) else "later"
    return places.see(request, f"orders/{order.number}?{FIELD}={said}")
