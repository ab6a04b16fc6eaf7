"""Ask for a code that links this hub with an account, or no longer."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.services import pairing_wish
from ccu_dashboard.services.overview import overview
from ccu_dashboard.web import posts


async def begin(request: web.Request) -> web.Response:
    await posts.checked(request)
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    pairing_wish.want(settings, await overview(settings, clock.today()))
    request.app[app_keys.PORTAL_WATCH].want()
    return posts.see(request)


async def stop(request: web.Request) -> web.Response:
    await posts.checked(request)
    # Else the answer to a question that is under way would show its code all the same.
    await request.app[app_keys.PORTAL_WATCH].interrupt()
    pairing_wish.stop(request.app[app_keys.SETTINGS])
    return posts.see(request)
