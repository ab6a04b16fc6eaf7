"""The cart: the same for a login and for a booking-only session, at two addresses."""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, PAYPAL
from cloudmatic_portal.domain.errors import (
    CheckoutRefused,
    PortalError,
    TooManyAttempts,
    VoucherRefused,
)
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import cart
from cloudmatic_portal.services.cart import TypedCode
from cloudmatic_portal.web import clients, forms, places, render
from cloudmatic_portal.web.sessions import with_booking, with_login


async def _show(request: web.Request, session: Session) -> web.Response:
    return await page(request, session)


async def _update(request: web.Request, session: Session) -> web.Response:
    """Whichever button was pressed: take out what is ticked, redeem what is typed, and go on.

    So nobody buys an article that they ticked to be removed, or without the voucher they typed.
    """
    form = await forms.read(request)
    removed, withdrawn = set(form.getall("remove", ())), set(form.getall("withdraw", ()))
    typed, pressed = form.get("voucher", ""), form.get("do", "update")
    # Who presses "redeem" and has typed nothing is told so, unless Enter was meant for a tick.
    meant = typed.strip() or (pressed == "redeem" and not removed | withdrawn)
    try:
        await cart.update(
            request.app[DATABASE],
            session.account_id,
            products=removed,
            vouchers=withdrawn,
            typed=TypedCode(typed, clients.network(request)) if meant else None,
            now=request.app[CLOCK](),
        )
    except (VoucherRefused, TooManyAttempts) as refused:
        ticked = removed | withdrawn
        return await page(request, session, refused=refused, typed=typed, ticked=ticked)
    return places.see(request, "checkout" if pressed == "buy" else "cart")


show_mine = with_login(_show)
update_mine = with_login(_update)
show_booking = with_booking(_show)
update_booking = with_booking(_update)


async def page(
    request: web.Request,
    session: Session,
    *,
    refused: PortalError | None = None,
    typed: str = "",
    ticked: Collection[str] = (),
) -> web.Response:
    """The cart as it is; `refused` says what was not done, and what was entered is kept."""
    quote = await cart.show(request.app[DATABASE], session.account_id, request.app[CLOCK]())
    return render.form_page(
        request,
        "cart/show.html",
        status=200 if refused is None else 409,
        wait=refused.seconds if isinstance(refused, TooManyAttempts) else 0,
        quote=quote,
        session=session,
        voucher_refused=refused if isinstance(refused, VoucherRefused) else None,
        notice=refused if isinstance(refused, CheckoutRefused) else None,
        typed=typed[:64],
        ticked=ticked,
        paypal=PAYPAL in request.app,
    )
