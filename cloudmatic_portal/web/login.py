"""Log in and out, here and everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from cloudmatic_link.api import CODE_FIELD
from cloudmatic_link.formats import PRODUCT
from cloudmatic_link.pairing import USER_CODE
from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.errors import LoginRefused, TooManyAttempts
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import login, sessions
from cloudmatic_portal.services.login import Credentials, LoggedIn, StepDue
from cloudmatic_portal.web import clients, cookies, forms, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import with_glance, with_login

_PAGES: Final = re.compile(
    rf"pair(\?{CODE_FIELD}={USER_CODE.pattern})?|"
    "dashboard|cart|checkout|orders/[A-Za-z0-9-]{9,11}(/cancel)?"
    r"|subscriptions/[1-9][0-9]{0,17}/standing-order"
    r"|account(/(name|email|password|data|delete|second-factor(/(codes|off))?))?(\?saved=1)?"
    rf"|products(\?product={PRODUCT.pattern})?"
    rf"|products/{PRODUCT.pattern}(\?quantity=[0-9]{{1,6}}&kind=(single|subscription))?"
)
"""Where a login may lead to; anything else leads to the dashboard."""


SECOND_STEP: Final = "/login/code"


def address(wanted: str) -> str:
    """The login that leads to the page `wanted` afterwards."""
    return f"/login?{urlencode({'next': wanted})}"


def page_after(wanted: str) -> str:
    """The page that a login leads to which asked for `wanted`."""
    return wanted if _PAGES.fullmatch(wanted) else "dashboard"


def enter(request: web.Request, entered: LoggedIn | StepDue, wanted: str) -> web.Response:
    """Let this browser be logged in, know it from now on, and go where it wanted to; or let it be
    asked for the second factor before.
    """
    if isinstance(entered, StepDue):
        location = f"{SECOND_STEP}?{urlencode({'next': page_after(wanted)})}"
        response = web.Response(status=303, headers={"Location": location})
        cookies.set_step(request, response, entered.token)
        return response
    location = f"/{page_after(wanted)}"
    response = web.Response(status=303, headers={"Location": location})
    cookies.set_session(request, response, "login", entered.token)
    clients.remember_device(request, response, entered.account_id)
    return response


@with_glance
async def show(request: web.Request) -> web.Response:
    return _page(request, name="", wanted=request.query.get("next", ""))


@with_glance
async def submit(request: web.Request) -> web.Response:
    form = await forms.read(request)
    name, wanted = form.get("name", ""), form.get("next", "")
    missing = [each for each in ("name", "password") if not form.get(each, "").strip()]
    if missing:
        return _page(request, name=name, wanted=wanted, missing=missing)
    try:
        entered = await _log_in(request, form)
    except LoginRefused:
        return _page(request, name=name, wanted=wanted, refused=True)
    except TooManyAttempts as error:
        return _page(request, name=name, wanted=wanted, wait=error.seconds)
    return enter(request, entered, wanted)


async def leave(request: web.Request) -> web.Response:
    await forms.read(request)
    token = cookies.session_token(request, "login")
    if token is not None:
        await sessions.end(request.app[DATABASE], token)
    response = web.Response(status=303, headers={"Location": "/"})
    cookies.delete_session(request, response, "login")
    return response


@with_login
async def show_everywhere(request: web.Request, _: Session) -> web.Response:
    return render.page(request, "login/everywhere.html")


@with_login
async def leave_everywhere(request: web.Request, session: Session) -> web.Response:
    await forms.read(request)
    now = request.app[CLOCK]()
    await login.leave_everywhere(request.app[DATABASE], session.account_id, now)
    response = web.Response(status=303, headers={"Location": "/login?left=everywhere"})
    cookies.delete_session(request, response, "login")
    # Whoever did this is the owner, and stays known in this browser.
    clients.remember_device(request, response, session.account_id)
    return response


async def _log_in(request: web.Request, form: Form) -> LoggedIn | StepDue:
    return await login.login(
        request.app[DATABASE],
        request.app[SECRETS],
        Credentials(form.get("name", ""), form.get("password", "")),
        clients.visitor(request),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
    )


def _page(
    request: web.Request,
    *,
    name: str,
    wanted: str,
    refused: bool = False,
    missing: Sequence[str] = (),
    wait: int = 0,
) -> web.Response:
    return render.form_page(
        request,
        "login/show.html",
        status=403 if refused else 422 if missing else 200,
        wait=wait,
        name=name,
        next=page_after(wanted),
        refused=refused,
        missing=missing,
        left=request.query.get("left") == "everywhere",
        late=request.query.get("late") == "1",
    )
