"""Unlink the account, or delete all personal data; said beforehand what that means."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.services import leaving
from ccu_dashboard.services.overview import overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.web import pages, posts


async def ask(request: web.Request) -> web.Response:
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    facts = {
        "shown": await overview(settings, clock.today()),
    } | posts.token_of(request)
    return pages.render(request, "leave.html", facts)


async def unlink(request: web.Request) -> web.Response:
    return await _leave(request, leaving.unlink)


async def erase(request: web.Request) -> web.Response:
    return await _leave(request, leaving.erase)


async def come_back(request: web.Request) -> web.Response:
    await posts.checked(request)
    leaving.come_back(request.app[app_keys.SETTINGS])
    request.app[app_keys.PORTAL_WATCH].want()
    return posts.see(request)


async def _leave(request: web.Request, forget: Callable[[Settings], None]) -> web.Response:
    await posts.checked(request)
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    account = (await overview(settings, clock.today())).account
    token = leaving.farewell(settings, clock, account, request.app[app_keys.RANDOM_BYTES])
    await request.app[app_keys.DIAGNOSIS].forget()
    # A question that is under way would write down its answer after all was deleted.
    await request.app[app_keys.PORTAL_WATCH].interrupt()
    forget(settings)
    pages.forget(request.app)
    request.app[app_keys.SIGNAL].nudge()
    if token is not None:
        request.app[app_keys.GOODBYES].say(settings.portal, token)
    return posts.see(request)
