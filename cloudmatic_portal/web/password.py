"""A forgotten password: ask for a link, and choose a new one by it."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.errors import PasswordUnfit, TooManyAttempts
from cloudmatic_portal.domain.password_reset import PasswordReset
from cloudmatic_portal.services import password
from cloudmatic_portal.services.password import Choice
from cloudmatic_portal.web import clients, forms, render
from cloudmatic_portal.web.login import enter, page_after
from cloudmatic_portal.web.sessions import with_glance


@with_glance
async def show(request: web.Request) -> web.Response:
    return _ask(request, name="", wanted=request.query.get("next", ""))


@with_glance
async def ask(request: web.Request) -> web.Response:
    form = await forms.read(request)
    name, wanted = form.get("name", ""), page_after(form.get("next", ""))
    if not name.strip():
        return _ask(request, name=name, wanted=wanted, missing=True)
    try:
        await password.ask_for_link(
            request.app[DATABASE],
            name,
            wanted,
            clients.network(request),
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except TooManyAttempts as error:
        return _ask(request, name=name, wanted=wanted, wait=error.seconds)
    request.app[MAIL_DELIVERY].nudge()
    return web.Response(status=303, headers={"Location": "/password/sent"})


@with_glance
async def show_sent(request: web.Request) -> web.Response:
    return render.page(request, "password/sent.html")


@with_glance
async def show_new(request: web.Request) -> web.Response:
    """Changes nothing: programs that look at mails follow links, too."""
    token, wanted = request.query.get("token", ""), request.query.get("next", "")
    now = request.app[CLOCK]()
    reset = await password.examine_link(request.app[DATABASE], token, now)
    return _choose(request, reset, token=token, wanted=wanted)


@with_glance
async def choose(request: web.Request) -> web.Response:
    form = await forms.read(request)
    token, wanted = form.get("token", ""), form.get("next", "")
    now = request.app[CLOCK]()
    try:
        entered = await password.choose_new(
            request.app[DATABASE],
            request.app[SECRETS],
            Choice(token, form.get("password", "")),
            clients.visitor(request),
            now=now,
            random_bytes=request.app[RANDOM_BYTES],
        )
    except PasswordUnfit as error:
        reset = await password.examine_link(request.app[DATABASE], token, now)
        return _choose(request, reset, token=token, wanted=wanted, fault=error.fault)
    request.app[MAIL_DELIVERY].nudge()
    return enter(request, entered, wanted)


def _ask(
    request: web.Request, *, name: str, wanted: str, missing: bool = False, wait: int = 0
) -> web.Response:
    return render.form_page(
        request,
        "password/ask.html",
        status=422 if missing else 200,
        wait=wait,
        name=name,
        next=page_after(wanted),
        missing=missing,
    )


def _choose(
    request: web.Request, reset: PasswordReset, *, token: str, wanted: str, fault: str = ""
) -> web.Response:
    return render.page(
        request,
        "password/choose.html",
        status=422 if fault else 200,
        account=reset.account,
        token=token,
        next=page_after(wanted),
        fault=fault,
    )
