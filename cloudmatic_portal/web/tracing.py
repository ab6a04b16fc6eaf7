"""A number for each request: in what is logged meanwhile, on error pages, in the answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import REQUEST_ID, SETTINGS

HEADER: Final = "X-Request-ID"
_KNOWN: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

current: Final[ContextVar[str]] = ContextVar("request_id", default="-")
"""The number of the request that is being answered; `-` outside of one."""


@web.middleware
async def trace(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Number the request; a proxy of ours may have done so before."""
    number = _given(request) or secrets.token_hex(8)
    request[REQUEST_ID] = number
    token = current.set(number)
    try:
        response = await handler(request)
        response.headers[HEADER] = number
        return response
    finally:
        current.reset(token)


def _given(request: web.Request) -> str | None:
    if not request.app[SETTINGS].proxies:
        return None
    number = request.headers.get(HEADER, "")
    return number if _KNOWN.fullmatch(number) else None
