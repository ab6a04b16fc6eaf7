"""A webhook of whoever calls themself PayPal: headers, body, certificate (clients/paypal)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, cast

from multidict import CIMultiDict

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.clients.paypal.webhooks import Webhooks
from cloudmatic_portal.domain.errors import WebhookRefused, WebhookUncheckable
from tests.fuzz.parts import finish, folder, join, split
from tests.paypal_sandbox.certificates import Authority

PROMISE = "any headers, body and certificate are refused or uncheckable; none is believed"

_NAMES: Final = (
    "Transmission-Id",
    "Transmission-Time",
    "Transmission-Sig",
    "Cert-Url",
    "Auth-Algo",
)
_NOW: Final = datetime.now(UTC)
_BASE: Final = "http://localhost:1"


class _PayPal:
    """Its host gives out `certificate`; asked itself, it vouches for nothing."""

    def __init__(self, certificate: bytes) -> None:
        self.site = _site()
        self.transport = self
        self._certificate = certificate

    async def fetch(self, _url: str) -> bytes:
        return self._certificate

    async def vouches_for(self, _told: Any, _body: bytes) -> bool:
        return False


def check(data: bytes) -> None:
    head, body, certificate = split(data, 3)
    values = head.decode("utf-8", "surrogateescape").split("\n")
    headers = CIMultiDict(zip((f"Paypal-{name}" for name in _NAMES), values, strict=False))
    webhooks = Webhooks(cast("PayPal", _PayPal(certificate)))
    with contextlib.suppress(WebhookRefused, WebhookUncheckable):
        finish(webhooks.read(headers, body, _NOW))
        raise AssertionError("believed")


@cache
def _authority() -> Authority:
    return Authority()


@cache
def _site() -> PayPalSite:
    root = _authority().trusted(folder("paypal_webhook") / "root.pem")
    return PayPalSite(
        base=_BASE, client_id="client", secret="secret", webhook_id="W-1", authorities=root
    )


def seeds() -> Iterable[bytes]:
    head = b"\n".join(
        [
            b"69cd13f0-d67a-11e5-baa3-778b53f4ae55",
            b"2016-02-18T20:01:35Z",
            b"A" * 344,
            _BASE.encode() + b"/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
            b"SHA256withRSA",
        ]
    )
    yield join(head, b"{}", _authority().issue().pem)
    yield join(head, b"{}")
    yield join(head.replace(b"A" * 344, b"A" * 341), b"{}")
    yield join(head, b"{}", b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
    yield b"\n\n\n\nSHA256withRSA"
