"""The pages for refusals and failures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from cloudmatic_portal.domain.errors import TooManyAttempts
from cloudmatic_portal.web import formats, i18n, render
from cloudmatic_portal.web.refusals import HTTP_REFUSALS, REFUSALS, Refusal
from cloudmatic_portal.web.sessions import identify


def refusal_of(error: Exception) -> Refusal:
    """The page for `error`; what nobody thought of is a failure of ours."""
    return REFUSALS.get(type(error), HTTP_REFUSALS[500])


async def refused(request: web.Request, error: Exception) -> web.Response:
    """Tell why a booking link or a form was refused, and that nothing changed.

    If this browser still holds a booking session, its cart is offered.
    """
    refusal = refusal_of(error)
    page = render.page(
        request,
        "errors/refused.html",
        status=refusal.status,
        refusal=refusal,
        facts=_facts(error, request),
        cart_of=await identify(request, "booking"),
        unchanged=True,
    )
    if isinstance(error, TooManyAttempts):
        page.headers["Retry-After"] = str(error.seconds)
    return page


def failed(request: web.Request, status: int) -> web.Response:
    """The page for an HTTP status; asks no database, which may be what failed."""
    nearest = HTTP_REFUSALS[500] if status >= 500 else HTTP_REFUSALS[400]
    return render.page(
        request,
        "errors/refused.html",
        status=status,
        refusal=HTTP_REFUSALS.get(status, nearest),
        facts={},
        cart_of=None,
        unchanged=False,
    )


def _facts(error: Exception, request: web.Request) -> Mapping[str, str]:
    return {name: _written(value, request) for name, value in vars(error).items()}


def _written(value: object, request: web.Request) -> str:
    if isinstance(value, datetime):
        return formats.moment(value, i18n.language_of(request))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
