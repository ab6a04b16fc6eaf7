"""Webhooks as PayPal sends them: signed, repeated until somebody takes them."""

from __future__ import annotations

import base64
import itertools
import json
import uuid
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import aiohttp

from tests.paypal_sandbox.certificates import Authority, Signer
from tests.paypal_sandbox.faults import Faults

CERTIFICATE_PATH: Final = "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"


@dataclass(frozen=True)
class Sent:
    """A webhook on its way: any number of deliveries of it are the same event."""

    event_type: str
    body: bytes


@cache
def _genuine() -> tuple[Authority, Signer]:
    """Keys take a while to make; one will do for all sandboxes of a process."""
    authority = Authority()
    return authority, authority.issue()


class Webhooks:
    """Makes and delivers webhooks to `target`."""

    def __init__(self, webhook_id: str, faults: Faults) -> None:
        self.webhook_id = webhook_id
        self.target = ""
        self.faults = faults
        self.authority, self.signer = _genuine()
        self.sent: list[Sent] = []
        self.answers: list[int] = []
        self._stranger: Signer | None = None
        self._numbers = itertools.count(1)

    @property
    def stranger(self) -> Signer:
        """Somebody with a certificate of their own making, in PayPal's name."""
        if self._stranger is None:
            self._stranger = Authority("Somebody else").issue()
        return self._stranger

    @property
    def certificate(self) -> bytes:
        return (self.stranger if self.faults.unknown_authority else self.signer).pem

    def make(self, event_type: str, resource: dict[str, Any]) -> Sent:
        event = {
            "id": f"WH-{next(self._numbers):017d}",
            "event_version": "1.0",
            "create_time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "resource_type": event_type.split(".", maxsplit=1)[0].lower(),
            "event_type": event_type,
            "summary": "Zusammenfassung in Worten: 4,50 €",
            "resource": resource,
            "links": [],
        }
        body = json.dumps(event, ensure_ascii=False).encode("utf-8")
        self.sent.append(Sent(event_type, body))
        return self.sent[-1]

    def headers(self, body: bytes, base: str) -> dict[str, str]:
        transmission, time = str(uuid.uuid4()), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        message = f"{transmission}|{time}|{self.webhook_id}|{zlib.crc32(body)}".encode("ascii")
        signer = self.stranger if self.faults.unknown_authority else self.signer
        if self.faults.wrong_signature:
            message += b"!"
        host = "https://api.paypal.com.example.org" if self.faults.foreign_certificates else base
        return {
            "Content-Type": "application/json",
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signer.sign(message)).decode("ascii"),
            "PAYPAL-CERT-URL": host + CERTIFICATE_PATH,
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }

    async def deliver(self, sent: Sent, base: str) -> int:
        """One delivery; the status of the answer."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.target, data=sent.body, headers=self.headers(sent.body, base)
            ) as response,
        ):
            await response.read()
            self.answers.append(response.status)
            return response.status
