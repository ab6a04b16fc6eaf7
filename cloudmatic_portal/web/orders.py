"""An order: what was bought, how to pay it, what becomes of it; and cancelling it."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup

from cloudmatic_portal.app_keys import CLOCK, DATABASE, SETTINGS
from cloudmatic_portal.domain.errors import OrderCannot, OrderUnknown
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import invoices, orders, sessions, standing_order
from cloudmatic_portal.web import cookies, forms, girocode, paypal_standing, places, render
from cloudmatic_portal.web.sessions import with_booking, with_login


async def _show(request: web.Request, session: Session) -> web.Response:
    return await _page(request, session)


async def _ask(request: web.Request, session: Session) -> web.Response:
    """Ask once more before an order is cancelled. Changes nothing."""
    order = await find(request, session)
    if not order.can("cancelled"):
        return places.see(request, f"orders/{order.number}")
    return render.page(request, "orders/cancel.html", order=order, session=session)


async def _cancel(request: web.Request, session: Session) -> web.Response:
    await forms.read(request)
    order = await find(request, session)
    now = request.app[CLOCK]()
    try:
        await orders.cancel(request.app[DATABASE], session.account_id, order.reference, now)
    except OrderCannot as refused:
        return await _page(request, session, refused=refused)
    return places.see(request, f"orders/{order.number}")


show_mine = with_login(_show)
ask_mine = with_login(_ask)
cancel_mine = with_login(_cancel)
show_booking = with_booking(_show)
ask_booking = with_booking(_ask)
cancel_booking = with_booking(_cancel)


async def find(request: web.Request, session: Session) -> Order:
    """The order of the address, if this session may see it. Raises OrderUnknown."""
    number = request.match_info["number"]
    token = cookies.session_token(request, session.kind)
    if session.kind == "booking" and token is not None:
        of_session = sessions.token_hash(token)
        if not await orders.made_in(request.app[DATABASE], number, of_session):
            raise OrderUnknown(number)
    return await orders.show(
        request.app[DATABASE], session.account_id, number, request.app[CLOCK]()
    )


async def _page(
    request: web.Request, session: Session, *, refused: OrderCannot | None = None
) -> web.Response:
    order, bank = await find(request, session), request.app[SETTINGS].bank
    # A booking-only session sees neither address nor invoice.
    mine = session.kind == "login"
    return render.page(
        request,
        "orders/show.html",
        status=200 if refused is None else 409,
        order=order,
        bank=bank,
        girocode=_girocode(order, bank),
        paypal=await paypal_standing.of_request(request, order),
        paypal_remark=paypal_standing.remark(request),
        subscription=await standing_order.subscription_of(request.app[DATABASE], order),
        invoices=await invoices.of_order(request.app[DATABASE], order) if mine else (),
        address_wanted=mine and await invoices.wants_address(request.app[DATABASE], order),
        refused=refused,
        session=session,
    )


def _girocode(order: Order, bank: BankAccount | None) -> Markup | None:
    """The code that pays what is due, if anything is."""
    if bank is None or not order.due.cents:
        return None
    return girocode.svg(bank, order.due, order.transfer_number)
