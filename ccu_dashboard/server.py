"""The service's process: a Unix socket, no root, a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Final

from aiohttp import web

from ccu_dashboard import privileges
from ccu_dashboard.app import make_app
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings

_LOG: Final = logging.getLogger(__name__)
# lighttpd lets 64 KB of header through; an address that long gets our page, not a parser's word.
_MAX_LINE: Final = 70_000


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError if the socket or our folder cannot be had."""
    privileges.prepare_folder(settings.state_folder, settings.service_uid)
    settings.socket.parent.mkdir(parents=True, exist_ok=True)
    listener = _bind(settings.socket)
    privileges.drop(settings.service_uid)
    try:
        asyncio.run(_serve(settings, listener))
    finally:
        listener.close()


def _bind(path: Path) -> socket.socket:
    """Listen on `path`. Who may connect is decided by each page's session check, not by the mode.

    lighttpd is root on a hub, but need not be.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o666)
    return listener


async def _serve(settings: Settings, listener: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = make_app(settings, clock=HubClock(), random_bytes=os.urandom)
    # No access log: addresses of first requests hold session ids.
    runner = web.AppRunner(
        app, access_log=None, max_line_size=_MAX_LINE, max_field_size=_MAX_LINE, shutdown_timeout=5
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        _LOG.info("ready on %s", settings.socket)
        await stop.wait()
    finally:
        await runner.cleanup()
