"""The service's process: a Unix socket, no root, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Iterator
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
# As many as lighttpd has connections. A Unix socket whose queue is full refuses at once: lighttpd
# then answers 503 to everybody for a second, and sends some requests twice (seen: 1.4.69).
_BACKLOG: Final = 512


class AlreadyRunning(Exception):
    """Another process serves on this hub; it keeps its socket."""


def serve(settings: Settings, *, relay: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, with `relay` on loopback too.

    Raises AlreadyRunning, or OSError if the socket cannot be had.
    """
    _lead_a_process_group()
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.lock), contextlib.ExitStack() as stack:
        _prepare_state(settings)
        listeners = [stack.enter_context(_bind(settings.socket))]
        if relay:
            listeners.append(stack.enter_context(_bind_for_relay(settings.relay_port)))
        privileges.drop(settings.service_uid)
        asyncio.run(_serve(settings, listeners))


def _lead_a_process_group() -> None:
    """Be in one group with the children, so that a stop finds them even if we were killed.

    On a terminal the group is the shell's business: Ctrl-C goes to it.
    """
    if os.getpgrp() != os.getpid() and not os.isatty(0):
        os.setpgid(0, 0)


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock at `path`. The kernel gives it back, however this process ends."""
    with path.open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield


def _prepare_state(settings: Settings) -> None:
    """Make our folder. On a read-only or full card the pages must come up all the same."""
    try:
        privileges.prepare_folder(settings.state_folder, settings.service_uid)
    except OSError as error:
        _LOG.warning("%s cannot be prepared: %s", settings.state_folder, error.strerror)


def _bind(path: Path) -> socket.socket:
    """Listen on `path`. Who may connect is decided by each page's session check, not by the mode.

    lighttpd is root on a hub, but need not be.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o666)
    return listener


def _bind_for_relay(port_file: Path) -> socket.socket:
    """Listen on a free port of loopback, named in `port_file`."""
    listener = socket.create_server(("127.0.0.1", 0))
    new = port_file.with_suffix(".new")
    new.write_text(f"{listener.getsockname()[1]}\n", "ascii")
    new.chmod(0o644)
    new.replace(port_file)
    return listener


async def _serve(settings: Settings, listeners: list[socket.socket]) -> None:
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
        for listener in listeners:
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        _LOG.info("ready on %s", settings.socket)
        await stop.wait()
    finally:
        await runner.cleanup()
