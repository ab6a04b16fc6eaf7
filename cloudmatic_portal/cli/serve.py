"""`cloudmatic-portal serve`."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError

from cloudmatic_portal.app import deliver_mails, do_what_is_due, make_app, make_legal
from cloudmatic_portal.cli import edge
from cloudmatic_portal.services.legal import warning
from cloudmatic_portal.settings import Settings

_PATIENCE: Final = 10.0
"""Seconds that open requests get to finish when the portal stops."""


_logger = logging.getLogger(__name__)


class AccessLog(AbstractAccessLogger):
    """Method, path, status, size, time. No query (booking links), no cookie, no address."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        self.logger.info(
            "%s %s %d %d %.1fms",
            request.method,
            request.rel_url.raw_path,
            response.status,
            response.body_length,
            time * 1000,
        )


class NoRequests(logging.Filter):
    """aiohttp quotes what it cannot parse, and that may be a booking link or a cookie."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (HttpProcessingError, web.RequestPayloadError)):
            record.msg, record.args = "a request that is not HTTP as agreed", ()
            record.exc_info = record.exc_text = None
        return True


async def serve(settings: Settings, *, work: bool = True) -> None:
    """Serve until SIGTERM or SIGINT; print `READY <address>` once connections are accepted.

    Mails and what is due are done meanwhile, unless others `work`.
    """
    logging.getLogger("aiohttp.server").addFilter(NoRequests())
    if (word := warning(await make_legal(settings).texts())) is not None:
        _logger.warning("%s", word)
    app = make_app(settings, clock=edge.clock, random_bytes=edge.random_bytes)
    if work:
        app.cleanup_ctx.extend((deliver_mails, do_what_is_due))
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
        await until_told_to_stop()
    finally:
        await runner.cleanup()


def _site(runner: web.AppRunner, settings: Settings) -> web.BaseSite:
    if settings.socket is not None:
        return web.UnixSite(runner, settings.socket)
    return web.TCPSite(runner, settings.host, settings.port)


def _address(runner: web.AppRunner, settings: Settings) -> str:
    if settings.socket is not None:
        return f"unix:{settings.socket}"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{runner.addresses[0][1]}"


async def until_told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
