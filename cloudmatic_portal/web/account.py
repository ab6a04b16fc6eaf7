"""The customer's own account: what is in it, and the pages by which it is changed."""

from __future__ import annotations

import unicodedata
from typing import Any

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES, SECRETS
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.errors import (
    FieldsUnfit,
    LoginRefused,
    SecondFactorRefused,
    TooManyAttempts,
)
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import account, second_factor
from cloudmatic_portal.services.account import NewPassword, Proof
from cloudmatic_portal.web import clients, cookies, forms, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.login import enter
from cloudmatic_portal.web.sessions import with_login

PATH = "/account"


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    return await _overview(request, session)


@with_login
async def speak(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    wanted = next((each for each in LANGUAGES if each == form.get("language")), None)
    if wanted is None:
        return await _overview(request, session, status=422)
    await account.speak(request.app[DATABASE], session.account_id, wanted)
    response = saved()
    cookies.set_language(request, response, wanted)
    return response


@with_login
async def show_name(request: web.Request, session: Session) -> web.Response:
    return page(request, "account/name.html", typed=session.user_name)


@with_login
async def rename(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    typed = unicodedata.normalize("NFC", form.get("user_name", "")).strip()
    now = request.app[CLOCK]()
    try:
        await account.rename(
            request.app[DATABASE],
            request.app[SECRETS],
            proof(request, session, form),
            typed,
            now,
        )
    except (FieldsUnfit, LoginRefused, TooManyAttempts) as error:
        return page(request, "account/name.html", error=error, typed=typed)
    request.app[MAIL_DELIVERY].nudge()
    return saved()


@with_login
async def show_password(request: web.Request, _: Session) -> web.Response:
    return page(request, "account/password.html")


@with_login
async def change_password(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    try:
        entered = await account.change_password(
            request.app[DATABASE],
            request.app[SECRETS],
            NewPassword(proof(request, session, form), form.get("password", "")),
            clients.visitor(request),
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except (FieldsUnfit, LoginRefused, TooManyAttempts) as error:
        return page(request, "account/password.html", error=error)
    request.app[MAIL_DELIVERY].nudge()
    return enter(request, entered, "account?saved=1")


def proof(request: web.Request, session: Session, form: Form) -> Proof:
    """What was typed to prove that it is the owner who asks."""
    return Proof(session.account_id, form.get("current", ""), clients.network(request))


def page(
    request: web.Request, template: str, *, error: Exception | None = None, **facts: Any
) -> web.Response:
    """A page of the account with one form, and beside its fields what is wrong with them."""
    faults = dict(error.faults) if isinstance(error, FieldsUnfit) else {}
    if isinstance(error, LoginRefused):
        faults["current"] = "wrong"
    if isinstance(error, SecondFactorRefused):
        faults["code"] = "wrong"
    return render.form_page(
        request,
        template,
        status=422 if faults else 200,
        wait=error.seconds if isinstance(error, TooManyAttempts) else 0,
        faults=faults,
        **facts,
    )


def saved() -> web.Response:
    return web.Response(status=303, headers={"Location": f"{PATH}?saved=1"})


async def _overview(request: web.Request, session: Session, *, status: int = 200) -> web.Response:
    mine = await account.show(request.app[DATABASE], session.account_id)
    return render.page(
        request,
        "account/show.html",
        status=status,
        account=mine,
        factor=await second_factor.state(request.app[DATABASE], session.account_id),
        saved=request.query.get("saved") == "1",
    )
