"""The way in from a hub: GET shows what the link asks for, POST does it."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES, SETTINGS
from cloudmatic_portal.services import entry
from cloudmatic_portal.web import cookies, forms, render
from cloudmatic_portal.web.sessions import identify


async def confirm(request: web.Request) -> web.Response:
    """Changes nothing, however often it is asked for, and by whom."""
    link = request.query.get(LINK_FIELD, "")
    proposal = await entry.examine(
        request.app[DATABASE],
        link,
        audience=request.app[SETTINGS].origin,
        now=request.app[CLOCK](),
    )
    login = await identify(request, "login")
    other = login if login and login.account_id != proposal.key.account_id else None
    return render.page(
        request,
        "entry/confirm.html",
        link=link,
        link_field=LINK_FIELD,
        who=proposal.key,
        serial=proposal.key.serial,
        item=proposal.item,
        other=other,
    )


async def accept(request: web.Request) -> web.StreamResponse:
    form = await forms.read(request)
    token = await entry.consume(
        request.app[DATABASE],
        form.get(LINK_FIELD, ""),
        audience=request.app[SETTINGS].origin,
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
        former=cookies.session_token(request, "booking"),
    )
    response = web.Response(status=303, headers={"Location": "/booking/cart"})
    cookies.set_session(request, response, "booking", token)
    return response
