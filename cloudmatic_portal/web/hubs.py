"""A hub of the account: withdraw it, after asking once more."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.errors import HubUnknown
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import hubs
from cloudmatic_portal.web import forms, places, render
from cloudmatic_portal.web.sessions import with_login

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


@with_login
async def ask(request: web.Request, session: Session) -> web.Response:
    hub = await hubs.find(request.app[DATABASE], session.account_id, _number(request))
    return render.page(request, "hubs/revoke.html", hub=hub)


@with_login
async def revoke(request: web.Request, session: Session) -> web.Response:
    await forms.read(request)
    now = request.app[CLOCK]()
    await hubs.revoke(request.app[DATABASE], session.account_id, _number(request), now)
    return places.see(request, "dashboard")


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise HubUnknown
    return int(text)
