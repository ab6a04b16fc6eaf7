"""What waits for an operator."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import desk
from cloudmatic_portal.web.admin.pages import page


async def show(request: web.Request, _: Operator) -> web.Response:
    return page(request, "overview.html", waiting=await desk.waiting(request.app[DATABASE]))
