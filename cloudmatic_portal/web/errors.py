"""The pages for refusals and failures."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import REQUEST_ID
from cloudmatic_portal.domain.errors import TooManyAttempts
from cloudmatic_portal.web import i18n, places, remarks, render
from cloudmatic_portal.web.admin.refusals import ADMIN_REFUSALS
from cloudmatic_portal.web.refusal import Refusal
from cloudmatic_portal.web.refusals import HTTP_REFUSALS, REFUSALS
from cloudmatic_portal.web.sessions import identify


def refusal_of(error: Exception, *, admin: bool = False) -> Refusal:
    """The page for `error`; what nobody thought of is a failure of ours."""
    if admin and type(error) in ADMIN_REFUSALS:
        return ADMIN_REFUSALS[type(error)]
    return REFUSALS.get(type(error), HTTP_REFUSALS[500])


async def refused(request: web.Request, error: Exception) -> web.Response:
    """Tell why a booking link or a form was refused, and that nothing changed.

    If this browser still holds a booking session, its cart is offered.
    """
    refusal = refusal_of(error, admin=places.is_admin(request))
    page = render.page(
        request,
        "errors/refused.html",
        status=refusal.status,
        refusal=refusal,
        facts=remarks.facts(error, i18n.language_of(request)),
        cart_of=None if places.is_admin(request) else await identify(request, "booking"),
        unchanged=True,
        number=None,
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
        number=request.get(REQUEST_ID) if status == 500 else None,
    )
