"""What operators did, and who they are."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import audit, operators
from cloudmatic_portal.web.admin.pages import page

_MOST: Final = 200


async def show(request: web.Request, _: Operator) -> web.Response:
    database = request.app[DATABASE]
    return page(
        request,
        "audit.html",
        entries=await audit.latest(database, _MOST),
        operators=await operators.every(database),
    )
