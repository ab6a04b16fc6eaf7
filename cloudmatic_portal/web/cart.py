"""The cart: the same for a login and for a booking-only session, at two addresses."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import cart
from cloudmatic_portal.web import forms, render
from cloudmatic_portal.web.sessions import with_booking, with_login


async def _show(request: web.Request, session: Session) -> web.Response:
    quote = await cart.show(request.app[DATABASE], session.account_id, request.app[CLOCK]())
    return render.page(request, "cart/show.html", cart=quote, session=session)


async def _update(request: web.Request, session: Session) -> web.Response:
    """Take out what was ticked, and show the cart again."""
    form = await forms.read(request)
    await cart.remove(request.app[DATABASE], session.account_id, set(form.getall("remove", ())))
    return web.Response(status=303, headers={"Location": request.path})


show_mine = with_login(_show)
update_mine = with_login(_update)
show_booking = with_booking(_show)
update_booking = with_booking(_update)
