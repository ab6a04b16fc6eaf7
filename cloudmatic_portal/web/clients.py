"""Who is at the other end: the network of a browser or hub, and the browsers we know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, RANDOM_BYTES, SETTINGS
from cloudmatic_portal.domain.device import Device, Visitor
from cloudmatic_portal.domain.throttle import network_of
from cloudmatic_portal.web import cookies

_FORWARDED: Final = "X-Forwarded-For"
_ADDRESS: Final = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[\d.]+):\d+")
"""An address as some proxies write it: in brackets, with a port."""

_DEVICE: Final = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")


def network(request: web.Request) -> str:
    """The network that the client is in, as far as we can believe what we are told.

    Behind n proxies that is the n-th address from the right of X-Forwarded-For: what stands left
    of it, anybody may have written. Who comes past the proxies is the peer itself.
    """
    proxies = request.app[SETTINGS].proxies
    if proxies == 0:
        return network_of(_peer(request))
    entries = ",".join(request.headers.getall(_FORWARDED, ())).split(",")
    named = entries[-proxies] if len(entries) >= proxies else ""
    return network_of(_bare(named.strip()) or _peer(request))


def visitor(request: web.Request) -> Visitor:
    """Everything that a login wants to know about who asks for it."""
    return Visitor(
        network(request), _devices(request), former=cookies.session_token(request, "login")
    )


def remember_device(request: web.Request, response: web.StreamResponse, account_id: int) -> None:
    """Let this browser prove later on that the account has logged in with it."""
    issued = int(request.app[CLOCK]().timestamp())
    device_id = _text(request.app[RANDOM_BYTES](16))
    value = f"{issued}.{device_id}.{_sign(request, account_id, issued, device_id)}"
    cookies.set_device(request, response, account_id, value)


def _devices(request: web.Request) -> dict[int, Device]:
    """The proofs that the browser holds and that are ours."""
    read = (_device(request, *each) for each in cookies.devices(request).items())
    return {device.account_id: device for device in read if device is not None}


def _device(request: web.Request, account_id: int, value: str) -> Device | None:
    parts = _DEVICE.fullmatch(value)
    if parts is None:
        return None
    issued, device_id, signature = int(parts[1]), parts[2], parts[3]
    if not hmac.compare_digest(_sign(request, account_id, issued, device_id), signature):
        return None
    return Device(account_id, device_id, datetime.fromtimestamp(issued, UTC))


def _sign(request: web.Request, account_id: int, issued: int, device_id: str) -> str:
    message = f"device\0{account_id}\0{issued}\0{device_id}".encode("ascii")
    return _text(hmac.digest(request.app[SETTINGS].secret, message, hashlib.sha256))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _peer(request: web.Request) -> str | None:
    """The address of the other end of the connection; None on a Unix socket."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) else None


def _bare(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    return address if found is None else found["six"] or found["four"] or ""
