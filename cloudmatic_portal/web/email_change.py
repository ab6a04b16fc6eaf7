"""Another e-mail address: ask for it, confirm it at the new one, stop it at the old one."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.errors import FieldsUnfit, LoginRefused, TooManyAttempts
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import account, email_change
from cloudmatic_portal.web import forms, render
from cloudmatic_portal.web.account import page, proof
from cloudmatic_portal.web.sessions import with_glance, with_login

_TEMPLATE = "account/email.html"


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    mine = await account.show(request.app[DATABASE], session.account_id)
    return page(request, _TEMPLATE, account=mine, typed="")


@with_login
async def ask(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    typed = form.get("email", "").strip()
    try:
        await email_change.ask(
            request.app[DATABASE],
            request.app[SECRETS],
            proof(request, session, form),
            typed,
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except (FieldsUnfit, LoginRefused, TooManyAttempts) as error:
        mine = await account.show(request.app[DATABASE], session.account_id)
        return page(request, _TEMPLATE, error=error, account=mine, typed=typed)
    request.app[MAIL_DELIVERY].nudge()
    return web.Response(status=303, headers={"Location": "/account/email/sent"})


@with_login
async def show_sent(request: web.Request, _: Session) -> web.Response:
    return render.page(request, "account/email_sent.html")


@with_glance
async def show_confirm(request: web.Request) -> web.Response:
    """Changes nothing: programs that look at mails follow links, too."""
    token = request.query.get("token", "")
    change = await email_change.examine(request.app[DATABASE], token, request.app[CLOCK]())
    return render.page(request, "account/email_confirm.html", change=change, token=token)


@with_glance
async def confirm(request: web.Request) -> web.Response:
    token = (await forms.read(request)).get("token", "")
    await email_change.confirm(request.app[DATABASE], token, request.app[CLOCK]())
    return web.Response(status=303, headers={"Location": "/account/email/done"})


@with_glance
async def show_stop(request: web.Request) -> web.Response:
    token = request.query.get("token", "")
    change = await email_change.examine_stop(request.app[DATABASE], token, request.app[CLOCK]())
    return render.page(request, "account/email_stop.html", change=change, token=token)


@with_glance
async def stop(request: web.Request) -> web.Response:
    token = (await forms.read(request)).get("token", "")
    await email_change.stop(request.app[DATABASE], token, request.app[CLOCK]())
    return web.Response(status=303, headers={"Location": "/account/email/stopped"})


@with_glance
async def show_done(request: web.Request) -> web.Response:
    return render.page(request, "account/email_done.html", stopped=False)


@with_glance
async def show_stopped(request: web.Request) -> web.Response:
    return render.page(request, "account/email_done.html", stopped=True)
