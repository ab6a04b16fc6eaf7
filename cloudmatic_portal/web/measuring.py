"""Count and time every request."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import METRICS

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@web.middleware
async def measure(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Note method, route and status of each answer, and how long it took."""
    began = time.perf_counter()
    response = await handler(request)
    request.app[METRICS].count(
        # Whoever invents methods or addresses must not fill our memory with counters.
        request.method if request.method in _METHODS else "other",
        _route(request),
        response.status,
        time.perf_counter() - began,
    )
    return response


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "unknown" if resource is None else resource.canonical
