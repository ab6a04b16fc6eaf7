"""The way in from a mail: GET shows what the link is for, POST does it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES
from cloudmatic_portal.services import mail_entry
from cloudmatic_portal.web import cookies, forms, render
from cloudmatic_portal.web.sessions import identify

FIELD: Final = "token"


async def confirm(request: web.Request) -> web.Response:
    """Changes nothing, however often it is asked for, and by whom."""
    token = request.query.get(FIELD, "")
    proposal = await mail_entry.examine(request.app[DATABASE], token, request.app[CLOCK]())
    login = await identify(request, "login")
    return render.page(
        request,
        "entry/confirm.html",
        link=token,
        link_field=FIELD,
        who=proposal.link,
        serial=None,
        item=proposal.item,
        other=login if login and login.account_id != proposal.link.account_id else None,
    )


async def accept(request: web.Request) -> web.StreamResponse:
    form = await forms.read(request)
    token = await mail_entry.accept(
        request.app[DATABASE],
        form.get(FIELD, ""),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
        former=cookies.session_token(request, "booking"),
    )
    response = web.Response(status=303, headers={"Location": "/booking/cart"})
    cookies.set_session(request, response, "booking", token)
    return response
