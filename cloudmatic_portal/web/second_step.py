"""The second step of a login: the page that asks for the code of the second factor."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES
from cloudmatic_portal.domain.errors import SecondFactorRefused, SecondStepEnded, TooManyAttempts
from cloudmatic_portal.services import second_step
from cloudmatic_portal.services.login import LoggedIn
from cloudmatic_portal.services.second_step import Answer
from cloudmatic_portal.web import clients, cookies, forms, render, second_factor
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.login import address, enter, page_after
from cloudmatic_portal.web.sessions import with_glance


@with_glance
async def show(request: web.Request) -> web.Response:
    wanted, recovery = request.query.get("next", ""), request.query.get("recovery") == "1"
    try:
        return await _page(request, wanted, recovery=recovery)
    except SecondStepEnded:
        return web.Response(status=303, headers={"Location": address(page_after(wanted))})


@with_glance
async def submit(request: web.Request) -> web.Response:
    form = await forms.read(request)
    try:
        return await _submit(request, form, form.get("next", ""))
    except SecondStepEnded:
        return _too_late(request, form.get("next", ""))


async def _submit(request: web.Request, form: Form, wanted: str) -> web.Response:
    """Raises SecondStepEnded, also if it ended before the page about a wrong code was made."""
    recovery = form.get("recovery") == "1"
    if not form.get("code", "").strip():
        return await _page(request, wanted, recovery=recovery, missing=True)
    try:
        entered = await _finish(request, form)
    except SecondFactorRefused:
        request.app[MAIL_DELIVERY].nudge()
        return await _page(request, wanted, recovery=recovery, refused=True)
    except TooManyAttempts as error:
        return await _page(request, wanted, recovery=recovery, wait=error.seconds)
    request.app[MAIL_DELIVERY].nudge()
    response = enter(request, entered, wanted)
    cookies.delete_step(request, response)
    return response


async def _finish(request: web.Request, form: Form) -> LoggedIn:
    return await second_step.finish(
        request.app[DATABASE],
        second_factor.keys(request),
        Answer(cookies.step_token(request) or "", form.get("code", "")),
        clients.visitor(request),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
    )


def _too_late(request: web.Request, wanted: str) -> web.Response:
    query = urlencode({"next": page_after(wanted), "late": "1"})
    response = web.Response(status=303, headers={"Location": f"/login?{query}"})
    cookies.delete_step(request, response)
    return response


async def _page(
    request: web.Request,
    wanted: str,
    *,
    recovery: bool,
    refused: bool = False,
    missing: bool = False,
    wait: int = 0,
) -> web.Response:
    """Raises SecondStepEnded."""
    token, now = cookies.step_token(request) or "", request.app[CLOCK]()
    step = await second_step.examine(request.app[DATABASE], token, now)
    return render.form_page(
        request,
        "login/code.html",
        status=403 if refused else 422 if missing else 200,
        wait=wait,
        account=step.account,
        next=page_after(wanted),
        recovery=recovery,
        refused=refused,
        missing=missing,
    )
