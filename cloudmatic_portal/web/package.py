"""The package window: one product, single booking or subscription, the term, into the cart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from cloudmatic_link.claims import BOOKING_KINDS, BookingKind
from cloudmatic_link.formats import PRODUCT
from cloudmatic_portal.app_keys import CLOCK, DATABASE, LOGIN, PAYPAL
from cloudmatic_portal.domain.access import next_days
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.catalogue import USUAL_KIND
from cloudmatic_portal.domain.errors import BookingRefused, ProductNotSold, ProductUnknown
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import cart, catalogue
from cloudmatic_portal.web import forms, login, places, products, render
from cloudmatic_portal.web.sessions import with_booking, with_glance, with_login

_QUANTITY: Final = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was ticked, as far as it can be read."""

    quantity: int | None = None
    kind: BookingKind | None = None

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Choice:
        quantity, kind = fields.get("quantity", ""), fields.get("kind", "")
        return cls(
            int(quantity) if _QUANTITY.fullmatch(quantity) else None,
            next((each for each in BOOKING_KINDS if each == kind), None),
        )


@with_glance
async def show_mine(request: web.Request) -> web.Response:
    return await _page(request, request[LOGIN], Choice.read(request.query))


@with_booking
async def show_booking(request: web.Request, session: Session) -> web.Response:
    return await _page(request, session, Choice())


async def _put(request: web.Request, session: Session) -> web.Response:
    choice = Choice.read(await forms.read(request))
    if choice.quantity is None or choice.kind is None:
        return await _page(request, session, choice, status=422)
    wish = Wish(_code(request), choice.quantity, choice.kind)
    try:
        await cart.put(request.app[DATABASE], session.account_id, wish, request.app[CLOCK]())
    except BookingRefused as refused:
        return await _page(request, session, choice, status=409, refused=refused)
    return places.see(request, "cart")


_put_logged_in = with_login(_put)
put_booking = with_booking(_put)


@with_glance
async def put_mine(request: web.Request) -> web.StreamResponse:
    """Whoever is not logged in is led to the login, and back with what was chosen."""
    if request[LOGIN] is not None:
        return await _put_logged_in(request)
    choice = Choice.read(await forms.read(request))
    wanted = f"products/{_code(request)}"
    if choice.quantity is not None and choice.kind is not None:
        wanted += f"?quantity={choice.quantity}&kind={choice.kind}"
    return web.Response(status=303, headers={"Location": login.address(wanted)})


def _code(request: web.Request) -> str:
    """The product of the address. What no product is called is no address of ours."""
    code = request.match_info["code"]
    if not PRODUCT.fullmatch(code):
        raise web.HTTPNotFound
    return code


async def _page(
    request: web.Request,
    session: Session | None,
    choice: Choice,
    *,
    status: int = 200,
    refused: BookingRefused | None = None,
) -> web.Response:
    """The window with `choice` ticked; what was left open has a sentence beside it."""
    today = berlin_day(request.app[CLOCK]())
    try:
        product, periods = await catalogue.product(
            request.app[DATABASE],
            session.account_id if session else None,
            _code(request),
            today,
        )
    except ProductUnknown as error:
        raise web.HTTPNotFound from error
    except ProductNotSold as error:
        return await products.page(request, refused=error)
    terms = product.terms_on(today)
    return render.page(
        request,
        "package/show.html",
        status=status,
        product=product,
        terms=terms,
        days={each.quantity: next_days(periods, each.quantity, today) for each in terms}
        if product.kind == "package"
        else {},
        quantity=choice.quantity
        or (None if status == 422 else product.term_for(None, today).quantity),
        kind=choice.kind or (None if status == 422 else USUAL_KIND),
        missing=status == 422,
        refused=refused,
        session=session,
        today=today,
        by_paypal=PAYPAL in request.app,
        running=any(period.runs_on(today) for period in periods),
        login_address=login.address(f"products/{product.code}"),
    )
