"""What goes wrong on purpose: what happens to the next calls, and to webhooks on their way."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

Fault = Literal["lost_answer", "error", "busy", "busy_for_long", "garbage", "unauthorized", "lost"]
"""lost_answer: it is done, and the connection breaks before the answer. lost: it breaks before.
error: 500, not done. busy: 429 with a short Retry-After. garbage: done, an unreadable answer."""


@dataclass
class Faults:
    """`next("capture", "lost_answer", "error")`: what becomes of the next two captures."""

    calls: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    quiet: bool = False
    """Webhooks are not delivered: they wait in `Webhooks.sent`."""
    wrong_signature: bool = False
    foreign_certificates: bool = False
    """The header names a certificate on another host."""
    unknown_authority: bool = False
    """The certificate is not from the authority that the portal knows."""
    certificates_away: bool = False

    def next(self, call: str, *faults: Fault) -> None:
        self.calls[call].extend(faults)

    def take(self, call: str) -> Fault | None:
        waiting = self.calls[call]
        return waiting.popleft() if waiting else None


def refuse(fault: Fault | None) -> web.Response:
    """The answer of one that did nothing."""
    if fault == "unauthorized":
        return web.json_response({"error": "invalid_token"}, status=401)
    if fault == "error":
        return web.json_response({"name": "INTERNAL_SERVER_ERROR"}, status=500)
    after = "0" if fault == "busy" else "600"
    return web.json_response(
        {"name": "RATE_LIMIT_REACHED"}, status=429, headers={"Retry-After": after}
    )


def cut(request: web.Request) -> None:
    """The connection breaks."""
    if request.transport is not None:
        request.transport.abort()
