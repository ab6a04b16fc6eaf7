"""A portal of a few lines on loopback that answers as a test says, for the real client."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.factories import NOW


@dataclass
class Request:
    """What arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    """What goes back; `write` sends the body in place of `document`."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    date: datetime | None = NOW
    write: Callable[[Any], None] | None = None


def problem(status: int, reason: str, date: datetime | None = NOW) -> Reply:
    """An RFC 9457 problem, as the portal refuses."""
    headers = {"Content-Type": "application/problem+json"}
    return Reply(status, {"reason": reason}, headers, date)


class Portal:
    """Answers one reply after the other, the last one again and again."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Reply | Callable[[Request], Reply]] = []
        self.url = ""

    def reply_to(self, request: Request) -> Reply:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(request) if callable(reply) else reply

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.requests]


class _Server(ThreadingHTTPServer):
    """Whoever breaks off a handshake is not worth a traceback."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass


class _ServerOnSix(_Server):
    address_family = socket.AF_INET6


@contextmanager
def running_portal(certificate: Path | None = None, *, six: bool = False) -> Iterator[Portal]:
    """On 127.0.0.1 or, with `six`, on ::1 only; with a `certificate` (and its key) over TLS."""
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            content = self.rfile.read(length).decode()
            is_json = self.headers.get_content_type() == "application/json"
            body = json.loads(content) if is_json else content or None
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            self.answer(portal.reply_to(request))

        do_DELETE = do_GET  # noqa: N815  as below
        do_POST = do_GET  # noqa: N815  the base class looks for it by this name

        def answer(self, reply: Reply) -> None:
            content = b"" if reply.document is None else json.dumps(reply.document).encode()
            self.send_response_only(reply.status)
            if reply.date is not None:
                self.send_header("Date", format_datetime(reply.date, usegmt=True))
            headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
            for name, value in (headers | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if reply.write is None:
                    self.wfile.write(content)
                else:
                    reply.write(self.wfile)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Not a word."""

    host = "::1" if six else "127.0.0.1"
    with (_ServerOnSix if six else _Server)((host, 0), Handler) as server:
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        portal.url = f"{scheme}://{'[::1]' if six else host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield portal
        finally:
            server.shutdown()
            thread.join()
