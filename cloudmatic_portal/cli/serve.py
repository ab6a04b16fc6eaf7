"""`cloudmatic-portal serve`."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Final

from aiohttp import web

from cloudmatic_portal.app import (
    make_app,
    make_legal,
    tell_status,
    work,
)
from cloudmatic_portal.app_keys import READINESS
from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.logs import AccessLog
from cloudmatic_portal.services.legal import warning
from cloudmatic_portal.settings import Settings

_PATIENCE: Final = 10.0
"""Seconds that open requests get to finish when the portal stops."""

_BACKLOG: Final = 1024
"""Connections that wait for us on a Unix socket; if that is full it refuses, where TCP waits."""


_logger = logging.getLogger(__name__)


async def serve(settings: Settings, *, alone: bool = True) -> None:
    """Serve until SIGTERM or SIGINT; print `READY <address>` once connections are accepted.

    Mails and what is due are done meanwhile, unless it is not `alone` and others do them.
    """
    if (word := warning(await make_legal(settings).texts())) is not None:
        _logger.warning("%s", word)
    app = make_app(settings, clock=edge.clock, random_bytes=edge.random_bytes)
    if alone:
        app.cleanup_ctx.append(work)
    app.cleanup_ctx.append(tell_status)
    stop = told_to_stop()
    runner = web.AppRunner(
        app,
        access_log_class=AccessLog,
        access_log=logging.getLogger("cloudmatic_portal.access"),
        shutdown_timeout=_PATIENCE,
    )
    try:
        await runner.setup()
        await _site(runner, settings).start()
        sys.stdout.write(f"READY {_address(runner, settings)}\n")
        sys.stdout.flush()
        await stop.wait()
        # Balancers look now and then; until they have seen it, requests still come here.
        app[READINESS].stopping = True
        await asyncio.sleep(settings.drain_seconds)
    finally:
        await runner.cleanup()


def _site(runner: web.AppRunner, settings: Settings) -> web.BaseSite:
    if settings.socket is not None:
        return web.UnixSite(runner, settings.socket, backlog=_BACKLOG)
    return web.TCPSite(runner, settings.host, settings.port)


def _address(runner: web.AppRunner, settings: Settings) -> str:
    if settings.socket is not None:
        return f"unix:{settings.socket}"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{runner.addresses[0][1]}"


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or SIGINT, from this call on: whoever is told READY may stop us at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
