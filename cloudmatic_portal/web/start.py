"""The start page."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.web import render
from cloudmatic_portal.web.sessions import with_glance


@with_glance
async def show(request: web.Request) -> web.Response:
    return render.page(request, "start/show.html")
