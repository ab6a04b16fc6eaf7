"""Switch the system variable for the owner's own automations on or off."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.web import posts


async def switch(request: web.Request) -> web.Response:
    form = await posts.checked(request)
    await request.app[app_keys.SIGNAL].switch(on=form.get("do") == "on")
    return posts.see(request)
