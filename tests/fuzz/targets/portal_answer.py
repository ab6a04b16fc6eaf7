"""What whoever stands in for the portal answers a hub (ccu_dashboard/clients/portal.py)."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.errors import PortalError
from tests.factories import COMPLETE, PORTAL, TODAY, hub_status, period
from tests.fuzz.parts import join, split

PROMISE = "any status, headers and body are an answer in its format, or a PortalError"

_STATUS: Final = b"HTTP/1.1 200 OK"
_DATE: Final = b"Date: Mon, 23 Nov 2026 12:00:00 GMT"
_JSON: Final = b"Content-Type: application/json"


class _Answering(BaseAdapter):
    """Answers every request with the same bytes."""

    def __init__(self, status: int, headers: HTTPHeaderDict, body: bytes) -> None:
        super().__init__()
        self._said = (status, headers, body)

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        status, headers, body = self._said
        raw = HTTPResponse(
            io.BytesIO(body), headers, status, preload_content=False, decode_content=False
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


def check(data: bytes) -> None:
    head, body = split(data, 2)
    first, *lines = head.split(b"\n")
    status = int(first) if first.isdigit() and len(first) == 3 else 200
    headers = HTTPHeaderDict()
    for line in lines[:20]:
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            headers.add(name.strip().decode("latin-1"), value.strip().decode("latin-1"))
    client = PortalClient(PORTAL)
    client._http.mount("https://", _Answering(status, headers, body))
    form: Mapping[str, str] = {}
    calls: tuple[Callable[[], Any], ...] = (
        client.time,
        lambda: client.enrol({}, "proof", "key"),
        lambda: client.status("token", '"etag"'),
        lambda: client.begin_pairing(form),
        lambda: client.ask_pairing(form),
        lambda: client.leave("token"),
        lambda: client.release_feed(None),
    )
    for call in calls:
        with contextlib.suppress(PortalError):
            call()


def seeds() -> Iterable[bytes]:
    head = b"\n".join([b"200", _DATE, _JSON, b'ETag: "1"', b"Retry-After: 60"])
    status = hub_status(period(TODAY, TODAY, COMPLETE)).to_json()
    yield join(head, json.dumps(status).encode())
    invitation = {
        "device_code": "A" * 43,
        "user_code": "BCDF-GHJK",
        "verification_uri": f"{PORTAL}/pair",
        "verification_uri_complete": f"{PORTAL}/pair?code=BCDF-GHJK",
        "expires_in": 900,
        "interval": 5,
    }
    yield join(head, json.dumps(invitation).encode())
    yield join(head, b'{"account":"4711","user_name":"maxmuster","feed":"a.b.c"}')
    yield join(b"\n".join([b"401", _DATE, _JSON]), b'{"reason":"token-missing"}')
    yield join(b"\n".join([b"204", _DATE]), b"")
    yield join(b"\n".join([b"200", _DATE, _JSON, b"Content-Encoding: gzip"]), b"\x1f\x8b\x08\0")
    yield join(b"\n".join([b"302", _DATE, b"Location: //["]), b"")
    yield join(b"\n".join([b"200", b"Date: Mon, 99 Nov 2026 99:00:00 +9999", _JSON]), b"[" * 3000)
