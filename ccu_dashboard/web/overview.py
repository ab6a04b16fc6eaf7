"""The overview: linked account, active package, and the way to book."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.domain.account import Linked, NotLinked, Pending
from ccu_dashboard.services.overview import overview
from ccu_dashboard.web import pages
from ccu_dashboard.web.forms import FIELD


async def show(request: web.Request) -> web.Response:
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    shown = await overview(settings, clock.today())
    match shown.account:
        case Linked():
            template = "overview.html"
        case NotLinked() | Pending():
            template = "not_linked.html"
        case _:
            template = "unreadable.html"
    visitor = request[app_keys.VISITOR]
    facts = {
        "shown": shown,
        "contact": request.app[app_keys.PORTAL_WATCH].last,
        "form_field": FIELD,
        "form_token": request.app[app_keys.FORM_TOKENS].make(visitor.sid),
    }
    return pages.render(request, template, facts)
