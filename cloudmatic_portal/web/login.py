"""Log in and out."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from cloudmatic_link.formats import PRODUCT
from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.errors import LoginRefused
from cloudmatic_portal.services import login, sessions
from cloudmatic_portal.services.login import Credentials
from cloudmatic_portal.web import cookies, forms, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import with_glance

_PAGES: Final = re.compile(
    "dashboard|cart|checkout|orders/[A-Za-z0-9-]{9,11}(/cancel)?"
    rf"|products(\?product={PRODUCT.pattern})?"
    rf"|products/{PRODUCT.pattern}(\?quantity=[0-9]{{1,6}}&kind=(single|subscription))?"
)
"""Where a login may lead to; anything else leads to the dashboard."""


def address(wanted: str) -> str:
    """The login that leads to the page `wanted` afterwards."""
    return f"/login?{urlencode({'next': wanted})}"


@with_glance
async def show(request: web.Request) -> web.Response:
    return _page(request, name="", wanted=request.query.get("next", ""))


@with_glance
async def submit(request: web.Request) -> web.Response:
    form = await forms.read(request)
    try:
        token = await _log_in(request, form)
    except LoginRefused:
        name, wanted = form.get("name", ""), form.get("next", "")
        return _page(request, name=name, wanted=wanted, refused=True)
    response = web.Response(status=303, headers={"Location": f"/{_next(form.get('next', ''))}"})
    cookies.set_session(request, response, "login", token)
    return response


async def leave(request: web.Request) -> web.Response:
    await forms.read(request)
    token = cookies.session_token(request, "login")
    if token is not None:
        await sessions.end(request.app[DATABASE], token)
    response = web.Response(status=303, headers={"Location": "/"})
    cookies.delete_session(request, response, "login")
    return response


async def _log_in(request: web.Request, form: Form) -> str:
    return await login.login(
        request.app[DATABASE],
        request.app[SECRETS],
        Credentials(form.get("name", ""), form.get("password", "")),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
        former=cookies.session_token(request, "login"),
    )


def _page(request: web.Request, *, name: str, wanted: str, refused: bool = False) -> web.Response:
    return render.page(
        request,
        "login/show.html",
        status=403 if refused else 200,
        name=name,
        next=_next(wanted),
        refused=refused,
    )


def _next(wanted: str) -> str:
    return wanted if _PAGES.fullmatch(wanted) else "dashboard"
