"""The checkout: the last look at everything, and "Jetzt kaufen"."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, LEGAL, MAIL_DELIVERY, RANDOM_BYTES, SETTINGS
from cloudmatic_portal.domain.errors import (
    CheckoutRefused,
    MethodNotOffered,
    PortalError,
    TermsChanged,
    VoucherRefused,
)
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.payment import PAYMENT_METHODS, PaymentMethod, methods_for
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import checkout, sessions
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.web import cart, cookies, forms, i18n, places, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import with_booking, with_login

_REVISION: Final = re.compile(r"[0-9]{1,9}")


async def _show(request: web.Request, session: Session) -> web.Response:
    return await _page(request, session)


async def _buy(request: web.Request, session: Session) -> web.Response:
    """Whatever has changed since the page was made leads back to it, and nothing is bought."""
    form = await forms.read(request)
    method = _method(form)
    try:
        purchase = _purchase(form, method, await _terms(request))
        reference = await checkout.buy(
            request.app[DATABASE],
            _buyer(request, session),
            purchase,
            bank=request.app[SETTINGS].bank,
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except (CheckoutRefused, VoucherRefused) as refused:
        return await _page(request, session, refused=refused, method=method)
    request.app[MAIL_DELIVERY].nudge()
    return places.see(request, f"orders/{grouped(reference)}")


show_mine = with_login(_show)
buy_mine = with_login(_buy)
show_booking = with_booking(_show)
buy_booking = with_booking(_buy)


def _method(form: Form) -> PaymentMethod | None:
    wanted = form.get("method", "")
    return next((each for each in PAYMENT_METHODS if each == wanted), None)


def _purchase(form: Form, method: PaymentMethod | None, terms: Terms | None) -> Purchase:
    """What was agreed to; what is no revision or method of ours is none that anybody has.

    Raises TermsChanged if the page showed other terms, or MethodNotOffered if there are none.
    """
    revision = form.get("revision", "")
    if terms is None:
        raise MethodNotOffered
    if form.get("terms", "") != terms.version:
        raise TermsChanged
    return Purchase(
        revision=int(revision) if _REVISION.fullmatch(revision) else -1,
        fingerprint=form.get("fingerprint", ""),
        method=method,
        terms=terms,
    )


def _buyer(request: web.Request, session: Session) -> Buyer:
    token = cookies.session_token(request, session.kind)
    booking = session.kind == "booking" and token is not None
    return Buyer(
        account_id=session.account_id,
        entered_by=session.kind,
        language=i18n.language_of(request),
        session_hash=sessions.token_hash(token) if booking and token else None,
    )


async def _terms(request: web.Request) -> Terms | None:
    texts = await request.app[LEGAL].texts()
    return texts.terms(i18n.language_of(request))


async def _page(
    request: web.Request,
    session: Session,
    *,
    refused: PortalError | None = None,
    method: PaymentMethod | None = None,
) -> web.Response:
    review = await checkout.review(request.app[DATABASE], session.account_id, request.app[CLOCK]())
    quote = review.quote
    if not quote.buyable:
        return (
            await cart.page(request, session, refused=refused)
            if refused
            else places.see(request, "cart")
        )
    bank = request.app[SETTINGS].bank is not None
    terms = await _terms(request)
    # Without terms that anybody could agree to nothing is sold.
    methods = (
        methods_for(quote.total.gross, subscribes=quote.subscribes, bank=bank) if terms else ()
    )
    return render.page(
        request,
        "checkout/show.html",
        status=200 if refused is None else 409,
        quote=quote,
        products=review.products,
        methods=methods,
        terms_version=terms.version if terms else "",
        method=method if len(methods) > 1 else next(iter(methods), None),
        refused=refused,
        session=session,
    )
