"""Become a customer: the form, the link in the mail, the account."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.errors import FieldsUnfit, TooManyAttempts
from cloudmatic_portal.domain.registration import TRIAL_DAYS, Application
from cloudmatic_portal.services import registration
from cloudmatic_portal.services.registration import Applicant
from cloudmatic_portal.web import clients, forms, i18n, render
from cloudmatic_portal.web.login import enter, page_after
from cloudmatic_portal.web.sessions import with_glance


@with_glance
async def show(request: web.Request) -> web.Response:
    return _page(request, Application("", "", ""), wanted=request.query.get("next", ""))


@with_glance
async def submit(request: web.Request) -> web.Response:
    form = await forms.read(request)
    wanted = page_after(form.get("next", ""))
    typed = Application.typed(*(form.get(name, "") for name in ("user_name", "email", "password")))
    try:
        await registration.apply(
            request.app[DATABASE],
            request.app[SECRETS],
            typed,
            Applicant(clients.network(request), i18n.language_of(request), wanted),
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except FieldsUnfit as error:
        return _page(request, typed, wanted=wanted, faults=error.faults)
    except TooManyAttempts as error:
        return _page(request, typed, wanted=wanted, wait=error.seconds)
    request.app[MAIL_DELIVERY].nudge()
    return web.Response(status=303, headers={"Location": "/register/sent"})


@with_glance
async def show_sent(request: web.Request) -> web.Response:
    return render.page(request, "register/sent.html")


@with_glance
async def show_confirm(request: web.Request) -> web.Response:
    """Changes nothing: programs that look at mails follow links, too."""
    token, wanted = request.query.get("token", ""), request.query.get("next", "")
    found = await registration.examine(request.app[DATABASE], token, request.app[CLOCK]())
    return render.page(
        request,
        "register/confirm.html",
        registration=found,
        token=token,
        next=page_after(wanted),
        trial_days=TRIAL_DAYS,
    )


async def confirm(request: web.Request) -> web.Response:
    form = await forms.read(request)
    entered = await registration.confirm(
        request.app[DATABASE],
        form.get("token", ""),
        clients.visitor(request),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
    )
    request.app[MAIL_DELIVERY].nudge()
    return enter(request, entered, form.get("next", ""))


def _page(
    request: web.Request,
    typed: Application,
    *,
    wanted: str,
    faults: Mapping[str, str] | None = None,
    wait: int = 0,
) -> web.Response:
    return render.form_page(
        request,
        "register/show.html",
        status=422 if faults else 200,
        wait=wait,
        typed=typed,
        next=page_after(wanted),
        faults=faults or {},
        trial_days=TRIAL_DAYS,
    )
