"""For balancers and monitoring: is the process alive, does it want requests, what does it count?"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, METRICS, READINESS
from cloudmatic_portal.services import vitals

_PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


async def alive(request: web.Request) -> web.Response:  # noqa: ARG001
    """The process answers. Nothing about the database: restarting us would not mend that."""
    return web.Response(text="alive\n")


async def ready(request: web.Request) -> web.Response:
    """Whether requests may be sent here; 503 if not, for as long as not."""
    if await vitals.ready(request.app[DATABASE], request.app[READINESS]):
        return web.Response(text="ready\n")
    return web.Response(status=503, text="not ready\n")


async def metrics(request: web.Request) -> web.Response:
    measured = await vitals.measure(request.app[DATABASE], request.app[CLOCK]())
    body = request.app[METRICS].text(measured)
    return web.Response(body=body, headers={"Content-Type": _PROMETHEUS})


HEALTH: Final = (web.get("/healthz", alive), web.get("/readyz", ready))
"""Also part of the website: a balancer asks where it would send requests."""

STATUS: Final = (*HEALTH, web.get("/metrics", metrics))
"""On an address of its own, which is not for the world."""
