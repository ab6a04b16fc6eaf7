"""The checkout: the last look at everything, and "Jetzt kaufen"."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    LEGAL,
    MAIL_DELIVERY,
    PAYPAL,
    RANDOM_BYTES,
    SETTINGS,
)
from cloudmatic_portal.domain.errors import (
    CheckoutRefused,
    MethodNotOffered,
    PortalError,
    TermsChanged,
    VoucherRefused,
)
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import PAYMENT_METHODS, PaymentMethod, methods_for
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import checkout, orders, sessions
from cloudmatic_portal.services.checkout import Buyer, Purchase, Review
from cloudmatic_portal.web import (
    cart,
    cookies,
    forms,
    i18n,
    paypal,
    paypal_standing,
    places,
    render,
)
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import with_booking, with_login

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


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
            paypal=PAYPAL in request.app,
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except (CheckoutRefused, VoucherRefused) as refused:
        return await _page(request, session, refused=refused, method=method)
    request.app[MAIL_DELIVERY].nudge()
    if purchase.method in {"paypal", "paypal_agreement"}:
        order = await orders.show(
            request.app[DATABASE], session.account_id, reference, request.app[CLOCK]()
        )
        return await paypal.lead(request, session, order)
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
    if terms is None:
        raise MethodNotOffered
    if form.get("terms", "") != terms.version:
        raise TermsChanged
    return Purchase(
        revision=_number(form, "revision"),
        fingerprint=form.get("fingerprint", ""),
        method=method,
        terms=terms,
        from_balance=Money(_number(form, "from_balance")),
    )


def _number(form: Form, name: str) -> int:
    """What the field says; -1 if that is no number."""
    text = form.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else -1


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
    terms = await _terms(request)
    # Without terms that anybody could agree to nothing is sold.
    methods = _methods(request, review) if terms else ()
    paypal_standing.allow(request)
    return render.page(
        request,
        "checkout/show.html",
        status=200 if refused is None else 409,
        quote=quote,
        review=review,
        products=review.products,
        methods=methods,
        terms_version=terms.version if terms else "",
        method=method if len(methods) > 1 else next(iter(methods), None),
        refused=refused,
        session=session,
    )


def _methods(request: web.Request, review: Review) -> tuple[PaymentMethod, ...]:
    return methods_for(
        review.quote.total.gross,
        subscribes=review.quote.subscribes,
        bank=request.app[SETTINGS].bank is not None,
        from_balance=review.from_balance,
        paypal=PAYPAL in request.app,
        agreement=checkout.agreed_again(review.quote),
    )
