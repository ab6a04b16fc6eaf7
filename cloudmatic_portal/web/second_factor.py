"""The second factor on the customer's own pages: set up, new recovery codes, switched off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import (
    CLOCK,
    DATABASE,
    MAIL_DELIVERY,
    RANDOM_BYTES,
    SECRETS,
    SETTINGS,
)
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    LoginRefused,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorRefused,
    TooManyAttempts,
)
from cloudmatic_portal.domain.second_factor import grouped
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import second_factor
from cloudmatic_portal.services.second_factor import Keys, Offer, Wish
from cloudmatic_portal.web import account, clients, cookies, factors, forms, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import with_login

PATH: Final = "/account/second-factor"
_CODES: Final = "account/factor_codes.html"
_OFF: Final = "account/factor_off.html"
_UNPROVEN: Final = (LoginRefused, SecondFactorRefused, TooManyAttempts)


def keys(request: web.Request) -> Keys:
    return Keys(request.app[SECRETS], request.app[SETTINGS].secret)


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    """Changes nothing: the secret that is shown goes with the form, and is kept by nobody yet."""
    if await second_factor.state(request.app[DATABASE], session.account_id) is not None:
        return _back()
    made = second_factor.offer(keys(request), _token(request), request.app[RANDOM_BYTES])
    return _setup_page(request, session, made)


@with_login
async def switch_on(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    made = second_factor.offered(keys(request), _token(request), form.get("offer", ""))
    try:
        codes = await second_factor.switch_on(
            request.app[DATABASE],
            keys(request),
            _wish(request, session, form),
            made,
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except SecondFactorOn:
        return _back()
    except (FieldsUnfit, LoginRefused, TooManyAttempts) as error:
        return _setup_page(request, session, made, error)
    response = _show_codes(request, codes, first=True)
    clients.remember_device(request, response, session.account_id)
    return response


@with_login
async def show_codes(request: web.Request, session: Session) -> web.Response:
    return await _ask(request, session, _CODES)


@with_login
async def make_codes(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    try:
        codes = await second_factor.new_codes(
            request.app[DATABASE],
            keys(request),
            _wish(request, session, form),
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except SecondFactorOff:
        return _back()
    except _UNPROVEN as error:
        return account.page(request, _CODES, error=error)
    return _show_codes(request, codes, first=False)


@with_login
async def show_off(request: web.Request, session: Session) -> web.Response:
    return await _ask(request, session, _OFF)


@with_login
async def switch_off(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    wish, now = _wish(request, session, form), request.app[CLOCK]()
    try:
        await second_factor.switch_off(request.app[DATABASE], keys(request), wish, now)
    except SecondFactorOff:
        return _back()
    except _UNPROVEN as error:
        return account.page(request, _OFF, error=error)
    request.app[MAIL_DELIVERY].nudge()
    return account.saved()


def _wish(request: web.Request, session: Session, form: Form) -> Wish:
    proof = account.proof(request, session, form)
    return Wish(proof, clients.visitor(request), form.get("code", ""))


def _token(request: web.Request) -> str:
    return cookies.session_token(request, "login") or ""


def _setup_page(
    request: web.Request, session: Session, made: Offer, error: Exception | None = None
) -> web.Response:
    shown = factors.shown(made.secret, session.user_name)
    return account.page(
        request, "account/factor_on.html", error=error, factor=shown, offer=made.sealed
    )


async def _ask(request: web.Request, session: Session, template: str) -> web.Response:
    """The page for who has a factor; others are led to the account."""
    if await second_factor.state(request.app[DATABASE], session.account_id) is None:
        return _back()
    return account.page(request, template)


def _show_codes(request: web.Request, codes: Sequence[str], *, first: bool) -> web.Response:
    """At once and only now: with an address of its own the page could be looked at again."""
    request.app[MAIL_DELIVERY].nudge()
    now = request.app[CLOCK]()
    shown = [grouped(code) for code in codes]
    return render.page(request, "account/factor_recovery.html", codes=shown, first=first, now=now)


def _back() -> web.Response:
    return web.Response(status=303, headers={"Location": account.PATH})
