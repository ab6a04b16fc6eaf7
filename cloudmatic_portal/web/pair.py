"""The page where a customer enters the code that a hub shows, and confirms or refuses."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_link.api import CODE_FIELD, PAIR_PATH
from cloudmatic_link.pairing import USER_CODE
from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.errors import PairingCodeUnknown, TooManyAttempts
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import pairing
from cloudmatic_portal.services.pairing import Typed
from cloudmatic_portal.web import clients, forms, login, render
from cloudmatic_portal.web.sessions import identify, with_login


async def show(request: web.Request) -> web.StreamResponse:
    """Only shows the field, filled by the picture's address: so nobody guesses codes by links."""
    code = request.query.get(CODE_FIELD, "").upper()
    code = code if USER_CODE.fullmatch(code) else ""
    if await identify(request, "login") is None:
        wanted = PAIR_PATH.removeprefix("/") + (f"?{CODE_FIELD}={code}" if code else "")
        raise web.HTTPSeeOther(login.address(wanted))
    return _page(request, code)


@with_login
async def look(request: web.Request, session: Session) -> web.Response:
    """Show which hub it is, before anything is done."""
    code = (await forms.read(request)).get(CODE_FIELD, "")
    if not code.strip():
        return _page(request, "", missing=True)
    typed = Typed(code, session.account_id, clients.network(request))
    return await _show_hub(request, session, typed)


@with_login
async def decide(request: web.Request, session: Session) -> web.Response:
    form = await forms.read(request)
    code = form.get(CODE_FIELD, "")
    typed = Typed(code, session.account_id, clients.network(request))
    if form.get("do") not in {"confirm", "refuse"}:
        return await _show_hub(request, session, typed, status=422)
    confirmed = form.get("do") == "confirm"
    try:
        await pairing.decide(
            request.app[DATABASE], typed, request.app[CLOCK](), confirmed=confirmed
        )
    except PairingCodeUnknown:
        return _page(request, code, unknown=True)
    except TooManyAttempts as error:
        return _page(request, code, wait=error.seconds)
    location = f"{PAIR_PATH}/{'done' if confirmed else 'refused'}"
    return web.Response(status=303, headers={"Location": location})


@with_login
async def show_done(request: web.Request, session: Session) -> web.Response:
    return render.page(request, "pair/done.html", who=session)


@with_login
async def show_refused(request: web.Request, _: Session) -> web.Response:
    return render.page(request, "pair/refused.html")


async def _show_hub(
    request: web.Request, session: Session, typed: Typed, status: int = 200
) -> web.Response:
    try:
        found = await pairing.look(request.app[DATABASE], typed, request.app[CLOCK]())
    except PairingCodeUnknown:
        return _page(request, typed.text, unknown=True)
    except TooManyAttempts as error:
        return _page(request, typed.text, wait=error.seconds)
    return render.page(request, "pair/confirm.html", status=status, pairing=found, who=session)


def _page(
    request: web.Request,
    code: str,
    *,
    missing: bool = False,
    unknown: bool = False,
    wait: int = 0,
) -> web.Response:
    return render.form_page(
        request,
        "pair/show.html",
        status=422 if missing or unknown else 200,
        wait=wait,
        code=code,
        missing=missing,
        unknown=unknown,
    )
